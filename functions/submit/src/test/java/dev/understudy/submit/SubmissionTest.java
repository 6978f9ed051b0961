package dev.understudy.submit;

import static dev.understudy.core.testing.Answers.accepted;
import static dev.understudy.core.testing.Answers.later;
import static dev.understudy.core.testing.Answers.of;
import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.settings.TimeLimits;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.CallerUris;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Verdict;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionTest {

  private static final Duration PLENTY = Duration.ofSeconds(200);

  private final TestStack stack = new TestStack();
  private final Submission submission = submission(stack);

  private static Submission submission(TestStack stack) {
    return new Submission(
        stack.table,
        stack.writer,
        stack.provider,
        stack.signer,
        stack.apiKey,
        stack.admission,
        stack.announcer,
        stack.settings,
        stack.clock);
  }

  private Turn submit(Task task) {
    return submission.submit(task.id(), task.generation(), () -> PLENTY);
  }

  private Instant now() {
    return stack.clock.instant();
  }

  /** The task that the last admission gave a place, waiting for its execution. */
  private Task admitAgain(Task task) {
    return stack.change(task.id(), t -> Changes.admitted(t, now(), stack.settings));
  }

  // ---- what the POST comes back with

  @Test
  void submit_shouldRecordTheIdAndWaitForTheFirstPoll_whenAccepted() {
    var task = stack.admitted();

    var turn = submit(task);

    var stored = stack.task(task.id());
    assertThat(turn).isEqualTo(new Turn(Turn.Next.POLL, 75, null));
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.providerTaskId()).isEqualTo("rw-1");
    assertThat(stored.place()).isTrue();
    assertThat(stored.dueAt()).as("not moved").isEqualTo(task.dueAt());
    assertThat(stored.dueAt()).isBetween(now().plusSeconds(75 + 150), now().plusSeconds(75 + 300));
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    assertThat(stack.provider.posts()).hasSize(1);
    assertThat(stack.provider.posts().getFirst().key()).isEqualTo("sk-secret-key");
    assertThat(stack.table.control()).isEqualTo(Control.running());
    assertThat(stack.events).last().extracting("status").isEqualTo(TaskStatus.SUBMITTED);
  }

  @Test
  void submit_shouldSendEveryFieldAndBothSignedInputs() {
    var task = stack.admitted();

    submit(task);

    assertThat(stack.provider.posts().getFirst().body())
        .contains(
            "\"bodyControl\":true",
            "\"expressionIntensity\":3",
            "\"seed\":7",
            "\"model\":\"act_two\"")
        .contains("\"ratio\":\"1280:720\"", "\"publicFigureThreshold\":\"auto\"")
        .contains(
            "inputs/" + task.id() + "/character.png?", "inputs/" + task.id() + "/reference.mp4?");
  }

  @Test
  void submit_shouldSendTheCallersAddresses_whenTheProviderIsToFetchThemThere() {
    var task = stack.store(withAddresses(stack.newTask("default")));
    stack.change(task.id(), t -> Changes.admitted(t, now(), stack.settings));

    submit(stack.task(task.id()));

    assertThat(stack.provider.posts().getFirst().body())
        .contains(
            "\"https://media.example.org/inputs/%s/character.png?signed=1\"".formatted(task.id()))
        .contains(
            "\"https://media.example.org/inputs/%s/reference.mp4?signed=2\"".formatted(task.id()))
        .doesNotContain("bucket.example.com");
  }

  private static Task withAddresses(Task plain) {
    return Task.accepted(
        plain.id(),
        plain.tenant(),
        plain.createdAt(),
        plain.currentAttempt().cents(),
        plain.request(),
        new Input(null, "hero.png", null),
        new Input(null, "scene.mp4", null),
        new CallerUris(
            "https://media.example.org/inputs/%s/character.png?signed=1".formatted(plain.id()),
            "https://media.example.org/inputs/%s/reference.mp4?signed=2".formatted(plain.id())),
        null,
        plain.deliverTo(),
        List.of(),
        List.of());
  }

  private record Row(
      String name, Exchange answer, TaskStatus status, Charge charge, boolean pauses) {}

  @TestFactory
  Stream<DynamicTest> submit_shouldFollowTheTableOfOutcomes() {
    var rows =
        List.of(
            new Row(
                "400", of(400, "{\"error\":\"bad\"}"), TaskStatus.FAILED, Charge.RETURNED, false),
            new Row("413", of(413, ""), TaskStatus.FAILED, Charge.RETURNED, false),
            new Row("422", of(422, "{}"), TaskStatus.FAILED, Charge.RETURNED, false),
            new Row(
                "500 invalid_request",
                of(500, "{\"error\":{\"code\":\"invalid_request\",\"message\":\"no\"}}"),
                TaskStatus.FAILED,
                Charge.RETURNED,
                false),
            new Row(
                "Runway's validation error",
                of(
                    502,
                    "{\"error\":\"Validation\",\"issues\":[{\"path\":[\"seed\"],\"message\":\"no\"}]}"),
                TaskStatus.FAILED,
                Charge.RETURNED,
                false),
            new Row("429", later(429, null), TaskStatus.QUEUED, Charge.RETURNED, false),
            new Row(
                "503 model_not_found",
                of(503, "{\"error\":{\"code\":\"model_not_found\",\"message\":\"no channel\"}}"),
                TaskStatus.QUEUED,
                Charge.RETURNED,
                false),
            new Row(
                "not sent",
                new Exchange.NotSent("connection refused"),
                TaskStatus.QUEUED,
                Charge.RETURNED,
                false),
            new Row("401", of(401, "{}"), TaskStatus.QUEUED, Charge.RETURNED, true),
            new Row("402", of(402, "{}"), TaskStatus.QUEUED, Charge.RETURNED, true),
            new Row("403", of(403, "{}"), TaskStatus.QUEUED, Charge.RETURNED, true),
            new Row("301", of(301, "<html>"), TaskStatus.QUEUED, Charge.RETURNED, true),
            new Row("404", of(404, "{}"), TaskStatus.QUEUED, Charge.RETURNED, true),
            new Row(
                "timeout",
                new Exchange.Broken("no answer"),
                TaskStatus.SUBMISSION_UNKNOWN,
                Charge.UNKNOWN,
                false),
            new Row("500", of(500, "{}"), TaskStatus.SUBMISSION_UNKNOWN, Charge.UNKNOWN, false),
            new Row("503", of(503, "{}"), TaskStatus.SUBMISSION_UNKNOWN, Charge.UNKNOWN, false),
            new Row("408", of(408, "{}"), TaskStatus.SUBMISSION_UNKNOWN, Charge.UNKNOWN, false),
            new Row("504", of(504, "<html>"), TaskStatus.SUBMISSION_UNKNOWN, Charge.UNKNOWN, false),
            new Row("524", of(524, ""), TaskStatus.SUBMISSION_UNKNOWN, Charge.UNKNOWN, false),
            new Row(
                "200 without an id",
                of(200, "{}"),
                TaskStatus.SUBMISSION_UNKNOWN,
                Charge.UNKNOWN,
                false),
            new Row(
                "200 in HTML",
                of(200, "<html>"),
                TaskStatus.SUBMISSION_UNKNOWN,
                Charge.UNKNOWN,
                false));
    return rows.stream().map(row -> dynamicTest(row.name(), () -> new SubmissionTest().check(row)));
  }

  /** The end of the execution, once the provider takes tasks again. */
  private static Turn soon(int seconds) {
    return new Turn(Turn.Next.END, seconds, null);
  }

  private void check(Row row) {
    stack.provider.onPost(row.answer());
    var task = stack.admitted();

    var turn = submit(task);

    var stored = stack.task(task.id());
    boolean later = row.status() == TaskStatus.QUEUED && !row.pauses();
    assertThat(turn).isEqualTo(later ? soon(5) : Turn.end());
    assertThat(stored.status()).isEqualTo(row.status());
    assertThat(stored.place()).as("the place is given back").isFalse();
    assertThat(stored.attemptNumber(1).orElseThrow().charge()).isEqualTo(row.charge());
    assertThat(stored.sentence()).endsWith(".").doesNotContain("null", "..", "SIGNED");
    assertThat(stack.table.control().paused()).isEqualTo(row.pauses());
    assertThat(stack.provider.posts()).hasSize(1);
    if (row.status() == TaskStatus.QUEUED) {
      assertThat(stored.attempt()).isEqualTo(2);
      assertThat(there(stored.refusal()).first()).isEqualTo(now());
      assertThat(stack.table.control().notBefore() != null).isEqualTo(!row.pauses());
    }
    if (row.pauses()) {
      assertThat(stack.keyForgotten).as("the secret is read anew").isEqualTo(1);
      assertThat(stack.table.control().lastRefused()).isEqualTo(task.id());
    }
    if (row.status() == TaskStatus.FAILED) {
      assertThat(there(stored.failure()).code()).isEqualTo(Failure.REQUEST_REJECTED);
      assertThat(stored.charged()).isEqualTo("no");
    }
    stack.table.assertCountersAreRight();
    assertThat(stack.table.history(task.id()))
        .last()
        .extracting(Task::status)
        .isEqualTo(row.status());
  }

  @Test
  void submit_shouldKeepTheStackFromSending_asLongAsTheProviderAsks() {
    stack.provider.onPost(later(429, Duration.ofSeconds(90)));

    submit(stack.admitted());

    assertThat(stack.table.control().notBefore()).isEqualTo(now().plusSeconds(90));
    stack.waiting();
    assertThat(stack.admission.admit(5)).isZero();
    stack.clock.advance(Duration.ofSeconds(90));
    assertThat(stack.admission.admit(5)).isEqualTo(2);
  }

  @Test
  void submit_shouldAdmitTheNext_whenItGivesItsPlaceBack() {
    var small = new TestStack(Map.of("MAX_IN_FLIGHT", "1"));
    var task = small.admitted();
    var next = small.waiting();
    small.provider.onPost(of(400, "{}"));

    submission(small).submit(task.id(), task.generation(), () -> PLENTY);

    assertThat(small.task(next.id()).place()).isTrue();
    assertThat(small.started).extracting(TestStack.Started::id).containsExactly(next.id());
  }

  private record Freed(String name, Exchange answer) {}

  @TestFactory
  Stream<DynamicTest> submit_shouldAdmitTheNext_whateverGivesThePlaceBack() {
    return Stream.of(
            new Freed("nobody knows", new Exchange.Broken("no answer")),
            new Freed("it is refused for good", of(422, "{}")))
        .map(row -> dynamicTest(row.name(), () -> admitsTheNext(row.answer(), PLENTY)));
  }

  @Test
  void submit_shouldLetTheTaskTakeItsTurnAgain_whenTheProviderAsksForNoWait() {
    stack.provider.onPost(later(429, Duration.ZERO));
    var task = stack.admitted();

    submit(task);

    assertThat(stack.started)
        .containsExactly(new TestStack.Started(task.id(), task.generation() + 1));
  }

  @Test
  void submit_shouldAdmitTheNext_whenTooLittleTimeIsLeftAfterTheClaim() {
    admitsTheNext(accepted("rw-1"), Duration.ZERO);
  }

  private static void admitsTheNext(Exchange answer, Duration leftAfterTheClaim) {
    var small = new TestStack(Map.of("MAX_IN_FLIGHT", "1"));
    var task = small.admitted();
    var next = small.waiting();
    small.provider.onPost(answer);
    var left = new java.util.ArrayDeque<>(List.of(PLENTY, leftAfterTheClaim));

    submission(small).submit(task.id(), task.generation(), left::remove);

    assertThat(small.task(task.id()).place()).isFalse();
    assertThat(small.task(next.id()).place()).isTrue();
    assertThat(small.started).extracting(TestStack.Started::id).containsExactly(next.id());
    small.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldForgetWhatWasHeldAgainstTheProvider_whenItDecidesOnTheTask() {
    stack.control(c -> c.busy(now(), Duration.ZERO));
    stack.provider.onPost(of(422, "{}"));

    submit(stack.admitted());

    assertThat(stack.table.control().busyStreak()).isZero();
    assertThat(stack.table.control().lastAccepted()).isEqualTo(now());
  }

  @Test
  void submit_shouldLeaveANewAttemptAlone_whenTheAnswerToTheOldOneComesLate() {
    // given: the lease runs out during the POST, and a person orders a new attempt meanwhile
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.unknown(t, now(), "no answer"));
      stack.change(
          task.id(),
          t ->
              Changes.attemptOrdered(
                  t, now(), 40, new Verdict("token 1a2b3c4d of default", "Again")));
      return of(422, "{}");
    });

    assertThat(submit(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(stored.attempt()).isEqualTo(2);
    assertThat(stored.attemptNumber(1).orElseThrow().charge()).isEqualTo(Charge.UNKNOWN);
    stack.table.assertCountersAreRight();
  }

  // ---- who may send

  @ParameterizedTest
  @ValueSource(
      strings = {"older generation", "no place", "submitting", "unknown", "submitted", "ended"})
  void submit_shouldSendNothing_whenTheTaskIsNotAdmittedInThisGeneration(String which) {
    var task =
        switch (which) {
          case "older generation" -> {
            var admitted = stack.admitted();
            var back = stack.change(admitted.id(), t -> Changes.returned(t, now(), "Late."));
            admitAgain(back);
            yield admitted;
          }
          case "no place" -> stack.waiting();
          case "submitting" -> stack.submitting();
          case "unknown" -> stack.unknown();
          case "submitted" -> stack.submitted();
          default -> stack.change(stack.waiting().id(), t -> Changes.cancelled(t, now()));
        };
    var before = stack.task(task.id());

    var turn = submit(task);

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id())).as("writes nothing").isEqualTo(before);
    assertThat(turn.next()).isEqualTo(which.equals("submitted") ? Turn.Next.POLL : Turn.Next.END);
  }

  @Test
  void submit_shouldEnd_whenThereIsNoSuchTask() {
    assertThat(submission.submit("gone", 1, () -> PLENTY)).isEqualTo(Turn.end());
  }

  @Test
  void submit_shouldSendOnce_whenTwoInvocationsRunAtOnce() {
    var task = stack.admitted();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> assertThat(submit(task).next()).isEqualTo(Turn.Next.POLL));

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).hasSize(1);
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
  }

  @Test
  void submit_shouldEnd_whenASecondInvocationComesDuringThePost() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      assertThat(submit(task)).isEqualTo(Turn.end());
      return accepted("rw-1");
    });

    submit(task);

    assertThat(stack.provider.posts()).hasSize(1);
  }

  @Test
  void submit_shouldNotSendAgain_whenTheFirstIdArrivesDuringTheSecondPost_andThatIsRefused() {
    // given: the first submission is unknown, and the second attempt is under way
    var task =
        admitAgain(
            stack.change(stack.unknown().id(), t -> Changes.refused(t, now(), "No.", false)));
    stack.provider.onPost(() -> {
      stack.writer.recordId(
          task.id(), 1, new Turn.Unrecorded(1, "rw-first"), stack.clock, stack.settings);
      return later(429, null);
    });

    // when
    var turn = submit(task);

    // then: it follows what is charged already
    assertThat(turn).isEqualTo(soon(5));
    assertThat(stack.provider.posts()).hasSize(1);
    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.providerTaskId()).isEqualTo("rw-first");
    assertThat(stored.dueAt()).isEqualTo(now());
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    assertThat(stack.table.control().waits(now())).as("the stack waits all the same").isTrue();
    stack.table.assertCountersAreRight();
  }

  // ---- deleted meanwhile

  @Test
  void submit_shouldCancel_whenTheTaskWasDeletedDuringThePost_andThatIsRefused() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.deleted(t, now()).orElseThrow());
      return later(429, null);
    });

    var turn = submit(task);

    assertThat(turn).isEqualTo(soon(5));
    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(stored.charged()).isEqualTo("no");
    assertThat(stack.table.money()).isEqualTo(Change.Money.NONE);
    assertThat(stack.table.control().waits(now())).as("the stack waits all the same").isTrue();
    assertThat(stack.events.getLast().status()).isEqualTo(TaskStatus.CANCELLED);
    stack.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldFollow_whenTheTaskWasDeletedDuringThePost_andThatIsAccepted() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.deleted(t, now()).orElseThrow());
      return accepted("rw-1");
    });

    var turn = submit(task);

    assertThat(turn.next()).isEqualTo(Turn.Next.POLL);
    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.hiddenAt()).isEqualTo(now());
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
  }

  @Test
  void submit_shouldSendNothing_whenTheTaskIsCancelledRightBeforeItsClaim() {
    var task = stack.admitted();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> stack.change(task.id(), t -> Changes.deleted(t, now()).orElseThrow()));

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.CANCELLED);
    stack.table.assertCountersAreRight();
  }

  // ---- before the POST

  @Test
  void submit_shouldGoBackToWaiting_whenThePauseCameAfterAdmission() {
    var task = stack.admitted();
    stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "We are on holiday."));

    assertThat(submit(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.waiting()).isTrue();
    assertThat(stored.attempt()).isEqualTo(1);
    assertThat(stored.sentence())
        .isEqualTo("The stack is paused: We are on holiday. Nothing was sent, nothing was paid.");
    assertThat(stack.events.getLast().sentence()).as("it is told").isEqualTo(stored.sentence());
    assertThat(stack.provider.posts()).isEmpty();
  }

  @Test
  void submit_shouldGoBackToWaiting_whenThePauseComesRightBeforeTheClaim() {
    var task = stack.admitted();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "Stop.")));

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).waiting()).isTrue();
    stack.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldSend_whenPausedAndItIsTheProbe() {
    var task = stack.admitted();
    stack.control(c -> c.pausedByItself(now(), "other", "401.", stack.settings));
    stack.control(c -> c.probing(now(), task.id(), stack.settings));

    submit(task);

    assertThat(stack.provider.posts()).hasSize(1);
    assertThat(stack.table.control().paused()).isFalse();
  }

  @Test
  void submit_shouldGoBackToWaiting_whenTheProviderAskedToWait() {
    var task = stack.admitted();
    stack.control(c -> c.busy(now(), Duration.ofSeconds(30)));

    assertThat(submit(task)).isEqualTo(soon(30));

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).waiting()).isTrue();
  }

  @Test
  void submit_shouldEndAtOnce_whenTheProviderAskedToWaitForLong() {
    var task = stack.admitted();
    stack.control(c -> c.busy(now(), Duration.ofSeconds(61)));

    assertThat(submit(task)).as("reconcile looks every minute").isEqualTo(Turn.end());
  }

  @Test
  void submit_shouldPause_whenThereIsNoKey() {
    stack.key = " ";
    var task = stack.admitted();

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.table.control().paused()).isTrue();
    assertThat(stack.table.control().reason()).contains("put it into the stack's secret");
    assertThat(stack.keyForgotten).isEqualTo(1);
    assertThat(stack.task(task.id()).waiting()).isTrue();
  }

  @Test
  void submit_shouldFailTheTask_whenItsInputsAreNotKeptAnyLonger() {
    var waiting = stack.waiting();
    stack.clock.advance(Duration.ofDays(30));
    var task = admitAgain(waiting);

    assertThat(submit(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(there(stored.failure()).code()).isEqualTo(Failure.INPUTS_EXPIRED);
    assertThat(stored.charged()).isEqualTo("no");
    assertThat(stack.provider.posts()).isEmpty();
  }

  @Test
  void submit_shouldGoBackToWaiting_whenAnAddressWouldBeTooLong() {
    var task = stack.admitted();
    stack.faults.at(
        Moment.BEFORE,
        "sign",
        () -> {
          throw new Misconfigured("The signed address has 2,300 characters, more than 2,048.");
        });

    assertThat(submit(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.waiting()).isTrue();
    assertThat(stored.notBefore()).isEqualTo(now().plusSeconds(60));
    assertThat(stored.sentence()).contains("2,048");
    assertThat(stack.provider.posts()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,0", "185,0"})
  void submit_shouldSendOnlyWithEnoughTimeLeft(int secondsTooFew, int posts) {
    var task = stack.admitted();
    var enough = stack.settings.submitTimeout().plus(TimeLimits.TIME_TO_RECORD);

    submission.submit(task.id(), task.generation(), () -> enough.minusSeconds(secondsTooFew));

    assertThat(stack.provider.posts()).hasSize(posts);
    if (posts == 0) {
      assertThat(stack.task(task.id()).waiting()).isTrue();
      assertThat(stack.task(task.id()).attempt()).isEqualTo(1);
    }
  }

  @Test
  void submit_shouldNotSend_whenTheClaimUsedUpTheTime() {
    var task = stack.admitted();
    var left =
        new java.util.ArrayDeque<>(List.of(Duration.ofSeconds(190), Duration.ofSeconds(175)));

    var turn = submission.submit(task.id(), task.generation(), left::remove);

    assertThat(turn).isEqualTo(Turn.end());
    assertThat(stack.provider.posts()).isEmpty();
    var stored = stack.task(task.id());
    assertThat(stored.waiting()).isTrue();
    assertThat(stored.attempt()).isEqualTo(2);
    assertThat(stored.refusal()).isNull();
    stack.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldNotSend_whenTooLongPassedSinceItsClaim() {
    var task = stack.admitted();
    stack.faults.at(Moment.AFTER, "write task", () -> stack.clock.advance(Duration.ofSeconds(21)));

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).waiting()).isTrue();
    assertThat(stack.task(task.id()).sentence()).doesNotContain("provider did not accept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"findWithControl", "key", "sign"})
  void submit_shouldSayThatNothingWasSent_whenAServiceFailsBeforeTheClaim(String call) {
    var task = stack.admitted();
    stack.faults.failAt(Moment.BEFORE, call);

    assertThatThrownBy(() -> submit(task)).isInstanceOf(NotSubmitted.class);

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id())).isEqualTo(task);
    submit(task); // the retry of the state machine
    assertThat(stack.provider.posts()).hasSize(1);
  }

  @Test
  void submit_shouldLeaveItToTheLease_whenTheClaimsAnswerIsLost() {
    var task = stack.admitted();
    stack.faults.failAt(Moment.AFTER, "write task");

    assertThatThrownBy(() -> submit(task)).isInstanceOf(NotSubmitted.class);
    assertThat(submit(task)).as("the retry finds SUBMITTING").isEqualTo(Turn.end());

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTING);
  }

  // ---- after the POST

  @Test
  void submit_shouldWriteTheIdWithTheNextCall_withoutReadingTheTaskAgain() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.faults.reset();
      return stack.provider.accepts().get();
    });

    submit(task);

    assertThat(stack.faults.calls()).startsWith("write task").doesNotContain("find");
    assertThat(there(stack.task(task.id()).providerTaskId())).isEqualTo("rw-1");
  }

  @Test
  void submit_shouldWriteTheId_whenSomebodyElseHasWrittenToTheTaskDuringThePost() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.unknown(t, stack.clock.instant(), "lease over"));
      return stack.provider.accepts().get();
    });

    submit(task);

    assertThat(there(stack.task(task.id()).providerTaskId())).isEqualTo("rw-1");
    assertThat(stack.task(task.id()).charged()).isEqualTo("yes");
  }

  @Test
  void submit_shouldHandTheIdOn_whenItCannotBeWritten() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.faults.failAt(Moment.BEFORE, "write task");
      return stack.provider.accepts().get();
    });

    var turn = submit(task);

    assertThat(turn).isEqualTo(Turn.record(1, "rw-1"));
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTING);
  }

  @Test
  void submit_shouldHandTheIdOn_whateverKeepsItFromBeingWritten() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.faults.at(
          Moment.BEFORE,
          "write task",
          () -> {
            throw new Misconfigured("Access denied.");
          });
      return stack.provider.accepts().get();
    });

    assertThat(submit(task)).isEqualTo(Turn.record(1, "rw-1"));
  }

  @Test
  void submit_shouldRecordALateId_whenReconcileGaveTheLeaseUp() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.unknown(t, now(), "lease over"));
      return stack.provider.accepts().get();
    });

    assertThat(submit(task).next()).isEqualTo(Turn.Next.POLL);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
  }

  @Test
  void submit_shouldTakeALateRefusal_whenReconcileGaveTheLeaseUp() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.unknown(t, now(), "lease over"));
      return of(400, "{\"error\":\"bad\"}");
    });

    submit(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.FAILED);
    assertThat(stack.task(task.id()).charged()).isEqualTo("no");
    assertThat(stack.table.money()).isEqualTo(Change.Money.NONE);
  }

  @Test
  void submit_shouldCountAnUnknownSubmissionOnce_whenReconcileCountedItAlready() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.change(task.id(), t -> Changes.unknown(t, now(), "lease over"));
      stack.control(c -> c.unknown(now(), task.id(), stack.settings));
      return new Exchange.Broken("a timeout");
    });

    submit(task);

    assertThat(stack.table.control().unknownStreak()).isEqualTo(1);
  }

  @Test
  void submit_shouldPause_afterThreeUnknownSubmissionsInARow() {
    for (int i = 0; i < 3; i++) {
      stack.provider.onPost(new Exchange.Broken("a timeout"));
      assertThat(stack.table.control().paused()).isFalse();
      submit(stack.admitted());
    }
    assertThat(stack.table.control().paused()).isTrue();
    assertThat(stack.table.control().reason()).contains("3 submissions in a row");
  }

  @Test
  void submit_shouldForgetUnknownSubmissions_whenOnePasses() {
    stack.provider.onPost(
        new Exchange.Broken("x"),
        new Exchange.Broken("x"),
        accepted("rw-1"),
        new Exchange.Broken("x"));
    for (int i = 0; i < 4; i++) {
      submit(stack.admitted());
    }
    assertThat(stack.table.control().paused()).isFalse();
    assertThat(stack.table.control().unknownStreak()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 429, 500})
  void submit_shouldWriteTheAnswer_whenTheControlItemCannotBeWritten(int status) {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.faults.failAt(Moment.BEFORE, "control");
      stack.faults.failAt(Moment.BEFORE, "write control");
      return of(status, "{}");
    });

    assertThat(submit(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status())
        .isEqualTo(
            status == 400
                ? TaskStatus.FAILED
                : status == 500 ? TaskStatus.SUBMISSION_UNKNOWN : TaskStatus.QUEUED);
    stack.table.assertCountersAreRight();
  }

  // ---- a refusal that may be this task's own

  @Test
  void submit_shouldFailTheTask_atItsSecond403_afterAnotherPassed() {
    var refused = stack.admitted();
    stack.provider.onPost(of(403, "{}"));
    submit(refused);
    passAnother();

    stack.provider.onPost(of(403, "{\"error\":\"forbidden\"}"));
    submit(admitAgain(refused));

    var stored = stack.task(refused.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(stored.charged()).isEqualTo("no");
    assertThat(stack.table.control().paused()).isFalse();
    stack.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldGoOnWithTheOthers_afterASecond403_thatIsTheTasksOwn() {
    var refused = stack.admitted();
    stack.provider.onPost(of(403, "{}"));
    submit(refused);
    passAnother();
    stack.control(c -> c.busy(now(), Duration.ZERO));
    var next = stack.waiting();
    stack.provider.onPost(of(403, "{}"));

    submit(admitAgain(refused));

    assertThat(stack.task(next.id()).place()).isTrue();
    assertThat(stack.table.control().busyStreak()).as("it did answer").isZero();
  }

  @Test
  void submit_shouldWaitOn_atASecond403_whenItCannotBeSeenWhetherAnotherPassed() {
    var refused = stack.admitted();
    stack.provider.onPost(of(403, "{}"));
    submit(refused);
    passAnother();
    stack.provider.onPost(() -> {
      stack.faults.failAt(Moment.BEFORE, "control");
      return of(403, "{}");
    });

    submit(admitAgain(refused));

    assertThat(stack.task(refused.id()).status()).isEqualTo(TaskStatus.QUEUED);
    stack.table.assertCountersAreRight();
  }

  @Test
  void submit_shouldPauseAgain_atASecond403_whenNoneOtherPassed() {
    var refused = stack.admitted();
    stack.provider.onPost(of(403, "{}"));
    submit(refused);
    stack.clock.advance(Duration.ofMinutes(6));
    stack.control(c -> c.probing(now(), refused.id(), stack.settings));
    stack.provider.onPost(of(403, "{}"));

    submit(admitAgain(refused));

    assertThat(stack.task(refused.id()).status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(stack.table.control().paused()).isTrue();
    assertThat(stack.table.control().probeAt()).isEqualTo(now().plus(Duration.ofMinutes(15)));
  }

  @Test
  void submit_shouldNotTakeTheProbesOwn429_forAnotherThatPassed() {
    var refused = stack.admitted();
    stack.provider.onPost(of(403, "{}"));
    submit(refused);
    stack.clock.advance(Duration.ofMinutes(6));
    stack.control(c -> c.probing(now(), refused.id(), stack.settings));
    stack.provider.onPost(later(429, Duration.ofSeconds(1)));
    submit(admitAgain(refused));
    assertThat(stack.table.control().paused()).as("a 429 resumes").isFalse();
    stack.clock.advance(Duration.ofMinutes(1));
    stack.provider.onPost(of(403, "{}"));

    submit(admitAgain(refused));

    assertThat(stack.task(refused.id()).status()).isEqualTo(TaskStatus.QUEUED);
  }

  @ParameterizedTest
  @CsvSource({"401,403", "403,401", "402,403", "404,404"})
  void submit_shouldNeverFailTheTask_unlessBothRefusalsAre403(int first, int second) {
    var refused = stack.admitted();
    stack.provider.onPost(of(first, "{}"));
    submit(refused);
    passAnother();

    stack.provider.onPost(of(second, "{}"));
    submit(admitAgain(refused));

    assertThat(stack.task(refused.id()).status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(stack.table.control().paused()).isTrue();
  }

  private void passAnother() {
    stack.clock.advance(Duration.ofMinutes(6));
    var other = stack.admitted();
    stack.control(c -> c.probing(now(), other.id(), stack.settings));
    submit(other);
    assertThat(stack.table.control().paused()).isFalse();
    stack.clock.advance(Duration.ofSeconds(1));
  }

  @Test
  void submit_shouldNotPause_whenAPersonResumedDuringThePost() {
    stack.control(c -> c.busy(now(), Duration.ZERO));
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "A moment."));
      stack.control(c -> c.resumed(now(), "token 1a2b3c4d of default", "Back."));
      return of(401, "{}");
    });

    submit(task);

    assertThat(stack.table.control().paused()).isFalse();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.QUEUED);
  }

  @Test
  void submit_shouldNotUndoAPersonsPause_whenThePostPasses() {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "Stop."));
      return accepted("rw-1");
    });

    submit(task);

    assertThat(stack.table.control().paused()).isTrue();
    assertThat(stack.table.control().reason()).isEqualTo("Stop.");
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
  }

  // ---- MaxWait

  private Task refusedFor(Duration time) {
    var task = stack.admitted();
    stack.provider.onPost(later(429, Duration.ZERO));
    submit(task);
    stack.clock.advance(time);
    return admitAgain(task);
  }

  @Test
  void submit_shouldFailTheTask_whenTheProviderRefusedItForMaxWait() {
    var task = refusedFor(Duration.ofHours(24));
    stack.provider.onPost(later(429, null));

    submit(task);

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(there(stored.failure()).code()).isEqualTo(Failure.NOT_ACCEPTED);
    assertThat(stored.sentence()).startsWith("The provider would not take it for 24 h: HTTP 429");
    assertThat(stack.table.money()).isEqualTo(Change.Money.NONE);
  }

  @Test
  void submit_shouldGoOnTrying_beforeMaxWaitIsOver() {
    var task = refusedFor(Duration.ofHours(24).minusSeconds(1));
    stack.provider.onPost(later(429, null));

    submit(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.QUEUED);
  }

  @Test
  void submit_shouldNotCountTheTimeOfAPauseAgainstTheTask() {
    var task = refusedFor(Duration.ofHours(1));
    stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "A long weekend."));
    stack.clock.advance(Duration.ofDays(4));
    stack.control(c -> c.resumed(now(), "token 1a2b3c4d of default", "Back."));
    stack.clock.advance(Duration.ofMinutes(1));
    stack.provider.onPost(later(429, null));

    submit(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.QUEUED);
  }

  // ---- whatever dies, wherever

  @TestFactory
  Stream<DynamicTest> submit_shouldNeverSendTwiceNorLoseTheTask_whereverItIsKilled() {
    var dry = new SubmissionTest();
    var first = dry.stack.admitted();
    dry.stack.faults.reset();
    dry.submit(first);
    var calls = dry.stack.faults.calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            java.util.stream.IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> new SubmissionTest().dies(moment, call))));
  }

  private void dies(Moment moment, int call) {
    var task = stack.admitted();
    stack.faults.reset();
    stack.faults.crashAt(moment, call);

    assertThatThrownBy(() -> submit(task)).isInstanceOf(Crash.class);
    stack.faults.reset();
    submit(task); // whoever runs it again
    submit(task);

    assertThat(stack.provider.posts()).hasSizeLessThanOrEqualTo(1);
    var stored = stack.task(task.id());
    assertThat(stored.status()).isIn(TaskStatus.SUBMITTING, TaskStatus.SUBMITTED);
    if (stored.status() == TaskStatus.SUBMITTING) {
      assertThat(stored.dueAt()).as("reconcile finds it").isNotNull();
    }
    stack.table.assertCountersAreRight();
  }
}
