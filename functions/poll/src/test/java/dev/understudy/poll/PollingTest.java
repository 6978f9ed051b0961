package dev.understudy.poll;

import static dev.understudy.core.testing.Answers.done;
import static dev.understudy.core.testing.Answers.doneWithoutOutput;
import static dev.understudy.core.testing.Answers.failed;
import static dev.understudy.core.testing.Answers.notExist;
import static dev.understudy.core.testing.Answers.of;
import static dev.understudy.core.testing.Answers.running;
import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollingTest {

  private final TestStack stack = new TestStack();
  private final Polling polling = polling(stack);

  private static Polling polling(TestStack stack) {
    return new Polling(
        stack.table,
        stack.writer,
        stack.provider,
        stack.apiKey,
        stack.admission,
        stack.announcer,
        stack.settings,
        stack.clock,
        stack.random);
  }

  private Instant now() {
    return stack.clock.instant();
  }

  /** A submitted task whose turn has come. */
  private Task due() {
    var task = stack.submitted();
    stack.clock.advance(stack.settings.pollFirst());
    return task;
  }

  private Turn poll(Task task) {
    return polling.poll(task.id(), task.generation(), null);
  }

  /** Polls in its turns until the execution ends or goes on to Persist. */
  private Turn follow(Task task) {
    while (true) {
      var turn = poll(task);
      if (turn.next() != Turn.Next.POLL) {
        return turn;
      }
      stack.clock.advance(Duration.ofSeconds(turn.seconds()));
    }
  }

  // ---- what the answer says

  @Test
  void poll_shouldKeepTheProgressAndWait_whileTheProviderWorks() {
    var task = due();
    stack.provider.onAsk(running(0.42));

    var turn = poll(task);

    var stored = stack.task(task.id());
    assertThat(turn.next()).isEqualTo(Turn.Next.POLL);
    assertThat(turn.seconds()).isBetween(5, 30);
    assertThat(stored.progress()).isEqualTo(0.42);
    assertThat(stored.providerStatus()).isEqualTo("RUNNING");
    assertThat(stored.polls()).isEqualTo(1);
    assertThat(stored.nextPollAt()).isEqualTo(now().plusSeconds(turn.seconds()));
    assertThat(stored.dueAt())
        .as("half of the grace is left, so it is not moved")
        .isEqualTo(task.dueAt())
        .isAfter(there(stored.nextPollAt()).plusSeconds(150));
    assertThat(stored.version()).as("nobody is told").isEqualTo(task.version());
  }

  @Test
  void poll_shouldGoOnToPersist_whenDone() {
    var task = due();
    stack.provider.onAsk(done());

    var turn = poll(task);

    var stored = stack.task(task.id());
    assertThat(turn).isEqualTo(new Turn(Turn.Next.PERSIST, 5, null));
    assertThat(stored.status()).isEqualTo(TaskStatus.PERSISTING);
    assertThat(stored.place()).isFalse();
    assertThat(stored.toString())
        .as("the address is not stored")
        .doesNotContain("SIGNED", "cdn.example");
    assertThat(stack.events).last().extracting("status").isEqualTo(TaskStatus.PERSISTING);
  }

  @Test
  void poll_shouldAdmitTheNext_whenThePlaceIsFree() {
    var small = new TestStack(Map.of("MAX_IN_FLIGHT", "1"));
    var task = small.submitted();
    var next = small.waiting();
    small.clock.advance(small.settings.pollFirst());
    small.provider.onAsk(done());

    polling(small).poll(task.id(), task.generation(), null);

    assertThat(small.task(next.id()).place()).isTrue();
  }

  @Test
  void poll_shouldFailTheTask_whenTheProviderEndsIt() {
    var task = due();
    stack.provider.onAsk(failed("SAFETY.INPUT.TEXT"));

    assertThat(poll(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(there(stored.failure()).code()).isEqualTo("SAFETY.INPUT.TEXT");
    assertThat(stored.charged()).isEqualTo("unknown");
    assertThat(stored.place()).isFalse();
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 0, 40));
  }

  @Test
  void poll_shouldNameTheFailureItself_whenTheProviderGivesNoCode() {
    var task = due();
    stack.provider.onAsk(of(200, "{\"id\":\"x\",\"status\":\"FAILED\"}"));

    poll(task);

    assertThat(there(stack.task(task.id()).failure()).code()).isEqualTo(Failure.PROVIDER_FAILED);
  }

  @TestFactory
  Stream<DynamicTest> poll_shouldAskAgain_whateverElseComesBack() {
    return Map.<String, Exchange>of(
            "500", of(500, "{}"),
            "503", of(503, "<html>"),
            "429", of(429, "{}"),
            "network", new Exchange.Broken("reset"),
            "not sent", new Exchange.NotSent("refused"),
            "HTML", of(200, "<html>"),
            "broken JSON", of(200, "{\"id\":"),
            "unheard-of status", of(200, "{\"id\":\"x\",\"status\":\"DREAMING\"}"),
            "not visible", notExist(),
            "done without a video", doneWithoutOutput())
        .entrySet()
        .stream()
        .map(row ->
            dynamicTest(
                row.getKey(),
                () -> {
                  var test = new PollingTest();
                  var task = test.due();
                  test.stack.provider.onAsk(row.getValue());

                  var turn = test.poll(task);

                  assertThat(turn.next()).isEqualTo(Turn.Next.POLL);
                  assertThat(turn.seconds()).isGreaterThanOrEqualTo(5);
                  var stored = test.stack.task(task.id());
                  assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
                  assertThat(stored.stall()).isNull();
                  assertThat(stored.place()).isTrue();
                }));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void poll_shouldReadTheSecretAnew_whenTheKeyIsRefused(int status) {
    var task = due();
    stack.provider.onAsk(of(status, "{}"));

    assertThat(poll(task).next()).isEqualTo(Turn.Next.POLL);
    assertThat(stack.keyForgotten).isEqualTo(1);
  }

  // ---- graces and the deadline: stalls, judged only after an answer

  @Test
  void poll_shouldStall_whenTheIdStaysUnknownForTheGrace() {
    var task = due();
    var start = there(stack.task(task.id()).submittedAt());
    for (int i = 0; i < 200; i++) {
      stack.provider.onAsk(notExist());
    }

    assertThat(follow(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(there(stored.stall()).reason()).isEqualTo(Stall.Reason.NOT_VISIBLE);
    assertThat(Duration.between(start, now()))
        .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(12));
    assertThat(stored.place()).isFalse();
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.dueAt()).isEqualTo(now().plusSeconds(300));
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void poll_shouldStartTheGraceAnew_whenATaskThatWasSeenIsOutOfSight() {
    var task = due();
    stack.provider.onAsk(running(0.1));
    poll(task);
    stack.clock.advance(Duration.ofHours(1));
    stack.provider.onAsk(notExist());

    assertThat(poll(task).next()).isEqualTo(Turn.Next.POLL);

    assertThat(stack.task(task.id()).stall()).isNull();
    assertThat(stack.task(task.id()).notVisibleSince()).isEqualTo(now());
  }

  @Test
  void poll_shouldStall_whenDoneWithoutAVideoForTheGrace() {
    var task = due();
    for (int i = 0; i < 300; i++) {
      stack.provider.onAsk(doneWithoutOutput());
    }
    var start = now();

    assertThat(follow(task)).isEqualTo(Turn.end());

    assertThat(there(stack.task(task.id()).stall()).reason()).isEqualTo(Stall.Reason.NO_OUTPUT);
    assertThat(Duration.between(start, now()))
        .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(12));
  }

  @Test
  void poll_shouldStall_whenTheDeadlineIsOver_afterOneMoreAnswer() {
    var task = due();

    assertThat(follow(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(there(stored.stall()).reason()).isEqualTo(Stall.Reason.DEADLINE);
    assertThat(stored.sentence())
        .isEqualTo(
            "The provider has not finished it 6 h after it accepted it, and says it is still RUNNING.");
    assertThat(stack.provider.asks()).as("six hours in few polls").hasSizeLessThan(400);
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void poll_shouldTakeALateVideo_howeverLate() {
    var task = due();
    stack.clock.advance(Duration.ofDays(3));
    stack.provider.onAsk(done());

    assertThat(poll(task).next()).isEqualTo(Turn.Next.PERSIST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "error"})
  void poll_shouldNotJudgeTheDeadline_beforeAnAnswer(String answer) {
    var task = due();
    stack.clock.advance(Duration.ofDays(1));
    stack.provider.onAsk(answer.equals("running") ? running(0.9) : of(500, "{}"));

    assertThat(poll(task)).isEqualTo(Turn.end());

    assertThat(stack.provider.asks()).hasSize(1);
    assertThat(there(stack.task(task.id()).stall()).reason()).isEqualTo(Stall.Reason.DEADLINE);
  }

  @Test
  void poll_shouldPollOnceForEachTryOfAStall_andGoOnWhenItIsOver() {
    var task = due();
    stack.clock.advance(Duration.ofHours(7));
    poll(task);
    int asked = stack.provider.asks().size();

    for (int i = 1; i <= 3; i++) {
      stack.clock.advance(Duration.between(now(), there(stack.task(task.id()).dueAt())));
      var next = stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));
      assertThat(poll(next)).isEqualTo(Turn.end());
      assertThat(stack.provider.asks()).hasSize(asked + i);
      assertThat(there(stack.task(task.id()).stall()).tries()).isEqualTo(i);
    }
    stack.clock.advance(Duration.ofHours(1));
    var last = stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));
    stack.provider.onAsk(done());
    assertThat(poll(last).next()).isEqualTo(Turn.Next.PERSIST);
    assertThat(stack.task(task.id()).stall()).isNull();
  }

  @Test
  void poll_shouldNotAskForATaskThatWaitsForAPerson() {
    var task = due();
    stack.change(
        task.id(),
        t -> {
          var stalled = Changes.stalled(t, now(), Stall.Reason.DEADLINE, "Late.", stack.settings);
          return Changes.stalled(
              stalled, now().plus(Stall.SELF_HELP), Stall.Reason.DEADLINE, "Late.", stack.settings);
        });
    assertThat(Turn.of(stack.task(task.id()), task.generation(), now())).isEqualTo(Turn.end());
  }

  @Test
  void poll_shouldCountItsTimeFromTheLastThrottled_whenItWasQueuedThere() {
    var task = due();
    stack.provider.onAsk(of(200, "{\"id\":\"x\",\"status\":\"THROTTLED\"}"));

    var throttled = poll(task);
    var since = now();
    stack.clock.advance(Duration.ofSeconds(20));
    stack.change(task.id(), t -> Changes.notYet(t, now(), false, false, now(), stack.settings));
    var running = poll(task);

    assertThat(throttled.seconds()).isBetween(54, 66);
    assertThat(stack.task(task.id()).throttledAt()).isEqualTo(since);
    // 20 s of the 75 in which it cannot end, varied by a tenth
    assertThat(running.seconds()).isBetween(49, 61);
  }

  @Test
  void poll_shouldAskWhenItIsDone_whenItsProgressIsSteady() {
    var task = due();
    stack.provider.onAsk(running(0.5), running(0.6));

    poll(task);
    stack.clock.advance(Duration.ofSeconds(15));
    stack.change(task.id(), t -> Changes.notYet(t, now(), false, false, now(), stack.settings));
    var turn = poll(task);

    assertThat(stack.task(task.id()).seenAt()).isEqualTo(now());
    // 75 s for half of it, 15 s for another tenth: in 60 s; at the most four times the usual wait
    assertThat(turn.seconds()).isEqualTo(48);
  }

  // ---- claims

  @Test
  void poll_shouldNotAsk_beforeItsTurn() {
    var task = stack.submitted();
    stack.clock.advance(Duration.ofSeconds(20));

    assertThat(poll(task)).isEqualTo(new Turn(Turn.Next.POLL, 55, null));
    assertThat(stack.provider.asks()).isEmpty();
  }

  @Test
  void poll_shouldBeABystander_inAnOlderGeneration() {
    var task = due();
    stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));
    var before = stack.task(task.id());

    assertThat(poll(task)).isEqualTo(Turn.end());
    assertThat(stack.provider.asks()).isEmpty();
    assertThat(stack.task(task.id())).isEqualTo(before);
  }

  @Test
  void poll_shouldEnd_whenThereIsNoSuchTask() {
    assertThat(polling.poll("gone", 1, null)).isEqualTo(Turn.end());
  }

  @Test
  void poll_shouldRouteByWhatIsStored() {
    var persisting = stack.persisting();
    stack.clock.advance(Duration.ofMinutes(1));

    var turn = poll(persisting);

    assertThat(turn).isEqualTo(new Turn(Turn.Next.PERSIST, 0, null));
    assertThat(stack.provider.asks()).isEmpty();
    assertThat(stack.task(persisting.id())).as("its turn is left to Persist").isEqualTo(persisting);
  }

  @Test
  void poll_shouldAdmitWhoWaits_whenItsTaskHadToWaitForTheProvider() {
    var task = stack.admitted();
    stack.change(task.id(), t -> Changes.heldBack(t, now(), "The provider asked to wait."));

    assertThat(poll(task)).as("another execution has it now").isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).place()).isTrue();
    assertThat(stack.task(task.id()).generation()).isEqualTo(task.generation() + 1);
    assertThat(stack.started).hasSize(1);
  }

  @Test
  void poll_shouldKeepTheDistance_underDuplicates() {
    var task = due();
    stack.faults.at(Moment.BEFORE, "GET", () -> assertThat(poll(task).seconds()).isEqualTo(10));

    poll(task);
    poll(task);
    stack.clock.advance(Duration.ofSeconds(4));
    poll(task);

    assertThat(stack.provider.asks()).hasSize(1);
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 6, 30})
  void poll_shouldKeepTheDistance_whenAnInvocationIsSlowBetweenClaimAndGet(int seconds) {
    var task = due();
    stack.faults.at(Moment.AFTER, "claim", () -> stack.clock.advance(Duration.ofSeconds(seconds)));
    poll(task); // slow
    for (int i = 0; i < 40; i++) {
      stack.clock.advance(Duration.ofSeconds(1));
      poll(task);
    }
    assertThat(stack.provider.asks()).isNotEmpty();
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void poll_shouldNotAskAnyMore_whenAnotherCouldHaveAskedSinceItsClaim() {
    var task = due();
    stack.faults.at(
        Moment.AFTER,
        "claim",
        () -> {
          stack.clock.advance(Duration.ofSeconds(10));
          poll(task); // the next turn has come, and another takes it
        });

    poll(task);

    assertThat(stack.provider.asks()).hasSize(1);
  }

  @TestFactory
  Stream<DynamicTest> poll_shouldKeepTheDistanceAndTheTask_whereverItIsKilled() {
    var dry = new PollingTest();
    var first = dry.due();
    dry.stack.provider.onAsk(done());
    dry.stack.faults.reset();
    dry.poll(first);
    var calls = dry.stack.faults.calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> new PollingTest().dies(moment, call))));
  }

  private void dies(Moment moment, int call) {
    var task = due();
    stack.provider.onAsk(done());
    stack.faults.reset();
    stack.faults.crashAt(moment, call);

    assertThatThrownBy(() -> poll(task)).isInstanceOf(Crash.class);
    stack.faults.reset();
    stack.provider.onAsk(done());
    for (int i = 0; i < 20; i++) {
      poll(task);
      stack.clock.advance(Duration.ofSeconds(1));
    }

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.PERSISTING);
    stack.provider.assertDistance(stack.settings.pollMin());
    stack.table.assertCountersAreRight();
  }

  @Test
  void poll_shouldDropItsAnswer_whenTheTaskChangedMeanwhile() {
    var task = due();
    stack.provider.onAsk(() -> {
      stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));
      return done();
    });

    assertThat(poll(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.task(task.id()).generation()).isEqualTo(task.generation() + 1);
  }

  @Test
  void poll_shouldFail_whenTheTableDoesNotAnswer_soThatTheStateIsTriedAgain() {
    var task = due();
    stack.faults.failAt(Moment.BEFORE, "claim");

    assertThatThrownBy(() -> poll(task)).isInstanceOf(Unavailable.class);
    assertThat(stack.provider.asks()).isEmpty();
  }

  // ---- an id in hand

  @Test
  void poll_shouldWriteAnIdFirst_whenSubmitCouldNot() {
    var task = stack.submitting();

    var turn = polling.poll(task.id(), task.generation(), new Turn.Unrecorded(1, "rw-7"));

    assertThat(turn).isEqualTo(new Turn(Turn.Next.POLL, 75, null));
    assertThat(stack.task(task.id()).providerTaskId()).isEqualTo("rw-7");
    assertThat(stack.provider.asks()).isEmpty();
    stack.table.assertCountersAreRight();
  }

  @Test
  void poll_shouldTellOfAnIdThatItWrote() {
    var task = stack.submitting();

    polling.poll(task.id(), task.generation(), new Turn.Unrecorded(1, "rw-7"));

    assertThat(stack.events.getLast().status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.events.getLast().taskId()).isEqualTo(task.id());
  }

  @Test
  void poll_shouldWriteAnId_evenInAnOlderGeneration() {
    var task = stack.unknown();

    assertThat(polling.poll(task.id(), task.generation() - 1, new Turn.Unrecorded(1, "rw-7")))
        .isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.task(task.id()).dueAt()).as("for reconcile to go on").isEqualTo(now());
  }

  @Test
  void poll_shouldFail_untilTheIdIsWritten() {
    var task = stack.submitting();
    stack.faults.failAt(Moment.BEFORE, "write task");
    var unrecorded = new Turn.Unrecorded(1, "rw-7");

    assertThatThrownBy(() -> polling.poll(task.id(), task.generation(), unrecorded))
        .isInstanceOf(Unavailable.class);

    polling.poll(task.id(), task.generation(), unrecorded);
    assertThat(stack.task(task.id()).providerTaskId()).isEqualTo("rw-7");
  }

  @Test
  void poll_shouldChangeNothing_whenTheIdWasWrittenAfterAll() {
    var task = due();

    polling.poll(task.id(), task.generation(), new Turn.Unrecorded(1, "rw-1"));

    assertThat(stack.provider.asks()).hasSize(1);
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
  }
}
