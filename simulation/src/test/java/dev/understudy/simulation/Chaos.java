package dev.understudy.simulation;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.simulation.Invocation.Function;
import dev.understudy.simulation.Invocation.Killed;
import dev.understudy.simulation.Invocation.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Lets things go wrong at the calls of the functions: by chance, with other odds in every history
 * (so that some meet one kind of fault again and again, and some hardly any), or exactly where an
 * enumeration wants it.
 */
final class Chaos {

  /** A crash at a call of the history, counted over all its invocations from 1. */
  record Crash(long call, boolean before) {}

  /** Services that answer with an exception when they fail; the others never throw. */
  private static final Set<String> MAY_FAIL =
      Set.of("table", "bucket", "upload", "executions", "events", "key", "signer");

  /** Calls that write, after which an answer can be lost. */
  private static final Set<String> WRITES =
      Set.of(
          "write",
          "accept",
          "claimTurn",
          "announced",
          "start",
          "publish",
          "put",
          "putIfUnchanged",
          "copy",
          "delete",
          "complete",
          "abortUploads");

  /** About how many calls each function makes. */
  private static final Map<Function, Integer> CALLS =
      Map.of(
          Function.INGEST, 45,
          Function.SUBMIT, 30,
          Function.POLL, 16,
          Function.PERSIST, 30,
          Function.RECONCILE, 30,
          Function.API, 30);

  /** Stands still at its question to the provider, before or after, instead of at some call. */
  private static final int AT_THE_PROVIDER = -1;

  private final World world;
  private final Tally tally;
  private final List<Crash> crashes;
  private final Map<String, Instant> downUntil = new HashMap<>();
  private @Nullable Watch watch;

  /** Whether anything goes wrong by chance now. */
  boolean on;

  /** All calls of the history so far. */
  long calls;

  final double fault;
  final double slow;
  final double zombie;
  final double skewed;
  final double provider;

  /**
   * @param crashes where processes die; empty for a history of chance
   */
  Chaos(World world, Tally tally, List<Crash> crashes) {
    this.world = world;
    this.tally = tally;
    this.crashes = crashes;
    this.on = crashes.isEmpty();
    this.fault = odds(0.05, 0.2, 0.5);
    this.slow = odds(0.05, 0.2, 0.6);
    this.zombie = odds(0, 0.2, 0.7);
    this.skewed = odds(0, 0.1, 0.5);
    this.provider = odds(0.1, 0.4, 0.8);
  }

  private double odds(double few, double some, double many) {
    return switch (world.fate.nextInt(4)) {
      case 0 -> few;
      case 1 -> many;
      default -> some;
    };
  }

  void watch(Watch seen) {
    this.watch = seen;
  }

  void count(String kind, @Nullable String task) {
    tally.fault(kind, watch == null ? null : watch.statusOf(task));
  }

  /** A service does not answer for a while. */
  void down(String service, Duration time) {
    downUntil.put(service, world.now().plus(time));
    world.say(() -> "%s does not answer for %s".formatted(service, time));
  }

  /** Everything answers again, and nothing goes wrong by chance any more. */
  void stop() {
    on = false;
    downUntil.clear();
    world.say(() -> "no more faults");
  }

  Plan plan(Function function, @Nullable String task) {
    if (!on) {
      return Plan.NOTHING;
    }
    int span = CALLS.getOrDefault(function, 30);
    boolean faulty = world.chance(fault);
    boolean stands = world.chance(function == Function.SUBMIT ? Math.max(slow, 0.3) : slow);
    boolean isSkewed = world.chance(skewed);
    var plan =
        new Plan(
            stands,
            faulty ? 1 + world.fate.nextInt(span) : 0,
            world.fate.nextBoolean(),
            world.fate.nextBoolean(),
            stands && world.chance(0.3)
                ? (world.chance(0.4) ? AT_THE_PROVIDER : 1 + world.fate.nextInt(span))
                : 0,
            stands && world.chance(zombie),
            stands && world.chance(0.1) ? world.upTo(function.timeout) : null,
            isSkewed ? world.upTo(Duration.ofMillis(1400)).minusMillis(700) : Duration.ZERO);
    if (isSkewed) {
      count("clock skewed", task);
    }
    return plan;
  }

  /** A call of a function to anything outside of it. */
  @Nullable Object around(
      Invocation by, String service, String method, Callable<@Nullable Object> call)
      throws Exception {
    if (by.dead) {
      throw new Killed("dead already");
    }
    calls++;
    by.calls++;
    long number = calls;
    before(by, service, method, number);
    @Nullable Object result = call.call();
    after(by, service, method, number);
    return result;
  }

  private void before(Invocation by, String service, String method, long number) {
    if (!crashes.isEmpty()) {
      crashIfWanted(by, service, method, number, true);
      return;
    }
    stand(by, service, method);
    if (!on) {
      return;
    }
    var plan = by.plan;
    if (plan.faultAt() == by.calls && plan.before()) {
      if (plan.crash()) {
        die(by, "crash before", service, method);
      } else if (MAY_FAIL.contains(service)) {
        fail(by, service + " refuses", service, method);
      }
    }
    var until = downUntil.get(service);
    if (until != null && world.now().isBefore(until)) {
      fail(by, service + " down", service, method);
    }
  }

  private void after(Invocation by, String service, String method, long number) {
    if (!crashes.isEmpty()) {
      crashIfWanted(by, service, method, number, false);
      return;
    }
    if (on && by.plan.faultAt() == by.calls && !by.plan.before()) {
      if (by.plan.crash()) {
        die(by, "crash after", service, method);
      } else if (MAY_FAIL.contains(service)) {
        fail(
            by,
            WRITES.contains(method) ? service + " answer lost" : service + " refuses",
            service,
            method);
      }
    }
    stand(by, service, method);
  }

  private void crashIfWanted(
      Invocation by, String service, String method, long number, boolean before) {
    for (var crash : crashes) {
      if (crash.call() == number && crash.before() == before) {
        die(by, before ? "crash before" : "crash after", service, method);
      }
    }
  }

  /** A process stands still: for a moment here and there, and once for minutes. */
  private void stand(Invocation by, String service, String method) {
    if (by.fiber == null || !by.plan.slow() || service.equals("clock") && world.chance(0.7)) {
      return;
    }
    boolean here =
        by.plan.longAt() == by.calls
            || (by.plan.longAt() == AT_THE_PROVIDER && service.equals("provider"));
    if (here && on) {
      count("stands for minutes", by.task);
      sleep(by, Duration.ofSeconds(20).plus(world.upTo(Duration.ofSeconds(600))));
    } else if (world.chance(0.12) && on) {
      count("stands a moment", by.task);
      sleep(by, world.chance(0.4) ? Duration.ZERO : world.upTo(Duration.ofSeconds(8)));
    }
  }

  /** Lets time pass for this process while others go on; no time passes for one that cannot. */
  void sleep(Invocation by, Duration time) {
    var fiber = by.fiber;
    if (fiber == null) {
      return;
    }
    world.in(time, () -> resume(by));
    fiber.pause();
    by.stood = true;
    if (by.dead) {
      throw new Killed("killed while it stood still");
    }
  }

  /** Goes on with a process that stands still. */
  void resume(Invocation by) {
    var fiber = by.fiber;
    if (fiber == null || fiber.ended()) {
      return;
    }
    world.current(by);
    try {
      fiber.resume();
    } finally {
      world.current(null);
    }
  }

  /** Ends a process that stands still. */
  void kill(Invocation by) {
    by.dead = true;
    resume(by);
  }

  private void die(Invocation by, String kind, String service, String method) {
    count(kind, by.task);
    world.say(() -> "%s %s.%s".formatted(kind, service, method));
    by.dead = true;
    throw new Killed("%s %s.%s".formatted(kind, service, method));
  }

  private void fail(Invocation by, String kind, String service, String method) {
    count(kind, by.task);
    world.say(() -> "%s at %s".formatted(kind, method));
    throw new Unavailable("The service did not answer (the simulation wants it so).");
  }
}
