package dev.understudy.core.testing;

import dev.understudy.core.errors.Unavailable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where a test lets a service fail, a process die, or another one come in between: every call to
 * the stand-ins goes through here. Each fault happens once.
 */
public final class Faults {

  /** Before a call, so that it does not happen, or after it, so that only its answer is lost. */
  public enum Moment {
    BEFORE,
    AFTER
  }

  /** The end of a process. No rule catches an Error, as none survives a kill. */
  public static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash(String where) {
      super("killed at " + where);
    }
  }

  private record Fault(Moment moment, String name, int call, Runnable action) {}

  private final List<Fault> faults = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private boolean acting;
  private boolean dead;

  /** Counts calls from here and forgets faults that have not happened. */
  public void reset() {
    faults.clear();
    calls.clear();
    dead = false;
  }

  /** Whether the process has died: then nothing is closed behind it. */
  boolean dead() {
    return dead;
  }

  /** The names of the calls since the last reset. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Something happens at the n-th call from the last reset, whatever it is. */
  public void at(Moment moment, int call, Runnable action) {
    faults.add(new Fault(moment, "", call, action));
  }

  /** Something happens at the next call of this name. */
  public void at(Moment moment, String name, Runnable action) {
    faults.add(new Fault(moment, name, 0, action));
  }

  /** The service does not answer the next call of this name. */
  public void failAt(Moment moment, String name) {
    at(moment, name, Faults::unavailable);
  }

  /** The process dies at the next call of this name. */
  public void crashAt(Moment moment, String name) {
    at(moment, name, () -> die(name));
  }

  /** The process dies at the n-th call from the last reset. */
  public void crashAt(Moment moment, int call) {
    at(moment, call, () -> die("call " + call));
  }

  /** Dies. */
  public void die(String where) {
    dead = true;
    throw new Crash(where);
  }

  /** Fails as a service that does not answer. */
  public static void unavailable() {
    throw new Unavailable("The service did not answer (a test wants it so).");
  }

  <T> T around(String name, Supplier<T> call) {
    if (acting) {
      return call.get();
    }
    calls.add(name);
    int number = calls.size();
    act(Moment.BEFORE, name, number);
    var result = call.get();
    act(Moment.AFTER, name, number);
    return result;
  }

  void around(String name, Runnable call) {
    around(
        name,
        () -> {
          call.run();
          return true;
        });
  }

  private void act(Moment moment, String name, int number) {
    if (faults.isEmpty()) {
      return;
    }
    var now =
        faults.stream()
            .filter(f -> f.moment == moment && (f.name.equals(name) || f.call == number))
            .toList();
    faults.removeAll(now);
    acting = true;
    try {
      now.forEach(fault -> fault.action.run());
    } finally {
      acting = false;
    }
  }
}
