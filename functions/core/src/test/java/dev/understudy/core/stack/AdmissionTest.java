package dev.understudy.core.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import dev.understudy.core.testing.TestStack.Started;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

  private final TestStack stack = new TestStack(Map.of("MAX_IN_FLIGHT", "3"));

  private Instant now() {
    return stack.clock.instant();
  }

  private Task waitingLater(String tenant) {
    stack.clock.advance(Duration.ofSeconds(1));
    return stack.waiting(tenant);
  }

  private List<String> admitted() {
    return stack.started.stream().map(Started::id).toList();
  }

  // ---- whose turn

  @Test
  void next_shouldBeTheWaitingTenantWithTheFewestPlaces() {
    var places =
        new Places(
            4,
            List.of(
                new Places.Tenant("many", 3, 9, null, null),
                new Places.Tenant("few", 1, 1, null, null),
                new Places.Tenant("none", 0, 0, null, null),
                new Places.Tenant("full", 0, 5, 0, null)));

    assertThat(places.next(Set.of(), stack.random).orElseThrow().name()).isEqualTo("few");
    assertThat(places.next(Set.of("few"), stack.random).orElseThrow().name()).isEqualTo("many");
    assertThat(places.next(Set.of("few", "many"), stack.random)).isEmpty();
  }

  @Test
  void admit_shouldTakeTurns_andTheOldestFirst() {
    var a1 = waitingLater("a");
    var a2 = waitingLater("a");
    var a3 = waitingLater("a");
    var b1 = waitingLater("b");

    assertThat(stack.admission.admit(50)).isEqualTo(3);

    assertThat(admitted()).containsExactlyInAnyOrder(a1.id(), b1.id(), a2.id());
    assertThat(stack.task(a3.id()).waiting()).isTrue();
    stack.table.assertCountersAreRight();
  }

  @Test
  void next_shouldLeaveNoTenantBehind_whenThereAreFewerPlacesThanTenants() {
    var places =
        new Places(
            0,
            List.of(
                new Places.Tenant("a", 0, 9, null, null),
                new Places.Tenant("b", 0, 9, null, null),
                new Places.Tenant("c", 0, 9, null, null)));

    var turns =
        Stream.generate(() -> places.next(Set.of(), stack.random).orElseThrow().name())
            .limit(300)
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    assertThat(turns).containsOnlyKeys("a", "b", "c");
    assertThat(turns.values()).allSatisfy(count -> assertThat(count).isGreaterThan(60));
  }

  @Test
  void admit_shouldNeverGoAboveMaxInFlight_norAboveTheCallersBound() {
    for (int i = 0; i < 10; i++) {
      waitingLater("a");
    }
    assertThat(stack.admission.admit(2)).isEqualTo(2);
    assertThat(stack.admission.admit(50)).isEqualTo(1);
    assertThat(stack.admission.admit(50)).isZero();
    stack.table.assertCountersAreRight();
  }

  @Test
  void admit_shouldNeverGoAboveMaxInFlight_whenManyAdmitAtOnce() {
    for (int i = 0; i < 6; i++) {
      waitingLater("a");
    }
    for (int i = 0; i < 3; i++) {
      stack.faults.at(Moment.BEFORE, "write task", () -> stack.admission.admit(2));
    }
    stack.admission.admit(50);

    assertThat(stack.table.places().inFlight()).isEqualTo(3);
    assertThat(admitted()).doesNotHaveDuplicates().hasSize(3);
    stack.table.assertCountersAreRight();
  }

  @Test
  void admit_shouldSayHowManyItAdmitted_whenTheLastPlaceIsTakenMeanwhile() {
    for (int i = 0; i < 4; i++) {
      waitingLater("a");
    }
    assertThat(stack.admission.admit(1)).isEqualTo(1);
    stack.faults.at(Moment.AFTER, "start", () -> stack.admission.admit(50));

    assertThat(stack.admission.admit(50)).isEqualTo(1);
    assertThat(stack.table.places().inFlight()).isEqualTo(3);
  }

  @Test
  void admit_shouldStop_whenTheTableSaysThatThereIsNoPlace() {
    var tasks = Stream.generate(() -> waitingLater("a")).limit(4).toList();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () ->
            tasks
                .subList(1, 4)
                .forEach(
                    t -> stack.change(t.id(), w -> Changes.admitted(w, now(), stack.settings))));

    assertThat(stack.admission.admit(50)).isZero();
    assertThat(stack.task(tasks.getFirst().id()).waiting()).isTrue();
  }

  @Test
  void admit_shouldKeepToATenantsLimit_andServeTheOthers() {
    stack.table.limit("a", 1);
    waitingLater("a");
    waitingLater("a");
    var b = waitingLater("b");
    stack.admission.admit(50);

    assertThat(stack.table.places().inFlight()).isEqualTo(2);
    assertThat(admitted()).contains(b.id());
  }

  @Test
  void admit_shouldPassOverTasksThatMayNotStartYet() {
    var early = waitingLater("a");
    stack.change(early.id(), t -> Changes.admitted(t, now(), stack.settings));
    stack.change(early.id(), t -> Changes.returned(t, now(), "Late."));
    var next = waitingLater("a");
    var other = waitingLater("b");

    stack.admission.admit(50);
    assertThat(admitted()).containsExactlyInAnyOrder(next.id(), other.id());

    stack.clock.advance(Duration.ofMinutes(1));
    stack.admission.admit(50);
    assertThat(admitted()).contains(early.id());
  }

  @Test
  void admit_shouldNotLoop_whenNothingOfATenantIsReady() {
    var task = waitingLater("a");
    stack.change(task.id(), t -> Changes.admitted(t, now(), stack.settings));
    stack.change(task.id(), t -> Changes.returned(t, now(), "Late."));

    assertThat(stack.admission.admit(50)).isZero();
  }

  @Test
  void admit_shouldAdmitNothing_whilePausedOrAskedToWait() {
    waitingLater("a");
    stack.control(c -> c.busy(now(), Duration.ofSeconds(10)));
    assertThat(stack.admission.admit(50)).isZero();
    stack.clock.advance(Duration.ofSeconds(10));
    stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "Stop."));
    assertThat(stack.admission.admit(50)).isZero();
    stack.control(c -> c.resumed(now(), "token 1a2b3c4d of default", "Back."));
    assertThat(stack.admission.admit(50)).isEqualTo(1);
  }

  @Test
  void admit_shouldKeepThePlace_whenTheStartFails_soThatReconcileFindsIt() {
    var task = waitingLater("a");
    stack.faults.failAt(Moment.BEFORE, "start");

    assertThat(stack.admission.admit(50)).isEqualTo(1);

    assertThat(admitted()).isEmpty();
    var stored = stack.task(task.id());
    assertThat(stored.place()).isTrue();
    assertThat(stored.dueAt()).isEqualTo(now().plus(stack.settings.dueGrace()));
  }

  @Test
  void admit_shouldGoOn_whenTheRoleMayNotStartExecutions() {
    waitingLater("a");
    stack.faults.at(
        Moment.BEFORE,
        "start",
        () -> {
          throw new Misconfigured("Step Functions refused.");
        });

    assertThat(stack.admission.admit(50)).isEqualTo(1);
  }

  @Test
  void admitSome_shouldNeverFailItsCaller() {
    waitingLater("a");
    stack.faults.failAt(Moment.BEFORE, "control");
    stack.admission.admitSome();
    assertThat(admitted()).isEmpty();

    stack.admission.admitSome();
    assertThat(admitted()).hasSize(1);
  }

  @Test
  void admit_shouldTakeTheNext_whenTheTaskIsCancelledMeanwhile() {
    var first = waitingLater("a");
    var second = waitingLater("a");
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> stack.change(first.id(), t -> Changes.cancelled(t, now())));

    stack.admission.admit(50);

    assertThat(admitted()).containsExactly(second.id());
  }

  // ---- the probe

  private void pause(String refused) {
    stack.control(c -> c.pausedByItself(now(), refused, "401.", stack.settings));
  }

  @Test
  void probe_shouldAdmitOneWaitingTask_whenItIsTime() {
    var task = waitingLater("a");
    waitingLater("a");
    pause("another");
    assertThat(stack.admission.probe()).isFalse();

    stack.clock.advance(Duration.ofMinutes(5));
    assertThat(stack.admission.probe()).isTrue();

    assertThat(admitted()).containsExactly(task.id());
    assertThat(stack.table.control().probe()).isEqualTo(task.id());
    assertThat(stack.admission.probe()).as("one at a time").isFalse();
  }

  @Test
  void probe_shouldNotBeTheTaskRefusedLast_whileAnotherWaits() {
    var refused = waitingLater("a");
    var other = waitingLater("b");
    pause(refused.id());
    stack.clock.advance(Duration.ofMinutes(5));

    stack.admission.probe();

    assertThat(admitted()).containsExactly(other.id());
  }

  @Test
  void probe_shouldBeTheTaskRefusedLast_whenNoOtherWaits() {
    var refused = waitingLater("a");
    pause(refused.id());
    stack.clock.advance(Duration.ofMinutes(5));

    stack.admission.probe();

    assertThat(admitted()).containsExactly(refused.id());
  }

  @Test
  void probe_shouldNotBeSent_whenAPersonPaused() {
    waitingLater("a");
    stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "Stop."));
    stack.clock.advance(Duration.ofDays(1));

    assertThat(stack.admission.probe()).isFalse();
  }

  @Test
  void probe_shouldStayDue_whenThereIsNoPlaceOrNobodyWaits() {
    for (int i = 0; i < 3; i++) {
      waitingLater("a");
    }
    stack.admission.admit(3);
    var waiting = waitingLater("a");
    pause("another");
    stack.clock.advance(Duration.ofMinutes(5));

    assertThat(stack.admission.probe()).isFalse();
    assertThat(stack.table.control().probeDue(now())).isTrue();

    stack.change(admitted().getFirst(), t -> Changes.returned(t, now(), "Late."));
    assertThat(stack.admission.probe()).isTrue();
    assertThat(stack.task(waiting.id()).place()).isTrue();
  }

  @Test
  void probe_shouldLeaveTheStackAsItIs_whenNobodyWaits() {
    pause("another");
    stack.clock.advance(Duration.ofMinutes(5));
    var before = stack.table.control();

    assertThat(stack.admission.probe()).isFalse();

    assertThat(stack.table.control()).isEqualTo(before);
  }

  @Test
  void probe_shouldSayThatNothingWasSent_whenItsTaskIsCancelledMeanwhile() {
    var task = waitingLater("a");
    pause("another");
    stack.clock.advance(Duration.ofMinutes(5));
    stack.faults.at(
        Moment.AFTER,
        "write control",
        () -> stack.change(task.id(), t -> Changes.cancelled(t, now())));

    assertThat(stack.admission.probe()).isFalse();
    assertThat(admitted()).isEmpty();
  }

  @Test
  void probe_shouldBeOne_whenTwoReconcilesRunAtOnce() {
    waitingLater("a");
    waitingLater("b");
    pause("another");
    stack.clock.advance(Duration.ofMinutes(5));
    stack.faults.at(
        Moment.BEFORE, "write control", () -> assertThat(stack.admission.probe()).isTrue());

    assertThat(stack.admission.probe()).isFalse();

    assertThat(admitted()).hasSize(1);
  }

  // ---- the control item

  @Test
  void control_shouldApplyTheRuleToWhatIsStoredThen() {
    stack.faults.at(
        Moment.BEFORE,
        "write control",
        () -> stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of default", "Stop.")));

    stack.control(c -> c.busy(now(), Duration.ofSeconds(9)));

    assertThat(stack.table.control().paused()).isTrue();
    assertThat(stack.table.control().busyStreak()).isEqualTo(1);
    assertThat(stack.table.control().rev()).isEqualTo(2);
  }

  @Test
  void control_shouldAnswerWithWhatIsStored() {
    var paused = stack.control(c -> c.pausedByItself(now(), "t", "401.", stack.settings));
    assertThat(paused).isEqualTo(stack.table.control());
    assertThat(paused.paused()).isTrue();

    assertThat(stack.control(c -> c)).as("unchanged").isEqualTo(stack.table.control());
    assertThat(stack.table.control().rev()).isEqualTo(paused.rev());
  }

  @ParameterizedTest
  @ValueSource(ints = {10})
  void control_shouldGiveUp_whenTheItemKeepsChanging(int tries) {
    var seen = new ArrayList<Integer>();
    assertThatThrownBy(() ->
            stack.admission.control(c -> {
              seen.add(seen.size());
              stack.faults.at(
                  Moment.BEFORE,
                  "write control",
                  () -> stack.table.write(stack.table.control(), stack.table.control().written()));
              return c.busy(now(), null);
            }))
        .isInstanceOf(Unavailable.class);
    assertThat(seen).hasSize(tries);
  }
}
