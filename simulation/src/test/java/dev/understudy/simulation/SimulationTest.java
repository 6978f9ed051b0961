package dev.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.understudy.simulation.Histories.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/** `make simulate`: histories of chance, and every crash there is on the main paths. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SimulationTest {

  private static final int SEEDS = Integer.getInteger("simulation.seeds", 2000);
  private static final long FIRST = Long.getLong("simulation.first", 1);
  private static final @Nullable Long SEED = Long.getLong("simulation.seed");
  private static final int LINES = Integer.getInteger("simulation.lines", 150);

  /** From this many on, chance leaves nothing out: what is then missing is missing. */
  private static final int ENOUGH = 20_000;

  @BeforeAll
  static void readsLogs() {
    LogWatch.install();
  }

  @Test
  @Order(1)
  void history_shouldBeTheSameToTheLastStep_whenItsSeedIsTheSame() {
    long differ = 0;
    for (long seed = 1; seed <= 20; seed++) {
      var once = History.of(seed, true, Histories.definitions());
      var again = History.of(seed, true, Histories.definitions());

      assertThat(again.trace()).as("seed %d", seed).isEqualTo(once.trace()).isNotEmpty();
      differ +=
          History.of(seed + 1, true, Histories.definitions()).trace().equals(once.trace()) ? 0 : 1;
    }
    assertThat(differ).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Canaries.KEY,
        Canaries.TOKEN,
        Canaries.CALLERS,
        Canaries.INPUT,
        Canaries.OUTPUT,
        Canaries.UPLOAD,
        Canaries.PROVIDERS
      })
  @Order(1)
  void historysLogs_shouldBeSearchedForEverySecret_whereverItStands(String canary) {
    var plain = new LogRecord(Level.FINEST, "a line");
    assertThat(LogWatch.secretIn(plain)).isFalse();
    assertThat(LogWatch.secretIn(new LogRecord(Level.FINEST, "with " + canary))).isTrue();

    plain.setThrown(new IOException("above", new IOException("between", new IOException(canary))));
    assertThat(LogWatch.secretIn(plain)).as("in a cause").isTrue();

    var hiding = new IOException("above");
    hiding.addSuppressed(new IOException(canary));
    plain.setThrown(hiding);
    assertThat(LogWatch.secretIn(plain)).as("in what an exception hides").isTrue();

    plain.setThrown(null);
    try (var _ = MDC.putCloseable("beside", canary)) {
      assertThat(LogWatch.secretIn(plain)).as("beside the line").isTrue();
    }
  }

  @Test
  @Order(2)
  @EnabledIfSystemProperty(named = "simulation.seed", matches = "-?\\d+")
  void thisSeed_shouldBreakNoPromise() {
    long seed = SEED == null ? 0 : SEED;
    var end = History.of(seed, true, Histories.definitions());
    System.out.println(Histories.told(end.trace(), Math.max(LINES, 400)));
    assertThat(end.broken()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  @Order(3)
  void everyCrash_shouldBreakNoPromise(MainPath path) {
    var singles = path.singles();

    var result =
        Histories.run(
            singles.size(),
            i -> "%s %s".formatted(path, singles.get(i)),
            i -> path.with(singles.get(i), false));

    System.out.printf("%-20s %d single crashes%n", path, result.run());
    var failed = result.failed();
    if (failed != null) {
      var end = path.with(singles.get(result.firstFailed()), true);
      fail("%s: %s%n%s", failed.name(), failed.broken(), Histories.told(end.trace(), LINES));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DELIVERED", "ANSWER_LOST", "FAILED_BY_PROVIDER", "REJECTED"})
  @Order(4)
  @EnabledIfSystemProperty(named = "simulation.pairs", matches = "true")
  void everyPairOfCrashes_shouldBreakNoPromise(MainPath path) {
    var singles = path.singles();
    var pairs = singles.stream().flatMap(s -> path.pairsAfter(s.getFirst()).stream()).toList();

    var result =
        Histories.run(
            pairs.size(),
            i -> "%s %s".formatted(path, pairs.get(i)),
            i -> path.with(pairs.get(i), false));

    System.out.printf("%-20s %d pairs of crashes%n", path, result.run());
    var failed = result.failed();
    if (failed != null) {
      var end = path.with(pairs.get(result.firstFailed()), true);
      fail("%s: %s%n%s", failed.name(), failed.broken(), Histories.told(end.trace(), LINES));
    }
  }

  @Test
  @Order(5)
  void histories_shouldBreakNoPromise() {
    long began = System.nanoTime();

    Result result = Histories.ofSeeds(FIRST, SEEDS);

    var took = Duration.ofNanos(System.nanoTime() - began);
    var report = new Report(result.tally(), took);
    System.out.println(report.summary());
    report.write(Path.of("target", "simulation.txt"));
    var failed = result.failed();
    if (failed != null) {
      var end = History.of(FIRST + result.firstFailed(), true, Histories.definitions());
      fail(
          "%s: %s%n%s%nAgain: make simulate %s",
          failed.name(), failed.broken(), Histories.told(end.trace(), LINES), failed.name());
    }
    assertThat(LogWatch.secrets())
        .as("I8: log lines with a key, token or signed address")
        .isEmpty();
    if (SEEDS >= ENOUGH) {
      assertThat(report.faultsPerHistory()).as("faults per history").isGreaterThanOrEqualTo(3);
      assertThat(report.withPost()).as("share that reached a POST").isGreaterThanOrEqualTo(0.9);
      assertThat(report.edgesMissed()).as("edges that no history took").isEqualTo(List.of());
      assertThat(report.cellsWithoutReason())
          .as("faults that met no task of a status, without a reason in simulation/empty-cells.txt")
          .isEqualTo(List.of());
    }
  }
}
