package dev.understudy.core.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.task.Change.Guard;
import dev.understudy.core.task.Change.Money;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeTest {

  private final TestStack stack = new TestStack(Map.of("MONTHLY_CAP_USD", "100000"));
  private final String month = "2026-11";
  private static final Verdict VERDICT = new Verdict("token 1a2b3c4d of default", "I looked.");

  private Change change(Task before, Task after) {
    return Change.of(before, after, Guard.NONE, "nonce");
  }

  private Instant now() {
    return stack.clock.instant();
  }

  @Test
  void create_shouldReserveThePriceAndCountAsWaiting() {
    var change = Change.create(stack.newTask("default"), "nonce");

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(40, 0, 0)));
    assertThat(change.places()).isZero();
    assertThat(change.waiting()).isEqualTo(1);
    assertThat(change.told()).isTrue();
    assertThat(change.after().rev()).isEqualTo(1);
    assertThat(change.after().writer()).isEqualTo("nonce");
    assertThat(change.money().get(month)).matches(Money::asksCap);
  }

  @Test
  void admitted_shouldTakeAPlaceAndStopWaiting() {
    var waiting = stack.waiting();

    var change = change(waiting, Changes.admitted(waiting, now(), stack.settings));

    assertThat(change.places()).isEqualTo(1);
    assertThat(change.waiting()).isEqualTo(-1);
    assertThat(change.money()).isEmpty();
  }

  @Test
  void submitting_shouldMoveNeitherPlaceNorMoney() {
    var admitted = stack.admitted();

    var change = change(admitted, Changes.submitting(admitted, now(), "owner", stack.settings));

    assertThat(change.places()).isZero();
    assertThat(change.waiting()).isZero();
    assertThat(change.money()).isEmpty();
  }

  @Test
  void idRecorded_shouldTurnTheReservationIntoACharge_andKeepThePlace() {
    var task = stack.submitting();

    var change =
        change(
            task, Changes.idRecorded(task, 1, "rw-1", now(), true, stack.settings).orElseThrow());

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(-40, 40, 0)));
    assertThat(change.places()).isZero();
    assertThat(change.money().get(month)).matches(m -> !m.asksCap());
  }

  @Test
  void unknown_shouldHoldTheMoneyAsUnknown_andGiveThePlaceBack() {
    var task = stack.submitting();

    var change = change(task, Changes.unknown(task, now(), "a timeout"));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(-40, 0, 40)));
    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.waiting()).isZero();
  }

  @Test
  void refused_shouldKeepTheReservation_giveThePlaceBack_andWait() {
    var task = stack.submitting();

    var change = change(task, Changes.refused(task, now(), "Busy.", false));

    assertThat(change.money()).isEmpty();
    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.waiting()).isEqualTo(1);
  }

  @Test
  void returned_shouldGiveThePlaceBack_andWait() {
    var admitted = stack.admitted();

    var change = change(admitted, Changes.returned(admitted, now(), "Not started."));

    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.waiting()).isEqualTo(1);
    assertThat(change.money()).isEmpty();
  }

  @Test
  void rejected_shouldGiveTheMoneyAndThePlaceBack() {
    var task = stack.submitting();

    var change = change(task, Changes.rejected(task, now(), new Failure("X", "No.")));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(-40, 0, 0)));
    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.money().get(month)).matches(m -> !m.asksCap());
  }

  @Test
  void rejected_shouldGiveUnknownMoneyBack_whenTheCertainAnswerComesLate() {
    var task = stack.unknown();

    var change = change(task, Changes.rejected(task, now(), new Failure("X", "No.")));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(0, 0, -40)));
    assertThat(change.places()).isZero();
  }

  @Test
  void cancelled_shouldGiveTheMoneyBack_andStopWaiting() {
    var task = stack.waiting();

    var change = change(task, Changes.cancelled(task, now()));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(-40, 0, 0)));
    assertThat(change.waiting()).isEqualTo(-1);
  }

  @Test
  void deleted_shouldGiveThePlaceBackToo_whenItIsBeingStarted() {
    var task = stack.admitted();

    var change = change(task, Changes.deleted(task, now()).orElseThrow());

    assertThat(change.after().status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(change.money()).isEqualTo(Map.of(month, new Money(-40, 0, 0)));
    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.waiting()).isZero();
  }

  @Test
  void hidden_shouldMoveNothing_andBeTold() {
    var task = stack.submitting();

    var change = change(task, Changes.deleted(task, now()).orElseThrow());

    assertThat(change.money()).isEmpty();
    assertThat(change.places()).isZero();
    assertThat(change.told()).isTrue();
  }

  @Test
  void attached_shouldTurnUnknownIntoCharged_withoutAPlace() {
    var task = stack.unknown();

    var change = change(task, Changes.attached(task, "rw-1", now(), VERDICT));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(0, 40, -40)));
    assertThat(change.places()).isZero();
    assertThat(change.money().get(month)).matches(m -> !m.asksCap());
  }

  @Test
  void attemptOrdered_shouldReserveInTheCurrentMonth_askTheCap_andWait() {
    var task = stack.unknown();
    stack.clock.advance(Duration.ofDays(14));

    var change = change(task, Changes.attemptOrdered(task, now(), 50, VERDICT));

    assertThat(change.money()).isEqualTo(Map.of("2026-12", new Money(50, 0, 0)));
    assertThat(change.money().get("2026-12")).matches(Money::asksCap);
    assertThat(change.places()).isZero();
    assertThat(change.waiting()).isEqualTo(1);
  }

  @Test
  void givenUp_shouldBookWhatThePersonKnows() {
    var task = stack.unknown();

    assertThat(change(task, Changes.givenUp(task, now(), Charge.CHARGED, VERDICT)).money())
        .isEqualTo(Map.of(month, new Money(0, 40, -40)));
    assertThat(change(task, Changes.givenUp(task, now(), Charge.RETURNED, VERDICT)).money())
        .isEqualTo(Map.of(month, new Money(0, 0, -40)));
    assertThat(change(task, Changes.givenUp(task, now(), Charge.UNKNOWN, VERDICT)).money())
        .isEmpty();
  }

  @Test
  void persisting_shouldGiveThePlaceBack() {
    var task = stack.submitted();

    assertThat(change(task, Changes.persisting(task, now(), stack.settings)).places())
        .isEqualTo(-1);
  }

  @Test
  void stalled_shouldGiveThePlaceBackOnce() {
    var task = stack.submitted();
    var stalled =
        stack.change(
            task.id(),
            t -> Changes.stalled(t, now(), Stall.Reason.DEADLINE, "Late.", stack.settings));

    assertThat(change(task, stalled).places()).isEqualTo(-1);
    var again = Changes.stalled(stalled, now(), Stall.Reason.DEADLINE, "Late.", stack.settings);
    assertThat(change(stalled, again).places()).isZero();
  }

  @Test
  void failedByProvider_shouldMakeTheChargeUnknown() {
    var task = stack.submitted();

    var change = change(task, Changes.failedByProvider(task, now(), new Failure("SAFETY", "No.")));

    assertThat(change.money()).isEqualTo(Map.of(month, new Money(0, -40, 40)));
    assertThat(change.places()).isEqualTo(-1);
    assertThat(change.after().charged()).isEqualTo("unknown");
  }

  @Test
  void succeeded_shouldMoveNoMoney() {
    var task = stack.persisting();

    var change =
        change(task, Changes.succeeded(task, now(), new Output("k.mp4", 1, "00", null), List.of()));

    assertThat(change.money()).isEmpty();
    assertThat(change.after().charged()).isEqualTo("yes");
  }

  @Test
  void constructor_shouldRefuseAnEdgeThatIsNotInTheTable() {
    var submitted = stack.submitted();
    var back = submitted.edit().status(TaskStatus.QUEUED).quiet();

    assertThatThrownBy(() -> change(submitted, back))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("SUBMITTED (attempt 1) to QUEUED (attempt 1)");
  }

  @Test
  void constructor_shouldRefuseAnAttemptThatShrinksOrSkips() {
    var task = stack.submitting();
    var refused = stack.change(task.id(), t -> Changes.refused(t, now(), "Busy.", false));

    assertThatThrownBy(() -> change(refused, refused.edit().attempt(1).quiet()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> change(refused, refused.edit().attempt(4).quiet()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void told_shouldBeFalse_whenOnlyWhatNobodyIsToldOfMoved() {
    var task = stack.submitted();

    assertThat(
            change(task, Changes.working(task, now(), "RUNNING", 0.5, now(), stack.settings))
                .told())
        .isFalse();
    assertThat(change(task, Changes.nextGeneration(task, now(), stack.settings)).told()).isTrue();
  }

  /** What may be done to a task by its status; the walk below takes any of them. */
  private List<Function<Task, Optional<Task>>> moves(Random random) {
    var s = stack.settings;
    return List.of(
        t -> when(t.waiting(), () -> Changes.admitted(t, now(), s)),
        t ->
            when(
                t.status() == TaskStatus.QUEUED && t.place(),
                () -> Changes.returned(t, now(), "Late.")),
        t ->
            when(
                t.status() == TaskStatus.QUEUED && t.place(),
                () -> Changes.heldBack(t, now(), "Paused.")),
        t ->
            when(
                t.status() == TaskStatus.QUEUED && t.place() && t.acceptedAttempt().isEmpty(),
                () -> Changes.submitting(t, now(), "o", s)),
        t ->
            when(
                t.status() == TaskStatus.QUEUED && t.acceptedAttempt().isPresent(),
                () -> Changes.earlierFollowed(t, t.acceptedAttempt().orElseThrow(), now(), s)),
        t -> when(posted(t), () -> Changes.refused(t, now(), "Busy.", random.nextBoolean())),
        t ->
            when(
                t.status() == TaskStatus.SUBMITTING, () -> Changes.returned(t, now(), "Too late.")),
        t ->
            when(
                posted(t) && random.nextInt(4) == 0,
                () -> Changes.rejected(t, now(), new Failure("R", "No."))),
        t -> when(t.status() == TaskStatus.SUBMITTING, () -> Changes.unknown(t, now(), "lost")),
        t ->
            when(
                t.status() == TaskStatus.SUBMISSION_UNKNOWN && t.hiddenAt() == null,
                () -> Changes.attemptOrdered(t, now(), 40, VERDICT)),
        t ->
            when(
                t.status() == TaskStatus.SUBMISSION_UNKNOWN && random.nextInt(4) == 0,
                () -> Changes.attached(t, "rw-by-hand", now(), VERDICT)),
        t ->
            when(
                t.status() == TaskStatus.SUBMISSION_UNKNOWN && random.nextInt(6) == 0,
                () ->
                    Changes.givenUp(
                        t,
                        now(),
                        List.of(Charge.CHARGED, Charge.RETURNED, Charge.UNKNOWN)
                            .get(random.nextInt(3)),
                        VERDICT)),
        t -> when(t.stall() != null, () -> Changes.triedAgain(t, now(), VERDICT)),
        t -> random.nextInt(8) == 0 ? Changes.deleted(t, now()) : Optional.empty(),
        t -> {
          var kept = t.attempts();
          int attempt = kept.get(random.nextInt(kept.size())).number();
          boolean sent = attempt < t.attempt() || t.status() != TaskStatus.QUEUED;
          return sent
              ? Changes.idRecorded(t, attempt, "rw-" + attempt, now(), random.nextBoolean(), s)
              : Optional.empty();
        },
        t ->
            when(
                t.status() == TaskStatus.SUBMITTED,
                () -> Changes.working(t, now(), "RUNNING", 0.1, now(), s)),
        t ->
            when(
                t.status() == TaskStatus.SUBMITTED,
                () -> Changes.notYet(t, now(), true, false, now(), s)),
        t ->
            when(t.following(), () -> Changes.stalled(t, now(), Stall.Reason.DEADLINE, "Late.", s)),
        t -> when(t.following(), () -> Changes.nextGeneration(t, now(), s)),
        t -> when(t.status() == TaskStatus.SUBMITTED, () -> Changes.persisting(t, now(), s)),
        t ->
            when(
                t.status() == TaskStatus.SUBMITTED && random.nextInt(4) == 0,
                () -> Changes.failedByProvider(t, now(), new Failure("F", "It failed."))),
        t -> when(t.status() == TaskStatus.PERSISTING, () -> Changes.deliveryFailed(t, now(), s)),
        t -> when(t.status() == TaskStatus.PERSISTING, () -> Changes.askedAgain(t, now(), s)),
        t ->
            when(
                t.status() == TaskStatus.PERSISTING,
                () ->
                    Changes.succeeded(
                        t, now(), new Output("k.mp4", 1, "00", null), List.of("odd"))));
  }

  private static boolean posted(Task task) {
    return task.status() == TaskStatus.SUBMITTING || task.status() == TaskStatus.SUBMISSION_UNKNOWN;
  }

  private static Optional<Task> when(boolean allowed, java.util.function.Supplier<Task> change) {
    return allowed ? Optional.of(change.get()) : Optional.empty();
  }

  private static List<String> ids(Task task) {
    return task.attempts().stream().map(Attempt::providerTaskId).filter(Objects::nonNull).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void write_shouldKeepMoneyPlacesAndOrder_overAnyWalk(long seed) {
    var random = new Random(seed);
    var tasks = new ArrayList<Task>();
    for (int i = 0; i < 12; i++) {
      tasks.add(stack.waiting("tenant" + i % 3));
    }
    var moves = moves(random);
    int written = 0;
    for (int step = 0; step < 2000; step++) {
      stack.clock.advance(Duration.ofMinutes(random.nextInt(240)));
      int i = random.nextInt(tasks.size());
      if (tasks.get(i).status().ended() && random.nextBoolean()) {
        tasks.set(i, stack.waiting("tenant" + i % 3));
      }
      var before = tasks.get(i);
      var after = moves.get(random.nextInt(moves.size())).apply(before);
      if (after.isEmpty()) {
        continue;
      }
      var change = Change.of(before, after.get(), Guard.NONE, "nonce" + step);
      if (stack.table.write(change) != Written.WON) {
        continue; // no place, or over the cap
      }
      written++;
      var stored = stack.task(before.id());
      tasks.set(i, stored);
      assertThat(stored.rev()).isEqualTo(before.rev() + 1);
      assertThat(
              stored.attempt() > before.attempt()
                  || stored.status().rank() >= before.status().rank())
          .as("(attempt, rank) of %s after %s", stored, before)
          .isTrue();
      assertThat(stored.currentAttempt().number()).isEqualTo(stored.attempt());
      assertThat(stored.version()).isBetween(before.version(), before.version() + 1);
      var known = new HashSet<>(ids(before));
      known.removeAll(ids(stored));
      known.remove("rw-by-hand");
      assertThat(known).as("no id that the provider gave is lost").isEmpty();
      assertThat(stored.hiddenAt() != null && stored.waiting())
          .as("what was deleted does not wait: " + stored)
          .isFalse();
      assertThat(
              stored.status() == TaskStatus.SUBMISSION_UNKNOWN
                  && stored.acceptedAttempt().isPresent())
          .as("an accepted attempt is followed: " + stored)
          .isFalse();
      if (before.status().ended()) {
        assertThat(stored.status()).isEqualTo(before.status());
        assertThat(stored.failure()).isEqualTo(before.failure());
        assertThat(stored.output()).isEqualTo(before.output());
      }
      assertThat(stored.following() && stored.place() && !before.place())
          .as("a task with a provider's id never takes a place")
          .isFalse();
      if (written % 20 == 0) {
        stack.table.assertCountersAreRight();
      }
    }
    stack.table.assertCountersAreRight();
    assertThat(written).isGreaterThan(100);
  }
}
