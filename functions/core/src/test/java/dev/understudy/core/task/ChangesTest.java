package dev.understudy.core.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.json.Json;
import dev.understudy.core.settings.TimeLimits;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChangesTest {

  private static final Verdict VERDICT =
      new Verdict("token 1a2b3c4d of default", "The provider's list shows it");

  private final TestStack stack = new TestStack();

  private Instant now() {
    return stack.clock.instant();
  }

  private static void assertSane(Task task) {
    for (var text : List.of(task.sentence(), task.next())) {
      assertThat(text)
          .endsWith(".")
          .doesNotContain("null", "..", "http://", "https://", "  ", "?X-Amz", "PT");
      assertThat(Character.isUpperCase(text.charAt(0)) || text.startsWith("The "))
          .as(text)
          .isTrue();
    }
  }

  @Test
  void everyChange_shouldSayWhereItIsInSaneSentences() {
    var s = stack.settings;
    var waiting = stack.waiting();
    var admitted = stack.admitted();
    var submitting = stack.submitting();
    var submitted = stack.submitted();
    var persisting = Changes.persisting(submitted, now(), s);
    var stalled = Changes.stalled(submitted, now(), Stall.Reason.NOT_VISIBLE, "It is not seen", s);
    var all =
        List.of(
            waiting,
            Changes.admitted(waiting, now(), s),
            submitting,
            Changes.returned(admitted, now(), "It was not started in time."),
            Changes.returned(submitting, now(), "Too long passed"),
            Changes.heldBack(admitted, now(), "The stack is paused: a person did it"),
            Changes.refused(submitting, now(), "HTTP 429: Too many requests", false),
            Changes.rejected(submitting, now(), new Failure("C", "The provider refused it")),
            Changes.unknown(submitting, now(), "HTTP 504: no reason given"),
            submitted,
            stalled,
            Changes.stalled(stalled, now().plus(Stall.SELF_HELP), Stall.Reason.DEADLINE, "Late!", s)
                .edit()
                .told(now(), "Late.", "x.") // an exclamation mark is an end, too
            ,
            Changes.nextGeneration(submitted, now(), s),
            Changes.nextGeneration(stalled, now(), s),
            Changes.working(stalled, now(), "RUNNING", null, now(), s),
            persisting,
            Changes.failedByProvider(submitted, now(), new Failure("SAFETY", "Moderation said no")),
            Changes.succeeded(
                persisting, now(), new Output("outputs/a/b.mp4", 1, "00", null), List.of()),
            Changes.cancelled(waiting, now()),
            Changes.hidden(submitting, now()),
            Changes.hidden(submitted, now()),
            Changes.refused(Changes.hidden(submitting, now()), now(), "HTTP 429", false),
            Changes.attached(stack.unknown(), "rw-7", now(), VERDICT),
            Changes.attemptOrdered(stack.unknown(), now(), 40, VERDICT),
            Changes.cancelled(newAttempt(stack.unknown(), now()), now()),
            Changes.givenUp(stack.unknown(), now(), Charge.CHARGED, VERDICT),
            Changes.givenUp(stack.unknown(), now(), Charge.RETURNED, VERDICT),
            Changes.givenUp(stack.unknown(), now(), Charge.UNKNOWN, VERDICT),
            Changes.triedAgain(stalled, now(), VERDICT),
            Changes.earlierFollowed(
                waiting, Attempt.reserved(1, 40, "2026-11").accepted("rw-1"), now(), s));
    assertThat(all)
        .allSatisfy(task -> {
          if (!task.next().equals("x.")) {
            assertSane(task);
          }
        });
  }

  @Test
  void returned_shouldWaitOneFiveFifteenSixtyMinutes() {
    var task = stack.admitted();
    var pauses = new ArrayList<Long>();
    for (int i = 0; i < 6; i++) {
      task = Changes.returned(task, now(), "Not started.");
      pauses.add(Duration.between(now(), TestStack.there(task.notBefore())).toMinutes());
      assertThat(task.waiting()).isTrue();
      assertThat(task.dueAt()).isNull();
    }
    assertThat(pauses).containsExactly(1L, 5L, 15L, 60L, 60L, 60L);
    assertThat(task.next()).isEqualTo("It is started again in 60 min.");
  }

  @Test
  void returned_shouldMakeANewAttempt_whenTheClaimWasMadeAndNothingSent() {
    var task = Changes.returned(stack.submitting(), now(), "Too long passed.");

    assertThat(task.attempt()).isEqualTo(2);
    assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(task.refusal()).as("the provider refused nothing").isNull();
    assertThat(task.attempts())
        .extracting(Attempt::charge)
        .containsExactly(Charge.RETURNED, Charge.RESERVED);
  }

  @Test
  void admitted_shouldRaiseTheGenerationAndBeDue() {
    var task = Changes.admitted(stack.waiting(), now(), stack.settings);

    assertThat(task.generation()).isEqualTo(1);
    assertThat(task.dueAt()).isEqualTo(now().plus(stack.settings.dueGrace()));
    assertThat(task.place()).isTrue();
  }

  @Test
  void submitting_shouldOwnTheAttemptUntilItsLeaseEnds() {
    var task = Changes.submitting(stack.admitted(), now(), "me", stack.settings);

    assertThat(task.currentAttempt().owner()).isEqualTo("me");
    assertThat(task.currentAttempt().leaseUntil()).isEqualTo(now().plusSeconds(260));
  }

  @Test
  void submitting_shouldBeDueWhenItsLeaseEnds_orAsStoredIfThatIsLittleLater() {
    var lease = now().plusSeconds(260);
    var task = stack.admitted();
    for (var stored :
        Map.of(
                lease.minusMillis(1), lease,
                lease.plusSeconds(60), lease.plusSeconds(60),
                lease.plusMillis(60_001), lease)
            .entrySet()) {
      var before = task.edit().dueAt(stored.getKey()).quiet();

      assertThat(Changes.submitting(before, now(), "me", stack.settings).dueAt())
          .isEqualTo(stored.getValue());
    }
  }

  @Test
  void submitting_shouldRefuse_whenAnAttemptIsAccepted() {
    var task = stack.admitted();
    var accepted = task.edit().attempt(task.currentAttempt().accepted("rw-1")).quiet();

    assertThatThrownBy(() -> Changes.submitting(accepted, now(), "me", stack.settings))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refused_shouldCountAndRememberTheFirst() {
    var first = Changes.refused(stack.submitting(), now(), "Busy.", false);
    var start = now();
    stack.clock.advance(Duration.ofMinutes(3));
    var second =
        Changes.refused(
            first.edit().status(TaskStatus.SUBMITTING).quiet(), now(), "Forbidden.", true);

    var refusal = TestStack.there(second.refusal());
    assertThat(refusal.first()).isEqualTo(start);
    assertThat(refusal.count()).isEqualTo(2);
    assertThat(refusal.forbiddenAt()).isEqualTo(now());
    assertThat(second.attempt()).isEqualTo(3);
  }

  @Test
  void refused_shouldKeepTheItemSmall_howeverOftenItHappens() throws Exception {
    var task = stack.submitting();
    for (int i = 0; i < 1000; i++) {
      task = Changes.refused(task, now(), "The provider is busy. ".repeat(12), false);
      task = task.edit().status(TaskStatus.SUBMITTING).quiet();
    }

    assertThat(Json.MAPPER.writeValueAsBytes(task)).hasSizeLessThan(8 * 1024);
    assertThat(task.attempt()).isEqualTo(1001);
    assertThat(task.currentAttempt().charge()).isEqualTo(Charge.RESERVED);
    assertThat(task.attempts()).hasSize(6);
  }

  @Test
  void refused_shouldNeverForgetAnAttemptThatMayBeCharged() {
    var unknown = stack.unknown();
    var task = ChangesTest.newAttempt(unknown, now());
    for (int i = 0; i < 20; i++) {
      task =
          Changes.refused(task.edit().status(TaskStatus.SUBMITTING).quiet(), now(), "Busy.", false);
    }

    assertThat(task.attemptNumber(1).orElseThrow().charge()).isEqualTo(Charge.UNKNOWN);
    assertThat(task.charged()).isEqualTo("unknown");
  }

  static Task newAttempt(Task unknown, Instant now) {
    return Changes.attemptOrdered(unknown, now, 40, VERDICT);
  }

  // ---- what a person decides

  @Test
  void deleted_shouldCancelWhatWaits_hideTheRest_andDoNothingTwice() {
    assertThat(Changes.deleted(stack.waiting(), now()).orElseThrow().status())
        .isEqualTo(TaskStatus.CANCELLED);
    assertThat(Changes.deleted(stack.admitted(), now()).orElseThrow().status())
        .isEqualTo(TaskStatus.CANCELLED);
    var succeeded =
        Changes.succeeded(stack.persisting(), now(), new Output("k.mp4", 1, "0", null), List.of());
    for (var task :
        List.of(
            stack.submitting(),
            stack.unknown(),
            stack.submitted(),
            stack.persisting(),
            succeeded)) {
      var hidden = Changes.deleted(task, now()).orElseThrow();
      assertThat(hidden.hiddenAt()).isEqualTo(now());
      assertThat(hidden.status()).isEqualTo(task.status());
      assertThat(hidden.version()).isEqualTo(task.version() + 1);
      assertThat(hidden.dueAt()).isEqualTo(task.dueAt());
      assertThat(hidden.place()).isEqualTo(task.place());
      assertThat(Changes.deleted(hidden, now())).isEmpty();
    }
    assertThat(Changes.deleted(Changes.cancelled(stack.waiting(), now()), now())).isEmpty();
  }

  @Test
  void cancelled_shouldNotDenyWhatAnEarlierAttemptMayHaveCost() {
    var task = Changes.cancelled(newAttempt(stack.unknown(), now()), now());

    assertThat(task.sentence())
        .isEqualTo(
            "It was cancelled before it was sent. Nothing was paid for this attempt; attempt 1 may have been paid.");
    assertThat(task.charged()).isEqualTo("unknown");
    assertThat(task.attempts())
        .extracting(Attempt::charge)
        .containsExactly(Charge.UNKNOWN, Charge.RETURNED);
  }

  @Test
  void deleted_shouldFollowWhatIsPaid_whenAnEarlierAttemptIsAcceptedAndNothingFollowsIt() {
    var waiting = newAttempt(stack.unknown(), now());
    var accepted = waiting.edit().attempt(waiting.attempts().getFirst().accepted("rw-1")).quiet();

    var hidden = Changes.deleted(accepted, now()).orElseThrow();
    assertThat(hidden.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(Changes.heldBack(hidden, now(), "The stack is paused.").providerTaskId())
        .isEqualTo("rw-1");
    assertThat(Changes.cancelled(accepted, now()).sentence()).endsWith("attempt 1 was paid.");
  }

  @Test
  void whatWasDeleted_shouldBeCancelled_whereverItWouldWaitAgain() {
    var submitting = Changes.hidden(stack.submitting(), now());
    var unknown = Changes.hidden(stack.unknown(), now());
    var queued = stack.admitted().edit().hiddenAt(now()).quiet();
    var ends =
        List.of(
            Changes.refused(submitting, now(), "HTTP 429: busy", false),
            Changes.refused(unknown, now(), "HTTP 403: no", true),
            Changes.returned(submitting, now(), "Too late."),
            Changes.returned(queued, now(), "It was not started in time."),
            Changes.heldBack(queued, now(), "The stack was paused."));

    assertThat(ends)
        .allSatisfy(task -> {
          assertThat(task.status()).isEqualTo(TaskStatus.CANCELLED);
          assertThat(task.attempt()).isEqualTo(1);
          assertThat(task.charged()).isEqualTo("no");
          assertThat(task.place()).isFalse();
          assertThat(task.dueAt()).isNull();
          assertThat(task.sentence())
              .endsWith("It was deleted meanwhile, so it is cancelled. Nothing was paid.");
          assertSane(task);
        });
    assertThat(Changes.unknown(submitting, now(), "a timeout").status())
        .as("what may be paid is not given up")
        .isEqualTo(TaskStatus.SUBMISSION_UNKNOWN);
    assertThat(
            Changes.idRecorded(unknown, 1, "rw-1", now(), false, stack.settings)
                .orElseThrow()
                .status())
        .as("its id may still arrive")
        .isEqualTo(TaskStatus.SUBMITTED);
  }

  @Test
  void attached_shouldBeChargedFollowedAndDueNow() {
    var task = Changes.attached(stack.unknown(), "rw-7", now(), VERDICT);

    assertThat(task.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(task.providerTaskId()).isEqualTo("rw-7");
    assertThat(task.currentAttempt().charge()).isEqualTo(Charge.CHARGED);
    assertThat(task.currentAttempt().attachedBy()).isEqualTo("token 1a2b3c4d of default");
    assertThat(task.dueAt()).isEqualTo(now());
    assertThat(task.nextPollAt()).isEqualTo(now());
    assertThat(task.place()).isFalse();
    assertThat(task.sentence())
        .isEqualTo(
            "Its id at the provider was attached by token 1a2b3c4d of default: The provider's list shows it.");
  }

  @Test
  void attemptOrdered_shouldWaitWithAFreshClock_andLeaveTheOldAttemptOpen() {
    var refusedOnce =
        stack.change(
            stack
                .change(stack.submitting().id(), t -> Changes.refused(t, now(), "Busy.", true))
                .id(),
            t -> Changes.admitted(t, now(), stack.settings));
    var unknown =
        Changes.unknown(
            Changes.submitting(refusedOnce, now(), "o", stack.settings), now(), "a timeout");
    assertThat(unknown.refusal()).isNotNull();

    var task = Changes.attemptOrdered(unknown, now(), 50, VERDICT);

    assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(task.attempt()).isEqualTo(3);
    assertThat(task.waiting()).isTrue();
    assertThat(task.refusal()).as("it may be refused for MaxWait again").isNull();
    assertThat(task.attemptNumber(2).orElseThrow().charge()).isEqualTo(Charge.UNKNOWN);
    assertThat(task.currentAttempt()).isEqualTo(Attempt.reserved(3, 50, "2026-11"));
    assertThat(task.sentence())
        .isEqualTo(
            "A new attempt was ordered by token 1a2b3c4d of default: The provider's list shows it. Attempt 2 may have been paid, too.");
  }

  @Test
  void givenUp_shouldEndEveryDoubt_asThePersonSays() {
    var twice =
        Changes.unknown(
            newAttempt(stack.unknown(), now()).edit().status(TaskStatus.SUBMITTING).quiet(),
            now(),
            "lost");

    var no = Changes.givenUp(twice, now(), Charge.RETURNED, VERDICT);
    assertThat(no.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(no.charged()).isEqualTo("no");
    assertThat(TestStack.there(no.failure()).code()).isEqualTo(Failure.GIVEN_UP);
    assertThat(no.sentence()).endsWith("Nothing was paid.");
    assertThat(Changes.givenUp(twice, now(), Charge.CHARGED, VERDICT).charged()).isEqualTo("yes");
    assertThat(Changes.givenUp(twice, now(), Charge.UNKNOWN, VERDICT).charged())
        .isEqualTo("unknown");
    assertThatThrownBy(() -> Changes.givenUp(twice, now(), Charge.RESERVED, VERDICT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void givenUp_shouldLeaveAttemptsAlone_ofWhichItIsKnownThatTheyWereFree() {
    var second =
        Changes.refused(stack.unknown(), now(), "HTTP 429", false)
            .edit()
            .status(TaskStatus.SUBMITTING)
            .quiet();
    var unknown = Changes.unknown(second, now(), "lost");

    var ended = Changes.givenUp(unknown, now(), Charge.CHARGED, VERDICT);

    assertThat(ended.attemptNumber(1).orElseThrow().charge()).isEqualTo(Charge.RETURNED);
    assertThat(ended.attemptNumber(2).orElseThrow().charge()).isEqualTo(Charge.CHARGED);
  }

  @Test
  void failedByProvider_shouldDoubtTheChargeOfThatAttemptOnly() {
    // given: an attempt that was never sent, one whose charge is known, and the one that failed
    var task =
        Changes.idRecorded(
                newAttempt(stack.unknown(), now()), 1, "rw-1", now(), true, stack.settings)
            .orElseThrow();
    var both =
        Changes.idRecorded(task, 2, "rw-2", now(), false, stack.settings)
            .orElseThrow()
            .edit()
            .status(TaskStatus.SUBMITTED)
            .quiet();
    var followed = Objects.requireNonNull(both.providerTaskId());

    var failed = Changes.failedByProvider(both, now(), new Failure("X", "No."));

    assertThat(failed.attempts())
        .allSatisfy(a ->
            assertThat(a.charge())
                .isEqualTo(followed.equals(a.providerTaskId()) ? Charge.UNKNOWN : Charge.CHARGED));
    assertThat(both.attempts()).hasSize(2);
  }

  @Test
  void hidden_shouldSayWhatBecomesOfIt() {
    assertThat(Changes.hidden(stack.submitting(), now()).next())
        .isEqualTo(
            "If the provider accepts it, the video is still delivered; otherwise it is cancelled.");
    var submitted = stack.submitted();
    assertThat(Changes.hidden(submitted, now()).next()).isEqualTo(submitted.next());
  }

  @Test
  void deliveryFailed_shouldCountItsTries() {
    var twice =
        Changes.deliveryFailed(
            Changes.deliveryFailed(stack.persisting(), now(), stack.settings),
            now(),
            stack.settings);
    assertThat(twice.deliveryTries()).isEqualTo(2);
  }

  @Test
  void waitsForPerson_shouldBeTrueOfWhatNothingElseMoves() {
    var stalled =
        Changes.stalled(
            stack.submitted(), now(), Stall.Reason.NOT_VISIBLE, "It is not seen", stack.settings);
    assertThat(stack.unknown().waitsForPerson()).isTrue();
    assertThat(stalled.waitsForPerson()).as("it is tried again").isFalse();
    assertThat(
            Changes.stalled(
                    stalled,
                    now().plus(Stall.SELF_HELP),
                    Stall.Reason.NOT_VISIBLE,
                    "It is not seen",
                    stack.settings)
                .waitsForPerson())
        .isTrue();
    assertThat(stack.submitted().waitsForPerson()).isFalse();
    assertThat(Changes.cancelled(stack.waiting(), now()).waitsForPerson()).isFalse();
  }

  @Test
  void triedAgain_shouldLetAStallHelpItselfForAnotherDay() {
    var stalled =
        Changes.stalled(
            stack.submitted(), now(), Stall.Reason.NOT_VISIBLE, "Gone.", stack.settings);
    stack.clock.advance(Stall.SELF_HELP);
    stalled = Changes.stalled(stalled, now(), Stall.Reason.NOT_VISIBLE, "Gone.", stack.settings);
    assertThat(stalled.dueAt()).isNull();

    var task = Changes.triedAgain(stalled, now(), VERDICT);

    assertThat(task.dueAt()).isEqualTo(now());
    assertThat(TestStack.there(task.stall()).needsPerson(now())).isFalse();
    assertThat(Changes.stalled(task, now(), Stall.Reason.DEADLINE, "Late.", stack.settings).dueAt())
        .isEqualTo(now().plus(Duration.ofMinutes(15)));
    assertThatThrownBy(() -> Changes.triedAgain(stack.submitted(), now(), VERDICT))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void stalled_shouldBeTriedAfterFiveFifteenSixtyMinutes_forADay_thenWaitForAPerson() {
    var task = stack.submitted();
    var start = now();
    var pauses = new ArrayList<Long>();
    while (true) {
      task = Changes.stalled(task, now(), Stall.Reason.DEADLINE, "It is late.", stack.settings);
      if (task.dueAt() == null) {
        break;
      }
      pauses.add(Duration.between(now(), task.dueAt()).toMinutes());
      stack.clock.advance(Duration.between(now(), task.dueAt()));
    }
    assertThat(pauses.subList(0, 5)).containsExactly(5L, 15L, 60L, 60L, 60L);
    assertThat(Duration.between(start, now()))
        .isBetween(Duration.ofHours(24), Duration.ofHours(25));
    assertThat(task.next()).contains("A person has to look at it").contains("not given up");
    assertThat(task.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(Turn.of(task, task.generation(), now())).isEqualTo(Turn.end());
  }

  @Test
  void working_shouldEndAStall_andStartItsClockAnew() {
    var stalled =
        Changes.stalled(
            stack.submitted(), now(), Stall.Reason.NOT_VISIBLE, "Gone.", stack.settings);

    var task =
        Changes.working(stalled, now(), "RUNNING", 0.4, now().plusSeconds(10), stack.settings);

    assertThat(task.stall()).isNull();
    assertThat(task.version()).isEqualTo(stalled.version() + 1);
    assertThat(task.place()).isFalse();
  }

  @Test
  void nextGeneration_shouldDoubleTheGrace_upToAnHour() {
    var task = stack.submitted().edit().nextPollAt(now()).quiet();
    var graces = new ArrayList<Long>();
    for (int i = 0; i < 6; i++) {
      task = Changes.nextGeneration(task, now(), stack.settings);
      graces.add(Duration.between(now(), TestStack.there(task.dueAt())).toSeconds());
    }
    assertThat(graces).containsExactly(300L, 600L, 1200L, 2400L, 3600L, 3600L);
    assertThat(task.generation()).isEqualTo(7);
    assertThat(task.idleGenerations()).isEqualTo(6);
  }

  @Test
  void nextGeneration_shouldCountTheGraceFromTheNextTurn_whenThatIsFarAway() {
    var task = stack.submitted().edit().nextPollAt(now().plusSeconds(3000)).quiet();

    assertThat(Changes.nextGeneration(task, now(), stack.settings).dueAt())
        .isEqualTo(now().plusSeconds(3300));
  }

  @Test
  void nextGeneration_shouldLeaveACopyItsTime() {
    var task = stack.persisting().edit().nextPollAt(now()).quiet();

    assertThat(Changes.nextGeneration(task, now(), stack.settings).dueAt())
        .isEqualTo(now().plus(TimeLimits.PERSIST_FUNCTION).plusSeconds(300));
  }

  @Test
  void progress_shouldResetIdleGenerations_andNothingElseShould() {
    var idle = Changes.nextGeneration(stack.submitted(), now(), stack.settings);

    assertThat(
            Changes.working(idle, now(), "RUNNING", null, now(), stack.settings).idleGenerations())
        .isZero();
    assertThat(Changes.persisting(idle, now(), stack.settings).idleGenerations()).isZero();
    assertThat(Changes.notYet(idle, now(), false, false, now(), stack.settings).idleGenerations())
        .isEqualTo(1);
  }

  @Test
  void workingAndNotYet_shouldBeDueAGraceAfterTheNextPoll_orAsStoredIfHalfOfItIsLeft() {
    var next = now().plusSeconds(10);
    var most = next.plusSeconds(300);
    for (var stored :
        Map.of(
                next.plusMillis(149_999),
                most,
                next.plusSeconds(150),
                next.plusSeconds(150),
                most,
                most,
                most.plusMillis(1),
                most)
            .entrySet()) {
      var task = stack.submitted().edit().dueAt(stored.getKey()).quiet();

      assertThat(Changes.working(task, now(), "RUNNING", null, next, stack.settings).dueAt())
          .isEqualTo(stored.getValue());
      assertThat(Changes.notYet(task, now(), false, false, next, stack.settings).dueAt())
          .isEqualTo(stored.getValue());
    }
  }

  @Test
  void notYet_shouldRememberWhenItBegan() {
    var start = now();
    var task = Changes.notYet(stack.submitted(), now(), true, false, now(), stack.settings);
    stack.clock.advance(Duration.ofMinutes(1));
    task = Changes.notYet(task, now(), true, false, now(), stack.settings);
    assertThat(task.notVisibleSince()).isEqualTo(start);

    task = Changes.notYet(task, now(), false, true, now(), stack.settings);
    assertThat(task.doneAt()).isEqualTo(now());
    assertThat(
            Changes.working(task, now(), "RUNNING", null, now(), stack.settings).notVisibleSince())
        .isNull();
  }

  @Test
  void anEnd_shouldLeaveNothingBehind() {
    var uris = new CallerUris("https://a.example.com/c.png?secret", null);
    var waiting = stack.waiting().edit().callerUris(uris).quiet();
    var submitted = stack.submitted().edit().callerUris(uris).quiet();
    var persisting = Changes.persisting(submitted, now(), stack.settings);
    var ends =
        List.of(
            Changes.cancelled(waiting, now()),
            Changes.rejected(waiting, now(), new Failure("X", "No.")),
            Changes.failedByProvider(submitted, now(), new Failure("X", "No.")),
            Changes.succeeded(persisting, now(), new Output("k.mp4", 1, "0", null), List.of()));

    assertThat(ends)
        .allSatisfy(task -> {
          assertThat(task.status().ended()).isTrue();
          assertThat(task.place()).isFalse();
          assertThat(task.callerUris()).isNull();
          assertThat(task.dueAt()).isNull();
          assertThat(task.nextPollAt()).isNull();
          assertThat(task.stall()).isNull();
        });
    assertThat(uris.toString()).doesNotContain("secret");
  }

  @Test
  void succeeded_shouldAddEachWarningOnce() {
    var task = stack.persisting().edit().warnings(List.of("small")).quiet();

    var done =
        Changes.succeeded(
            task, now(), new Output("k.mp4", 1, "0", null), List.of("small", "25 fps"));

    assertThat(done.warnings()).containsExactly("small", "25 fps");
    assertThat(done.progress()).isEqualTo(1.0);
  }

  @Test
  void ids_shouldBeVersionFourUuids_andDiffer() {
    var ids = IntStream.range(0, 1000).mapToObj(i -> Ids.uuid(stack.random)).toList();

    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids)
        .allMatch(id ->
            id.matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  }
}
