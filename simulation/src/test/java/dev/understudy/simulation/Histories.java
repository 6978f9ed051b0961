package dev.understudy.simulation;

import dev.understudy.core.statemachine.StateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Many histories, as many at once as there are processors; each is one sequence of steps. */
final class Histories {

  /** The state machine's definition, in the repository. */
  static final Path DEFINITION = Path.of("statemachine", "character-performance.asl.json");

  /**
   * A history in which a promise was broken.
   *
   * @param name how to run it again
   */
  record Failed(String name, Invariants.Broken broken) {}

  /**
   * What came of them.
   *
   * @param failed the first that failed, by number; null if none did
   * @param firstFailed its number
   * @param run how many were run up to there
   */
  record Result(Tally tally, @Nullable Failed failed, int firstFailed, int run) {}

  private static volatile String mutated = "";

  private Histories() {}

  /** Walks this definition instead of the one in the repository; empty for that one. */
  static void mutated(String definition) {
    mutated = definition;
  }

  /** The definition as it is now, and one from before a deploy, whose states had other names. */
  static History.Definitions definitions() {
    try {
      var text = mutated.isEmpty() ? Files.readString(DEFINITION) : mutated;
      return new History.Definitions(
          StateMachine.parse(text.replace("\"Poll\"", "\"Ask\"")), StateMachine.parse(text));
    } catch (IOException e) {
      throw new IllegalStateException(
          "There is no %s: run the simulation in the repository's folder.".formatted(DEFINITION),
          e);
    }
  }

  /** The histories of these seeds. */
  static Result ofSeeds(long first, int count) {
    return run(
        count,
        i -> "SEED=%d".formatted(first + i),
        i -> {
          var definitions = DEFINITIONS.get();
          return History.of(first + i, false, definitions);
        });
  }

  private static final ThreadLocal<History.Definitions> DEFINITIONS =
      ThreadLocal.withInitial(Histories::definitions);

  static History.Definitions forThisThread() {
    return DEFINITIONS.get();
  }

  /**
   * Runs histories until one fails.
   *
   * @param name names one by its number
   * @param history runs one by its number
   */
  static Result run(int count, IntFunction<String> name, IntFunction<History.End> history) {
    var next = new AtomicInteger();
    var done = new AtomicLong();
    var firstFailed = new AtomicInteger(Integer.MAX_VALUE);
    var tally = new Tally();
    var failures = new ArrayList<@Nullable Failed>();
    var slips = new ArrayList<Throwable>();
    var workers = new ArrayList<Thread>();
    for (int w = 0; w < Math.min(Runtime.getRuntime().availableProcessors(), 8); w++) {
      workers.add(
          Thread.ofVirtual()
              .start(() -> {
                var own = new Tally();
                try {
                  for (int i = next.getAndIncrement();
                      i < count && i <= firstFailed.get();
                      i = next.getAndIncrement()) {
                    var end = history.apply(i);
                    own.add(end.tally());
                    done.incrementAndGet();
                    var broken = end.broken();
                    if (broken != null) {
                      synchronized (failures) {
                        if (i < firstFailed.get()) {
                          firstFailed.set(i);
                          failures.add(new Failed(name.apply(i), broken));
                        }
                      }
                    }
                  }
                } catch (Throwable e) { // a slip of the simulation's own
                  firstFailed.set(-1);
                  synchronized (slips) {
                    slips.add(e);
                  }
                }
                synchronized (tally) {
                  tally.add(own);
                }
              }));
    }
    for (var worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    if (!slips.isEmpty()) {
      throw new IllegalStateException("the simulation itself failed", slips.getFirst());
    }
    return new Result(
        tally, failures.isEmpty() ? null : failures.getLast(), firstFailed.get(), (int) done.get());
  }

  /** The last lines of a trace. */
  static String told(List<String> trace, int most) {
    int from = Math.max(0, trace.size() - most);
    return (from == 0 ? "" : "… %d lines before%n".formatted(from))
        + String.join("\n", trace.subList(from, trace.size()));
  }
}
