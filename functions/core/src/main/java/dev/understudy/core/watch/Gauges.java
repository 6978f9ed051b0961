package dev.understudy.core.watch;

import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.Metrics;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.stack.Places;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the stack stands, as reconcile sees it every minute. It reads counters and the index of what
 * is open, never the tasks themselves, and of large stacks only so much: see the constants.
 */
public final class Gauges {

  private static final Logger log = LoggerFactory.getLogger(Gauges.class);

  /** Of so many tenants the money and the waiting tasks are looked at; the others come by name. */
  static final int TENANTS = 200;

  /** A tenant's waiting tasks are counted up to here; above it only its counter is believed. */
  static final int WAITING = 1000;

  /**
   * The index is a moment behind the counters, and both move: only what differs in each of so many
   * looks, between which no counter moved, is a difference.
   */
  private static final int LOOKS = 3;

  private final TaskStore store;
  private final Metrics metrics;
  private final Settings settings;
  private final InstantSource clock;

  /**
   * @param store the table
   * @param metrics where the gauges go
   * @param settings the caps
   * @param clock for what is late, and for the month
   */
  public Gauges(TaskStore store, Metrics metrics, Settings settings, InstantSource clock) {
    this.store = store;
    this.metrics = metrics;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Reads and tells them. It never fails: if it could not read, nothing is told, and an alarm
   * misses it.
   */
  public void tell() {
    try {
      metrics.tell(read());
    } catch (UnderstudyException e) {
      log.warn("The gauges could not be read; the next run does it. {}", e.sentence());
    } catch (RuntimeException e) { // what reconcile came for is done
      log.error("The gauges could not be read; the next run tries again.", e);
    }
  }

  private Observation read() {
    var now = clock.instant();
    var open = store.open();
    var places = store.places();
    var control = store.control();
    var spend = nearestToItsCap(places, now);
    var found = new ArrayList<Measurement>();
    add(found, Metric.WAITING, places.tenants().stream().mapToInt(Places.Tenant::waiting).sum());
    add(found, Metric.IN_FLIGHT, places.inFlight());
    add(found, Metric.SUBMISSIONS_UNKNOWN, open.unknown());
    add(found, Metric.STALLED, open.stalled());
    var due = open.oldestDue();
    found.add(
        Measurement.seconds(
            Metric.OLDEST_DUE_SECONDS, due == null ? Duration.ZERO : Duration.between(due, now)));
    add(found, Metric.PAUSED, paused(control));
    found.add(new Measurement(Metric.SPEND_SHARE, spend.percent()));
    difference().ifPresent(by -> add(found, Metric.COUNTERS_DIFFER, by));
    var facts = new LinkedHashMap<String, Object>();
    facts.put("nearestToItsCap", spend.tenant());
    return new Observation("How the stack stands.", facts, found, null);
  }

  private static void add(List<Measurement> found, Metric metric, int value) {
    found.add(new Measurement(metric, value));
  }

  private static int paused(Control control) {
    if (!control.paused()) {
      return 0;
    }
    return control.byPerson() ? 1 : 2;
  }

  /**
   * What a tenant has used of its cap.
   *
   * @param percent 100 or more once no further task fits
   */
  private record Spend(String tenant, double percent) {}

  private Spend nearestToItsCap(Places places, Instant now) {
    var tenants = places.tenants().stream().limit(TENANTS).toList();
    var month = YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString();
    var committed = store.committed(tenants.stream().map(Places.Tenant::name).toList(), month);
    var most = new Spend("", 0);
    for (var tenant : tenants) {
      int cap = tenant.capCents() == null ? settings.capCents() : tenant.capCents();
      if (cap < settings.priceCents()) {
        continue; // it is meant to order nothing
      }
      int spent = committed.getOrDefault(tenant.name(), 0);
      double percent = 100.0 * spent / cap;
      boolean full = spent + settings.priceCents() > cap;
      var its = new Spend(tenant.name(), full ? Math.max(100, percent) : percent);
      most = its.percent() > most.percent() ? its : most;
    }
    return most;
  }

  /**
   * By how much the counters of places and of waiting tasks differ from the tasks. They are moved
   * in the same transactions as these and never repaired, so a difference that stays is a mistake
   * of ours, or of somebody who wrote to the table.
   *
   * @return empty when it could not be told: too much is open, or the counters did not stand still
   */
  private OptionalInt difference() {
    var least = OptionalInt.empty();
    for (int look = 0; look < LOOKS; look++) {
      var before = store.places();
      var open = store.open();
      if (!open.whole()) {
        return OptionalInt.empty();
      }
      int by = difference(before, open);
      if (before.equals(store.places())) {
        if (by == 0) {
          return OptionalInt.of(0);
        }
        least = OptionalInt.of(Math.min(by, least.orElse(by)));
      }
    }
    return least;
  }

  private int difference(Places counted, TaskStore.Open open) {
    int held = open.places().values().stream().mapToInt(Integer::intValue).sum();
    int by = Math.abs(counted.inFlight() - held);
    for (var tenant : counted.tenants().stream().limit(TENANTS).toList()) {
      by += Math.abs(tenant.inFlight() - open.places().getOrDefault(tenant.name(), 0));
      if (tenant.waiting() <= WAITING) {
        int waiting = store.waiting(tenant.name(), WAITING + 1).size();
        by += Math.abs(tenant.waiting() - waiting);
      }
    }
    return by;
  }
}
