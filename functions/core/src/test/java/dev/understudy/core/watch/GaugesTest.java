package dev.understudy.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.stack.Places;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What reconcile reads off the table every minute. */
class GaugesTest {

  private final TestStack stack =
      new TestStack(Map.of("MONTHLY_CAP_USD", "4", "MAX_IN_FLIGHT", "2"));
  private final List<Observation> told = new ArrayList<>();

  private void tell(TaskStore store) {
    new Gauges(store, told::add, stack.settings, stack.clock).tell();
  }

  private Map<Metric, Double> read() {
    tell(stack.table);
    return told.getLast().measurements().stream()
        .collect(Collectors.toMap(Measurement::metric, Measurement::value));
  }

  @Test
  void anEmptyStack_shouldBeAllZeroes() {
    assertThat(read())
        .containsOnlyKeys(
            Metric.WAITING,
            Metric.IN_FLIGHT,
            Metric.SUBMISSIONS_UNKNOWN,
            Metric.STALLED,
            Metric.OLDEST_DUE_SECONDS,
            Metric.PAUSED,
            Metric.SPEND_SHARE,
            Metric.COUNTERS_DIFFER)
        .allSatisfy((metric, value) -> assertThat(value).isZero());
  }

  @Test
  void tasks_shouldBeCountedWhereTheyStand() {
    stack.waiting();
    stack.waiting("acme");
    stack.admitted();
    stack.unknown();
    stack.change(
        stack.submitted().id(),
        t ->
            Changes.stalled(
                t, stack.clock.instant(), Stall.Reason.DEADLINE, "It takes long.", stack.settings));

    assertThat(read())
        .containsEntry(Metric.WAITING, 2.0)
        .containsEntry(Metric.IN_FLIGHT, 1.0)
        .containsEntry(Metric.SUBMISSIONS_UNKNOWN, 1.0)
        .containsEntry(Metric.STALLED, 1.0)
        .containsEntry(Metric.COUNTERS_DIFFER, 0.0);
  }

  @Test
  void whatIsDue_shouldBeMeasuredFromItsTime_andNotBefore() {
    stack.admitted();
    // its announcement is owed, and due before the task itself is
    stack.clock.advance(TaskStore.ANNOUNCE_GRACE);
    assertThat(read()).containsEntry(Metric.OLDEST_DUE_SECONDS, 0.0);

    stack.clock.advance(Duration.ofSeconds(90));
    assertThat(read()).containsEntry(Metric.OLDEST_DUE_SECONDS, 90.0);
  }

  @Test
  void aPause_shouldSayWhose() {
    stack.control(c -> c.pausedByPerson(stack.clock.instant(), "ops", "The invoice is checked."));
    assertThat(read()).containsEntry(Metric.PAUSED, 1.0);

    stack.control(c -> c.resumed(stack.clock.instant(), "ops", "It is right."));
    assertThat(read()).containsEntry(Metric.PAUSED, 0.0);

    stack.control(c -> c.pausedByItself(stack.clock.instant(), "t-1", "No key.", stack.settings));
    assertThat(read()).containsEntry(Metric.PAUSED, 2.0);
  }

  @Test
  void spend_shouldBeThatOfTheTenantNearestToItsOwnCap() {
    stack.table.cap("acme", 160);
    stack.waiting();
    stack.waiting();
    stack.waiting("acme");
    stack.waiting("acme");

    assertThat(read()).containsEntry(Metric.SPEND_SHARE, 50.0);
    assertThat(told.getLast().facts()).containsEntry("nearestToItsCap", "acme");
  }

  @Test
  void spend_shouldBeWhole_onceNoFurtherTaskFits() {
    stack.table.cap("acme", 100);
    stack.waiting("acme");
    stack.waiting("acme");

    assertThat(read()).containsEntry(Metric.SPEND_SHARE, 100.0);
  }

  @Test
  void spend_shouldLeaveOutWhoMayOrderNothing() {
    stack.waiting("acme");
    stack.table.cap("acme", 0);

    assertThat(read()).containsEntry(Metric.SPEND_SHARE, 0.0);
  }

  @Test
  void aDifference_shouldBeToldByItsSize() {
    stack.admitted();
    stack.waiting();
    var wrong = new Places(3, List.of(new Places.Tenant("default", 1, 4, null, null)));

    tell(countedAs(wrong, wrong, wrong, wrong, wrong, wrong, wrong));

    assertThat(told.getLast().measurements())
        .contains(new Measurement(Metric.COUNTERS_DIFFER, 2 + 3));
  }

  @Test
  void aDifference_shouldBeNone_whenTheIndexWasOnlyBehindInOneLook() {
    stack.admitted();
    var behind = new Places(2, List.of(new Places.Tenant("default", 2, 0, null, null)));
    var right = stack.table.places();

    tell(countedAs(right, behind, behind, right, right));

    assertThat(told.getLast().measurements()).contains(new Measurement(Metric.COUNTERS_DIFFER, 0));
  }

  @Test
  void aDifference_shouldNotBeTold_whileCountersMove() {
    var one = new Places(1, List.of());
    var two = new Places(2, List.of());

    tell(countedAs(one, one, two, one, two, one, two));

    assertThat(told.getLast().measurements())
        .extracting(Measurement::metric)
        .doesNotContain(Metric.COUNTERS_DIFFER)
        .contains(Metric.IN_FLIGHT);
  }

  @Test
  void tell_shouldNeverFail_whenTheTableDoesNotAnswer() {
    stack.faults.failAt(Moment.BEFORE, "committed");

    tell(stack.table);

    assertThat(told).isEmpty();
  }

  /** The table, with these answers to its counters, one after the other. */
  private TaskStore countedAs(Places... answers) {
    Deque<Places> left = new ArrayDeque<>(List.of(answers));
    return (TaskStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {TaskStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("places")) {
                return left.remove();
              }
              try {
                return method.invoke(stack.table, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
