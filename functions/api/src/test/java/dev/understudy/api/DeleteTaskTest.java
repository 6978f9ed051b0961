package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeleteTaskTest {

  private final TestStack stack = new TestStack(Map.of("MAX_IN_FLIGHT", "1"));
  private final DeleteTask action =
      new DeleteTask(stack.writer, stack.admission, stack.announcer, stack.clock);

  private void delete(Task task, Caller caller) {
    var answer = action.answer(Calls.with(""), caller, task.id());
    assertThat(answer).isEqualTo(Answer.empty(204));
  }

  private void assertGone(Task task, Caller caller) {
    Calls.refused(404, () -> action.answer(Calls.with(""), caller, task.id()));
  }

  @Test
  void delete_shouldCancelAndGiveTheMoneyBack_whenItWaits() {
    var task = stack.waiting();

    delete(task, Calls.USER);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(stack.table.money()).isEqualTo(Change.Money.NONE);
    assertThat(stack.events.getLast().status()).isEqualTo(TaskStatus.CANCELLED);
    assertGone(task, Calls.USER);
    stack.table.assertCountersAreRight();
  }

  @Test
  void delete_shouldGiveThePlaceToTheNext_whenItWasBeingStarted() {
    var admitted = stack.admitted();
    var next = stack.waiting();

    delete(admitted, Calls.USER);

    assertThat(stack.task(admitted.id()).status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(stack.task(next.id()).place()).isTrue();
    assertThat(stack.started).contains(new TestStack.Started(next.id(), 1));
    stack.table.assertCountersAreRight();
  }

  @Test
  void delete_shouldHideAndLeaveTheRest_onceItWasSent() {
    var task = stack.submitted();

    delete(task, Calls.USER);

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.hiddenAt()).isEqualTo(stack.clock.instant());
    assertThat(stored.place()).isTrue();
    assertThat(stored.dueAt()).isEqualTo(task.dueAt());
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    assertThat(stack.table.history(task.id()).getLast().sentence())
        .startsWith("It was deleted by its user and is not shown any more.");
    assertThat(stack.events.getLast().hidden()).isTrue();
    assertGone(task, Calls.USER);
    assertGone(task, Calls.ADMIN);
  }

  @Test
  void delete_shouldHideAnEndedTask_andChangeNothingElse() {
    var done =
        stack.change(
            stack.persisting().id(),
            t ->
                Changes.succeeded(
                    t, stack.clock.instant(), new Output("k.mp4", 1, "0", null), List.of()));

    delete(done, Calls.USER);

    var stored = stack.task(done.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(stored.output()).isEqualTo(done.output());
    assertGone(done, Calls.USER);
  }

  @Test
  void delete_shouldKnowNoTaskOfAnotherTenant_butForAnAdmin() {
    var task = stack.waiting();

    assertGone(task, Calls.STRANGER);
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.QUEUED);
    Calls.refused(404, () -> action.answer(Calls.with(""), Calls.USER, "no-such-task"));
    delete(task, Calls.ADMIN);
  }

  @Test
  void delete_shouldHide_whenTheTaskIsSentInTheSameMoment() {
    var task = stack.admitted();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () ->
            stack.change(
                task.id(),
                t -> Changes.submitting(t, stack.clock.instant(), "owner", stack.settings)));

    delete(task, Calls.USER);

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTING);
    assertThat(stored.hiddenAt()).isNotNull();
    assertThat(stack.table.money()).isEqualTo(new Change.Money(40, 0, 0));
  }
}
