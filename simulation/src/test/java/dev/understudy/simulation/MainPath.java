package dev.understudy.simulation;

import dev.understudy.simulation.Chaos.Crash;
import dev.understudy.simulator.provider.Action;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.simulator.provider.Point;
import java.util.ArrayList;
import java.util.List;

/** The ways that one order takes through the product; each is cut at every call. */
enum MainPath {
  /** The video is delivered at once. */
  DELIVERED,
  /** The provider first asks to come later. */
  REFUSED_ONCE(fault(Point.SUBMIT, Action.RATE_LIMIT, 2.0)),
  /** The answer to the POST is lost after it was accepted. */
  ANSWER_LOST(fault(Point.SUBMIT, Action.RESET_AFTER_ACCEPTANCE, null)),
  /** The provider fails the task. */
  FAILED_BY_PROVIDER(fault(Point.TASK, Action.FAIL, null)),
  /** The first download is cut short. */
  BROKEN_DOWNLOAD(fault(Point.OUTPUT, Action.SHORT_FILE, null)),
  /** The provider does not know its own id, longer than it is given for that. */
  NOT_VISIBLE(fault(Point.TASK, Action.NOT_VISIBLE, 1500.0)),
  /** The request is refused for good. */
  REJECTED(
      new Fault(
          null,
          Point.SUBMIT,
          Action.ERROR_BEFORE_ACCEPTANCE,
          null,
          null,
          null,
          400,
          null,
          null,
          null,
          null,
          null,
          null));

  private final List<Fault> script;

  MainPath(Fault... script) {
    this.script = List.of(script);
  }

  private static Fault fault(
      Point point, Action action, @org.jspecify.annotations.Nullable Double seconds) {
    return new Fault(
        null, point, action, null, null, seconds, null, null, null, null, null, null, null);
  }

  /** The history of this way with crashes. */
  History.End with(List<Crash> crashes, boolean traced) {
    return History.of(crashes, script, traced, Histories.forThisThread());
  }

  /** How many calls it makes without a crash. */
  long calls() {
    return with(List.of(new Crash(0, true)), false).tally().calls;
  }

  /** Every place at which one process can die: before and after each call. */
  List<List<Crash>> singles() {
    var singles = new ArrayList<List<Crash>>();
    long calls = calls();
    for (long call = 1; call <= calls; call++) {
      singles.add(List.of(new Crash(call, true)));
      singles.add(List.of(new Crash(call, false)));
    }
    return singles;
  }

  /** Every place for a second crash, after a first one. */
  List<List<Crash>> pairsAfter(Crash first) {
    var pairs = new ArrayList<List<Crash>>();
    long calls = with(List.of(first), false).tally().calls;
    for (long call = first.call() + 1; call <= calls; call++) {
      pairs.add(List.of(first, new Crash(call, true)));
      pairs.add(List.of(first, new Crash(call, false)));
    }
    return pairs;
  }
}
