package dev.understudy.reconcile;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import dev.understudy.core.testing.TestStack.Started;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReconciliationTest {

  private final TestStack stack = new TestStack();
  private final Reconciliation reconciliation =
      new Reconciliation(
          stack.table,
          stack.writer,
          stack.executions,
          stack.admission,
          stack.announcer,
          stack.desk,
          stack.settings,
          stack.clock);

  private Instant now() {
    return stack.clock.instant();
  }

  private int run() {
    return reconciliation.run(() -> Duration.ofMinutes(5));
  }

  /** Lets time pass until the task is due. */
  private void untilDue(Task task) {
    stack.clock.advance(Duration.between(now(), there(stack.task(task.id()).dueAt())));
  }

  // ---- one row per status

  @Test
  void run_shouldAdmitWhatWaits() {
    var task = stack.waiting();

    run();

    assertThat(stack.started).containsExactly(new Started(task.id(), 1));
    assertThat(stack.task(task.id()).place()).isTrue();
  }

  @Test
  void run_shouldTakeATaskBackToWaiting_whenItWasAdmittedAndNotStartedInTime() {
    var task = stack.admitted();
    stack.clock.advance(stack.settings.dueGrace().minusSeconds(1));
    run();
    assertThat(stack.task(task.id()).place()).isTrue();

    untilDue(task);
    run();

    var stored = stack.task(task.id());
    assertThat(stored.waiting()).isTrue();
    assertThat(stored.notBefore()).isEqualTo(now().plusSeconds(60));
    assertThat(stored.sentence()).startsWith("It was not started in time.");
    stack.clock.advance(Duration.ofMinutes(1));
    run();
    assertThat(stack.started).containsExactly(new Started(task.id(), 2));
  }

  @Test
  void run_shouldMakeASubmissionUnknown_onlyWhenItsLeaseIsOver() {
    var task = stack.submitting();
    stack.clock.advance(Duration.ofSeconds(259));
    run();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTING);

    untilDue(task);
    run();

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMISSION_UNKNOWN);
    assertThat(stored.currentAttempt().charge()).isEqualTo(Charge.UNKNOWN);
    assertThat(stored.place()).isFalse();
    assertThat(stack.table.control().unknownStreak()).isEqualTo(1);
    assertThat(stack.started).as("nothing sends it again").isEmpty();
  }

  @Test
  void run_shouldPauseTheStack_atTheThirdUnknownSubmissionInARow() {
    for (int i = 0; i < 2; i++) {
      stack.submitting();
    }
    untilDue(stack.submitting());

    run();

    assertThat(stack.table.control().paused()).isTrue();
    stack.table.assertCountersAreRight();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SUBMITTED", "PERSISTING"})
  void run_shouldStartANewGeneration_whenATaskIsOverdue(TaskStatus status) {
    var task = status == TaskStatus.SUBMITTED ? stack.submitted() : stack.persisting();

    untilDue(task);
    run();

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(status);
    assertThat(stored.generation()).isEqualTo(task.generation() + 1);
    assertThat(stack.started).containsExactly(new Started(task.id(), task.generation() + 1));
    assertThat(stored.dueAt()).isAfter(now());
  }

  @Test
  void run_shouldStallATask_whenThreeExecutionsInARowMadeNoProgress() {
    var task = stack.submitted();
    for (int i = 0; i < 2; i++) {
      untilDue(task);
      run();
      assertThat(stack.task(task.id()).stall()).isNull();
    }
    untilDue(task);
    run();

    var stored = stack.task(task.id());
    assertThat(there(stored.stall()).reason()).isEqualTo(Stall.Reason.NO_PROGRESS);
    assertThat(stored.place()).isFalse();
    assertThat(stored.generation()).isEqualTo(task.generation() + 2);
    assertThat(stack.started).hasSize(2);
    stack.table.assertCountersAreRight();
  }

  @Test
  void run_shouldTryAStallAgain_whenItIsDue() {
    var task = stack.submitted();
    stack.change(
        task.id(),
        t -> Changes.stalled(t, now(), Stall.Reason.DEADLINE, "It is late.", stack.settings));
    stack.clock.advance(Duration.ofSeconds(299));
    run();
    assertThat(stack.started).isEmpty();

    stack.clock.advance(Duration.ofSeconds(1));
    run();

    assertThat(stack.started).containsExactly(new Started(task.id(), 2));
    assertThat(stack.task(task.id()).sentence())
        .isEqualTo("It is tried again after this: It is late.");
  }

  @Test
  void run_shouldLeaveAloneWhatWaitsForAPersonOrHasEnded() {
    var unknown = stack.unknown();
    var ended =
        stack.change(
            stack.persisting().id(),
            t -> Changes.succeeded(t, now(), new Output("k.mp4", 1, "0", null), List.of()));
    var person = stack.submitted();
    stack.change(
        person.id(),
        t -> {
          var stalled =
              Changes.stalled(
                  t, now().minus(Stall.SELF_HELP), Stall.Reason.DEADLINE, "Late.", stack.settings);
          return Changes.stalled(stalled, now(), Stall.Reason.DEADLINE, "Late.", stack.settings);
        });
    var before = stack.table.tasks();

    stack.clock.advance(Duration.ofDays(2));
    run();

    assertThat(stack.table.tasks()).isEqualTo(before);
    assertThat(stack.started).isEmpty();
    assertThat(unknown.dueAt()).isNull();
    assertThat(ended.dueAt()).isNull();
  }

  @Test
  void run_shouldSendAProbe_whenTheStackPausedItself() {
    stack.waiting();
    stack.control(c -> c.pausedByItself(now(), "x", "401.", stack.settings));
    run();
    assertThat(stack.started).isEmpty();

    stack.clock.advance(Duration.ofMinutes(5));
    run();

    assertThat(stack.started).hasSize(1);
  }

  @Test
  void run_shouldLookAtOrdersAgain_andAnnounceWhatWasNot() {
    var task = stack.waiting();
    stack.bucket.upload("incoming/a/task.json", "{}".getBytes(StandardCharsets.UTF_8));
    stack.bucket.upload("incoming/a/character.png", Clips.png());
    stack.desk.uploaded("incoming/a/task.json");
    assertThat(stack.table.unannounced()).isEqualTo(1);
    stack.bucket.upload("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(4)));
    stack.clock.advance(Duration.ofMinutes(5));

    run();

    assertThat(stack.events).extracting("taskId").contains(task.id());
    assertThat(stack.table.tasks()).hasSize(2);
  }

  @Test
  void run_shouldRepeatAnAnnouncement_untilItIsMade() {
    var task = stack.waiting();
    stack.clock.advance(Duration.ofMinutes(1));
    stack.faults.failAt(Moment.BEFORE, "publish");
    run();
    stack.clock.advance(Duration.ofMinutes(1));
    run();

    assertThat(stack.table.unannounced()).isZero();
    assertThat(stack.events)
        .last()
        .extracting("taskId", "version")
        .containsExactly(task.id(), stack.task(task.id()).version());
  }

  @Test
  void run_shouldTakeUpTasksBeforeAnnouncements_howeverOldTheseAre() {
    for (int i = 0; i < 150; i++) {
      stack.store(stack.newTask("tenant" + i));
    }
    var task = stack.submitted();
    stack.table.tasks().stream()
        .filter(Task::waiting)
        .forEach(t -> stack.change(t.id(), w -> Changes.cancelled(w, now())));
    untilDue(task);
    stack.faults.reset();

    run();

    var calls = stack.faults.calls();
    assertThat(calls.indexOf("start")).isBetween(0, calls.indexOf("publish"));
    assertThat(stack.started).contains(new Started(task.id(), 2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void run_shouldGoOn_whenOneItemFails(boolean ours) {
    var first = stack.submitted();
    var second = stack.submitted();
    untilDue(first);
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> {
          if (ours) {
            throw TestStack.unavailable();
          }
          throw new NullPointerException("a bug");
        });

    run();

    assertThat(List.of(stack.task(first.id()).generation(), stack.task(second.id()).generation()))
        .containsExactlyInAnyOrder(1, 2);
    run();
    assertThat(stack.task(first.id()).generation()).isEqualTo(2);
    assertThat(stack.task(second.id()).generation()).isEqualTo(2);
  }

  @Test
  void run_shouldStopInTime() {
    var task = stack.submitted();
    untilDue(task);

    assertThat(reconciliation.run(() -> Duration.ofSeconds(14))).isZero();
    assertThat(stack.started).isEmpty();
    assertThat(run()).isPositive();
  }

  @Test
  void run_shouldGoOn_whenTheStartFails_andTakeItUpAgainLater() {
    var task = stack.submitted();
    untilDue(task);
    stack.faults.failAt(Moment.BEFORE, "start");
    run();
    assertThat(stack.started).isEmpty();
    assertThat(stack.table.history(task.id()))
        .last()
        .extracting(Task::sentence)
        .isEqualTo("Its execution was lost; a new one takes over.");
    assertThat(stack.events)
        .last()
        .extracting("version")
        .isEqualTo(stack.task(task.id()).version());

    untilDue(task);
    run();
    assertThat(stack.started).containsExactly(new Started(task.id(), 3));
  }

  // ---- races with a late original

  @Test
  void run_shouldLose_whenTheIdIsWrittenFirst() {
    var task = stack.submitting();
    untilDue(task);
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () ->
            stack.writer.recordId(
                task.id(), 1, new Turn.Unrecorded(1, "rw-1"), stack.clock, stack.settings));

    run();

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    assertThat(stack.table.control().unknownStreak()).isZero();
    stack.table.assertCountersAreRight();
  }

  @Test
  void run_shouldLose_whenTheProviderIsSeenAtWorkFirst() {
    var task = stack.submitted();
    untilDue(task);
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () ->
            stack.change(
                task.id(),
                t ->
                    Changes.working(
                        t, now(), "RUNNING", 0.5, now().plusSeconds(10), stack.settings)));

    run();

    assertThat(stack.task(task.id()).generation()).isEqualTo(1);
    assertThat(stack.started).isEmpty();
  }

  @Test
  void run_shouldStartOneExecution_whenTwoRunAtOnce() {
    var task = stack.submitted();
    untilDue(task);
    stack.faults.at(Moment.BEFORE, "write task", this::run);

    run();

    assertThat(stack.started).containsExactly(new Started(task.id(), 2));
    assertThat(stack.task(task.id()).generation()).isEqualTo(2);
  }

  @Test
  void run_shouldNotTouchASubmissionThatWasRefusedMeanwhile() {
    var task = stack.submitting();
    untilDue(task);
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> stack.change(task.id(), t -> Changes.refused(t, now(), "Busy.", false)));

    run();

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(stored.attempt()).isEqualTo(2);
    assertThat(stack.table.control().unknownStreak()).isZero();
  }

  // ---- repair

  @Test
  void repair_shouldMendAtOnce_byStatus() {
    var admitted = stack.admitted();
    var submitting = stack.submitting();
    var submitted = stack.submitted();
    var persisting = stack.persisting();
    for (var task : List.of(admitted, submitting, submitted, persisting)) {
      reconciliation.repair(task.id(), task.generation(), null, "States.Timeout");
    }

    assertThat(stack.task(admitted.id()).waiting()).isTrue();
    assertThat(stack.task(admitted.id()).sentence()).startsWith("It failed before it was sent.");
    assertThat(stack.task(submitting.id())).as("its lease decides").isEqualTo(submitting);
    assertThat(stack.task(submitted.id()).generation()).isEqualTo(2);
    assertThat(stack.task(persisting.id()).generation()).isEqualTo(2);
    assertThat(stack.started)
        .contains(new Started(submitted.id(), 2), new Started(persisting.id(), 2));
    stack.table.assertCountersAreRight();
  }

  @Test
  void repair_shouldGiveTheLeaseUp_whenItIsOver() {
    var task = stack.submitting();
    untilDue(task);

    reconciliation.repair(task.id(), task.generation(), null, "Runtime.ExitError");

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMISSION_UNKNOWN);
  }

  @Test
  void repair_shouldIgnoreAFailure_ofAnOlderGeneration() {
    var task = stack.submitted();
    var next = stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));

    reconciliation.repair(task.id(), task.generation(), null, "States.Timeout");

    assertThat(stack.task(task.id())).isEqualTo(next);
    reconciliation.repair("gone", 1, null, "x");
  }

  @Test
  void repair_shouldWriteAnIdThatThePollCouldNot_andGoOn() {
    var task = stack.submitting();

    reconciliation.repair(
        task.id(), task.generation(), new Turn.Unrecorded(1, "rw-9"), "Unavailable");

    var stored = stack.task(task.id());
    assertThat(stored.providerTaskId()).isEqualTo("rw-9");
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.started).containsExactly(new Started(task.id(), 2));
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
  }

  @Test
  void repair_shouldWriteAnId_evenInAnOlderGeneration() {
    var task = stack.unknown();

    reconciliation.repair(task.id(), 0, new Turn.Unrecorded(1, "rw-9"), "Unavailable");

    assertThat(stack.task(task.id()).providerTaskId()).isEqualTo("rw-9");
    run();
    assertThat(stack.started).containsExactly(new Started(task.id(), 2));
  }

  @Test
  void repair_shouldFail_untilTheIdIsWritten() {
    var task = stack.unknown();
    stack.faults.failAt(Moment.BEFORE, "write task");

    assertThatThrownBy(
            () -> reconciliation.repair(task.id(), 1, new Turn.Unrecorded(1, "rw-9"), "x"))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void repair_shouldLeaveAStallToItsTime() {
    var task = stack.submitted();
    var stalled =
        stack.change(
            task.id(),
            t -> Changes.stalled(t, now(), Stall.Reason.DEADLINE, "Late.", stack.settings));

    reconciliation.repair(task.id(), task.generation(), null, "Runtime.ExitError");
    assertThat(stack.task(task.id())).isEqualTo(stalled);

    untilDue(task);
    reconciliation.repair(task.id(), task.generation(), null, "Runtime.ExitError");
    assertThat(stack.task(task.id()).generation()).isEqualTo(2);
  }

  @Test
  void repair_shouldEndInAStall_whenEveryExecutionFails() {
    var task = stack.submitted();
    for (int i = 0; i < 3; i++) {
      var stored = stack.task(task.id());
      reconciliation.repair(task.id(), stored.generation(), null, "States.Runtime");
    }

    assertThat(there(stack.task(task.id()).stall()).reason()).isEqualTo(Stall.Reason.NO_PROGRESS);
  }

  // ---- killed anywhere

  @TestFactory
  Stream<DynamicTest> run_shouldLoseNothing_whereverItIsKilled() {
    var dry = new ReconciliationTest();
    dry.scene();
    dry.stack.faults.reset();
    dry.run();
    var calls = dry.stack.faults.calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> new ReconciliationTest().dies(moment, call))));
  }

  /** One overdue task of every kind, one that waits, and one that has failed without telling. */
  private void scene() {
    stack.waiting();
    stack.admitted();
    stack.submitting();
    stack.submitted();
    stack.persisting();
    stack.change(stack.waiting().id(), t -> Changes.rejected(t, now(), new Failure("X", "No.")));
    stack.clock.advance(Duration.ofHours(1));
  }

  private void dies(Moment moment, int call) {
    scene();
    stack.faults.reset();
    stack.faults.crashAt(moment, call);
    assertThatThrownBy(this::run).isInstanceOf(Crash.class);
    stack.faults.reset();

    for (int i = 0; i < 30; i++) {
      stack.clock.advance(Duration.ofMinutes(1));
      run();
    }

    assertThat(stack.table.unannounced()).isZero();
    assertThat(stack.table.tasks())
        .allSatisfy(task -> {
          boolean waitsForPerson = task.status() == TaskStatus.SUBMISSION_UNKNOWN;
          boolean looked = task.dueAt() != null && task.dueAt().isAfter(now());
          assertThat(task.status().ended() || waitsForPerson || task.waiting() || looked)
              .as(task.toString())
              .isTrue();
        });
    stack.table.assertCountersAreRight();
  }
}
