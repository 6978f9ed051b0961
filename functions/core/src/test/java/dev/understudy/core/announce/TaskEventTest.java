package dev.understudy.core.announce;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.Verdict;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a rule can tell apart by an event's fields alone. */
class TaskEventTest {

  private final TestStack stack = new TestStack();

  private Instant now() {
    return stack.clock.instant();
  }

  private Task stalled(Task task) {
    return Changes.stalled(
        task, now(), Stall.Reason.NO_OUTPUT, "There is no address.", stack.settings);
  }

  private static boolean calls(Task task) {
    return Boolean.TRUE.equals(TaskEvent.of(task).personNeeded());
  }

  @Test
  void of_shouldLeaveBothOut_whileTheTaskGoesOn() {
    var event = TaskEvent.of(stack.submitted());

    assertThat(Json.MAPPER.<JsonNode>valueToTree(event).fieldNames())
        .toIterable()
        .doesNotContain("ended", "personNeeded", "hidden", "stalled")
        .contains("taskId", "version", "status", "sentence", "charged", "tenant", "tags", "at");
  }

  @Test
  void of_shouldSayThatItEnded_whateverTheEnd() {
    var cancelled = TaskEvent.of(Changes.cancelled(stack.waiting(), now()));

    assertThat(cancelled.ended()).isTrue();
    assertThat(cancelled.personNeeded()).isNull();
  }

  @Test
  void of_shouldCallForAPerson_whenASubmissionIsUnknown() {
    assertThat(calls(stack.unknown())).isTrue();
  }

  @Test
  void of_shouldCallForAPersonOnce_whileAStallHelpsItself() {
    var begun = stalled(stack.submitted());
    assertThat(calls(begun)).isTrue();

    stack.clock.advance(Duration.ofMinutes(5));
    var tried = Changes.nextGeneration(begun, now(), stack.settings);
    assertThat(tried.stall()).isNotNull();
    assertThat(calls(tried)).isFalse();

    stack.clock.advance(Duration.ofMinutes(1));
    var inVain = stalled(tried);
    assertThat(inVain.stall()).isNotNull();
    assertThat(calls(inVain)).isFalse();

    stack.clock.advance(Stall.SELF_HELP);
    var left = stalled(Changes.nextGeneration(inVain, now(), stack.settings));
    assertThat(calls(left)).isTrue();

    var again = Changes.triedAgain(left, now(), new Verdict("Ann", "The bucket is mended."));
    assertThat(calls(again)).isFalse();
  }
}
