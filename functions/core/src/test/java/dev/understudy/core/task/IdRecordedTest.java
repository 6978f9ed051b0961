package dev.understudy.core.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdRecordedTest {

  private final TestStack stack = new TestStack();

  private Instant now() {
    return stack.clock.instant();
  }

  private Optional<Task> recorded(Task task, int attempt, boolean own) {
    return Changes.idRecorded(task, attempt, "rw-late", now(), own, stack.settings);
  }

  /** A task in a status, on its only attempt. */
  private Task first(TaskStatus status) {
    return switch (status) {
      case QUEUED -> stack.waiting();
      case SUBMITTING -> stack.submitting();
      case SUBMISSION_UNKNOWN -> stack.unknown();
      case SUBMITTED -> stack.submitted();
      case PERSISTING -> stack.persisting();
      case SUCCEEDED ->
          Changes.succeeded(
              stack.persisting(), now(), new Output("k.mp4", 1, "0", null), List.of());
      case FAILED ->
          Changes.rejected(stack.unknown(), now(), new Failure(Failure.GIVEN_UP, "Given up."));
      case CANCELLED -> Changes.cancelled(stack.waiting(), now());
    };
  }

  /** A task whose first attempt is unknown and whose second, by a person, is in a status. */
  private Task second(TaskStatus status) {
    var queued = ChangesTest.newAttempt(stack.unknown(), now());
    var submitting = queued.edit().status(TaskStatus.SUBMITTING).quiet();
    return switch (status) {
      case QUEUED -> queued;
      case SUBMITTING -> submitting;
      case SUBMISSION_UNKNOWN -> Changes.unknown(submitting, now(), "lost");
      case SUBMITTED -> other(submitting);
      case PERSISTING -> Changes.persisting(other(submitting), now(), stack.settings);
      case SUCCEEDED ->
          Changes.succeeded(
              Changes.persisting(other(submitting), now(), stack.settings),
              now(),
              new Output("k.mp4", 1, "0", null),
              List.of());
      case FAILED -> Changes.rejected(submitting, now(), new Failure("X", "No."));
      case CANCELLED -> Changes.cancelled(queued, now());
    };
  }

  private Task other(Task submitting) {
    return Changes.idRecorded(submitting, 2, "rw-second", now(), true, stack.settings)
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(TaskStatus.class)
  void idRecorded_shouldBeFollowedExactlyWhereItIsWaitedFor_onTheSameAttempt(TaskStatus status) {
    var before = first(status);

    var after = recorded(before, 1, true).orElseThrow();

    assertThat(after.attemptNumber(1).orElseThrow().providerTaskId()).isEqualTo("rw-late");
    assertThat(after.attemptNumber(1).orElseThrow().charge()).isEqualTo(Charge.CHARGED);
    if (EnumSet.of(TaskStatus.SUBMITTING, TaskStatus.SUBMISSION_UNKNOWN).contains(status)) {
      assertThat(after.status()).isEqualTo(TaskStatus.SUBMITTED);
      assertThat(after.providerTaskId()).isEqualTo("rw-late");
    } else {
      assertThat(after.status()).isEqualTo(status);
      assertThat(after.providerTaskId()).isEqualTo(before.providerTaskId());
      assertThat(after.sentence())
          .contains("accepted attempt 1")
          .endsWith(".")
          .doesNotContain("null");
    }
    assertThat(after.version()).isEqualTo(before.version() + 1);
    assertThat(after.charged()).isEqualTo("yes");
    assertThat(Change.of(before, after, Change.Guard.NONE, "n").told())
        .as("a lawful change")
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(TaskStatus.class)
  void idRecorded_shouldBeFollowedWhereNothingElseIs_ofAnEarlierAttempt(TaskStatus status) {
    var before = second(status);

    var after = recorded(before, 1, false).orElseThrow();

    assertThat(after.attemptNumber(1).orElseThrow().providerTaskId()).isEqualTo("rw-late");
    assertThat(after.attemptNumber(1).orElseThrow().charge()).isEqualTo(Charge.CHARGED);
    assertThat(after.attempt()).isEqualTo(2);
    if (status == TaskStatus.QUEUED) {
      assertThat(after.status()).isEqualTo(TaskStatus.SUBMITTED);
      assertThat(after.providerTaskId()).isEqualTo("rw-late");
      assertThat(after.currentAttempt().charge()).as("sends nothing").isEqualTo(Charge.RETURNED);
      assertThat(after.dueAt()).isEqualTo(now());
    } else if (status == TaskStatus.SUBMISSION_UNKNOWN) {
      assertThat(after.status()).isEqualTo(TaskStatus.SUBMITTED);
      assertThat(after.providerTaskId()).isEqualTo("rw-late");
      assertThat(after.currentAttempt().charge()).as("still open").isEqualTo(Charge.UNKNOWN);
      assertThat(after.dueAt()).isEqualTo(now());
    } else {
      assertThat(after.status()).isEqualTo(status);
      assertThat(after.providerTaskId()).isEqualTo(before.providerTaskId());
    }
    assertThat(Change.of(before, after, Change.Guard.NONE, "n").told()).isTrue();
  }

  @Test
  void idRecorded_shouldChangeNothing_whenTheIdIsOnRecord() {
    var task = recorded(stack.submitting(), 1, true).orElseThrow();

    assertThat(recorded(task, 1, true)).isEmpty();
  }

  @Test
  void idRecorded_shouldBeDueAtOnce_whenNoExecutionGoesOn() {
    assertThat(recorded(stack.unknown(), 1, false).orElseThrow().dueAt()).isEqualTo(now());
    assertThat(recorded(stack.unknown(), 1, true).orElseThrow().dueAt())
        .isEqualTo(now().plus(stack.settings.pollFirst()).plus(stack.settings.dueGrace()));
  }

  @Test
  void idRecorded_shouldSpeakOfASecondCharge_whenAnotherIdIsFollowed() {
    var task = recorded(second(TaskStatus.SUBMITTED), 1, false).orElseThrow();

    assertThat(task.sentence()).startsWith("A second charge was seen");
    assertThat(
            Change.of(second(TaskStatus.SUBMITTED), task, Change.Guard.NONE, "n").money().values())
        .allMatch(m -> m.charged() == 40);
  }

  @Test
  void idRecorded_shouldPreferTheProvidersAnswer_toAnIdThatAPersonAttached() {
    var attached = Changes.attached(stack.unknown(), "rw-typo", now(), new Verdict("me", "Seen."));
    var stalled =
        Changes.stalled(attached, now(), Stall.Reason.NOT_VISIBLE, "Gone.", stack.settings);

    var after = recorded(stalled, 1, false).orElseThrow();

    assertThat(after.providerTaskId()).isEqualTo("rw-late");
    assertThat(after.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(after.stall()).isNull();
    assertThat(after.currentAttempt().attachedBy()).isNull();
    assertThat(after.dueAt()).isEqualTo(now());
    assertThat(Change.of(stalled, after, Change.Guard.NONE, "n").money()).isEmpty();

    var second = Changes.idRecorded(after, 1, "rw-third", now(), false, stack.settings);
    assertThat(second.orElseThrow().providerTaskId())
        .as("of two answers the first is followed")
        .isEqualTo("rw-late");
  }

  @Test
  void anEarlierId_shouldBeFollowed_whateverBecomesOfTheLaterAttempt() {
    var submitting =
        stack.change(
            stack.unknown().id(),
            t -> Changes.attemptOrdered(t, now(), 40, new Verdict("me", "Again.")));
    submitting = stack.change(submitting.id(), t -> Changes.admitted(t, now(), stack.settings));
    submitting =
        stack.change(submitting.id(), t -> Changes.submitting(t, now(), "o", stack.settings));
    var both = stack.change(submitting.id(), t -> recorded(t, 1, false).orElseThrow());
    assertThat(both.status()).isEqualTo(TaskStatus.SUBMITTING);

    var ends =
        List.of(
            Changes.refused(both, now(), "HTTP 429: busy", false),
            Changes.rejected(both, now(), new Failure("X", "No.")),
            Changes.returned(both, now(), "Too late."),
            Changes.unknown(both, now(), "a timeout"));

    assertThat(ends)
        .allSatisfy(task -> {
          assertThat(task.status()).isEqualTo(TaskStatus.SUBMITTED);
          assertThat(task.providerTaskId()).isEqualTo("rw-late");
          assertThat(task.attempt()).isEqualTo(2);
          assertThat(task.place()).isFalse();
          assertThat(task.dueAt()).isEqualTo(now());
          assertThat(task.nextPollAt()).isEqualTo(now());
          assertThat(task.sentence()).endsWith("Attempt 1 was accepted, so that one is followed.");
          assertThat(Change.of(both, task, Change.Guard.NONE, "n").places()).isEqualTo(-1);
        });
    assertThat(ends.getLast().currentAttempt().charge()).isEqualTo(Charge.UNKNOWN);
    assertThat(ends.getFirst().currentAttempt().charge()).isEqualTo(Charge.RETURNED);
  }

  @Test
  void idRecorded_shouldKeepAnIdOfAnAttemptThatIsNotListedAnyMore() {
    var task = stack.submitting();
    for (int i = 0; i < 20; i++) {
      task =
          Changes.refused(task.edit().status(TaskStatus.SUBMITTING).quiet(), now(), "Busy.", false);
    }
    assertThat(task.attemptNumber(1)).isEmpty();

    var after = recorded(task, 1, false).orElseThrow();

    assertThat(after.attempts().getFirst().providerTaskId()).isEqualTo("rw-late");
    assertThat(after.currentAttempt().number()).isEqualTo(after.attempt());
  }

  @Test
  void recordId_shouldTellWhetherTheCallersExecutionGoesOn() {
    var task = stack.unknown();
    stack.writer.recordId(
        task.id(),
        task.generation() + 1,
        new Turn.Unrecorded(1, "rw-1"),
        stack.clock,
        stack.settings);

    assertThat(stack.task(task.id()).dueAt()).isEqualTo(now());
  }

  @Test
  void recordId_shouldWin_whenOthersWriteInBetween() {
    var task = stack.submitting();
    stack.faults.at(
        dev.understudy.core.testing.Faults.Moment.BEFORE,
        "write task",
        () -> stack.change(task.id(), t -> Changes.unknown(t, now(), "lease over")));

    var updated =
        stack.writer.recordId(
            task.id(),
            task.generation(),
            new Turn.Unrecorded(1, "rw-1"),
            stack.clock,
            stack.settings);

    assertThat(updated.orElseThrow().task().status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.task(task.id()).charged()).isEqualTo("yes");
    stack.table.assertCountersAreRight();
  }

  @Test
  void update_shouldGiveUp_whenTheTaskKeepsChanging() {
    var task = stack.waiting();
    var never =
        stack.writer.update(
            task.id(),
            t -> {
              stack.change(task.id(), other -> other.edit().quiet());
              return stack.clock.instant().equals(Instant.EPOCH)
                  ? Optional.empty()
                  : Optional.empty();
            });
    assertThat(never.orElseThrow().changed()).isFalse();

    org.assertj.core.api.Assertions.assertThatThrownBy(() ->
            stack.writer.update(
                task.id(),
                t -> {
                  stack.change(task.id(), other -> other.edit().quiet());
                  return Optional.of(t.edit().quiet());
                }))
        .isInstanceOf(dev.understudy.core.errors.Unavailable.class)
        .hasMessageContaining("kept changing");
  }

  @Test
  void replace_shouldBeEmpty_whenTheTaskIsAnother() {
    var task = stack.submitted();
    stack.change(task.id(), t -> t.edit().quiet());

    assertThat(stack.writer.replace(task, Changes.persisting(task, now(), stack.settings)))
        .isEmpty();
    assertThat(stack.table.write(Change.of(task, task, Change.Guard.NONE, "n")))
        .isEqualTo(Written.STALE);
  }

  @Test
  void turn_shouldFollowFromWhatIsStored() {
    var submitted = stack.submitted();
    int g = submitted.generation();
    assertThat(Turn.of(submitted, g, now())).isEqualTo(new Turn(Turn.Next.POLL, 75, null));
    assertThat(Turn.of(submitted, g, now().plusMillis(100)))
        .isEqualTo(new Turn(Turn.Next.POLL, 75, null));
    assertThat(Turn.of(submitted, g, now().plus(Duration.ofHours(1))).seconds()).isZero();
    assertThat(Turn.of(submitted, g + 1, now())).isEqualTo(Turn.end());
    assertThat(Turn.of(null, g, now())).isEqualTo(Turn.end());
    var far = submitted.edit().nextPollAt(now().plus(Duration.ofHours(3))).quiet();
    assertThat(Turn.of(far, g, now()).seconds()).isEqualTo(3600);
    var persisting = stack.persisting();
    assertThat(Turn.of(persisting, g, now())).isEqualTo(new Turn(Turn.Next.PERSIST, 5, null));
    for (var task :
        List.of(stack.waiting(), stack.admitted(), stack.submitting(), stack.unknown())) {
      assertThat(Turn.of(task, task.generation(), now())).isEqualTo(Turn.end());
    }
    assertThat(Turn.record(2, "rw-9"))
        .isEqualTo(new Turn(Turn.Next.POLL, 0, new Turn.Unrecorded(2, "rw-9")));
  }

  @Test
  void turn_shouldEndTheExecution_whenItStalledTheTask() {
    var before = stack.submitted();
    var stalled = Changes.stalled(before, now(), Stall.Reason.DEADLINE, "Late.", stack.settings);

    assertThat(Turn.after(before, stalled, before.generation(), now())).isEqualTo(Turn.end());
    var taken = Changes.nextGeneration(stalled, now(), stack.settings);
    assertThat(Turn.after(taken, taken, taken.generation(), now()).next())
        .isEqualTo(Turn.Next.POLL);
  }
}
