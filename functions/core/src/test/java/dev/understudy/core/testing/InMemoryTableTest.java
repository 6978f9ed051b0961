package dev.understudy.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskIndex.Filter;
import dev.understudy.core.ports.TaskIndex.Listed;
import dev.understudy.core.ports.TaskIndex.Page;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The stand-in for the table as people look through it. */
class InMemoryTableTest {

  private final TestStack stack = new TestStack();

  @Test
  void list_shouldGiveATenantsTasks_theYoungestFirst_pageByPage() {
    var tasks = new ArrayList<Task>();
    for (int i = 0; i < 5; i++) {
      tasks.add(stack.waiting());
      stack.clock.advance(Duration.ofSeconds(1));
    }
    stack.waiting("other");
    stack.change(tasks.get(2).id(), t -> Changes.cancelled(t, stack.clock.instant()));

    var first = stack.table.list("default", Filter.ALL, 2, null);
    var second = stack.table.list("default", Filter.ALL, 2, first.next());

    assertThat(Stream.of(first, second).map(Page::tasks).flatMap(List::stream))
        .extracting(Listed::id)
        .containsExactly(
            tasks.get(4).id(), tasks.get(3).id(), tasks.get(1).id(), tasks.get(0).id());
    assertThat(second.next()).isNull();
    assertThat(
            stack
                .table
                .list("default", new Filter(Set.of(TaskStatus.FAILED), null), 20, null)
                .tasks())
        .isEmpty();
    assertThat(stack.table.list("default", new Filter(Set.of(), "no tag"), 20, null).tasks())
        .isEmpty();
  }

  @Test
  void timeline_shouldTellTheOldestFirst_andWhetherThereIsMore() {
    var id = stack.submitted().id();

    assertThat(stack.table.timeline(id, 1, 2).changes())
        .extracting("version", "status")
        .containsExactly(tuple(2L, TaskStatus.QUEUED), tuple(3L, TaskStatus.SUBMITTING));
    assertThat(stack.table.timeline(id, 1, 2).more()).isTrue();
    assertThat(stack.table.timeline(id, 1, 3).more()).isFalse();
    assertThat(stack.table.spent("default", stack.task(id).currentAttempt().month()))
        .isEqualTo(new Change.Money(0, 40, 0));
  }

  @Test
  void decisions_shouldTellTheLatestFirst_withoutAProbeThatWasRefused() {
    var now = stack.clock.instant();
    stack.control(c -> c.pausedByItself(now, "t-1", "Out of credits.", stack.settings));
    stack.control(c -> c.pausedByItself(now, "t-2", "Still out of credits.", stack.settings));
    stack.control(c -> c.probing(now, "t-3", stack.settings));
    stack.control(c -> c.passed(now, "t-3"));
    stack.control(c -> c.busy(now, null));
    stack.control(c -> c.pausedByPerson(now, "Holidays."));

    assertThat(stack.table.decisions(2)).extracting(Decision::paused).containsExactly(true, false);
    assertThat(stack.table.decisions(10)).hasSize(3);
    assertThat(stack.table.decisions(10).getFirst())
        .isEqualTo(new Decision(now, true, "a person", "Holidays."));
    assertThat(stack.table.decisions(10).getLast())
        .isEqualTo(new Decision(now, true, "the stack itself", "Out of credits."));
  }
}
