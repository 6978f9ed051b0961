package dev.understudy.core.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskWriterTest {

  private final TestStack stack = new TestStack();

  /** By its nonce a writer tells whether the change that is stored is its own. */
  @Test
  void everyWrite_shouldHaveANonceOfItsOwn() {
    var task = stack.submitted();
    var first = stack.writer.replace(task, Changes.hidden(task, stack.clock.instant()));
    var second =
        stack.writer.update(
            task.id(),
            t -> Optional.of(Changes.nextGeneration(t, stack.clock.instant(), stack.settings)));

    assertThat(first.orElseThrow().writer()).isNotBlank();
    assertThat(second.orElseThrow().task().writer())
        .isNotBlank()
        .isNotEqualTo(first.orElseThrow().writer());
  }

  @Test
  void update_shouldApplyTheRuleToWhatIsStoredThen_andGiveUpInTheEnd() {
    var task = stack.submitted();
    var seen = new ArrayList<Long>();

    assertThatThrownBy(() ->
            stack.writer.update(
                task.id(),
                t -> {
                  seen.add(t.rev());
                  stack.faults.at(Moment.BEFORE, "write task", () -> anotherChanges(task.id()));
                  return Optional.of(Changes.hidden(t, stack.clock.instant()));
                }))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining(task.id());

    assertThat(seen).doesNotHaveDuplicates().hasSizeGreaterThan(2);
    assertThat(stack.task(task.id()).hiddenAt()).isNull();
  }

  private void anotherChanges(String id) {
    stack.change(id, t -> Changes.nextGeneration(t, stack.clock.instant(), stack.settings));
  }
}
