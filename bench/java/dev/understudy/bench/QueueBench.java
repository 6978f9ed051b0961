package dev.understudy.bench;

import dev.understudy.bench.QueueRun.Outcome;
import java.io.IOException;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Five thousand tasks of three tenants, all at once, through the real admission. */
public final class QueueBench {

  private static final int TASKS = 5_000;

  /** Each with renders and refusals of its own: how long the last tasks take makes a difference. */
  private static final int RUNS = 3;

  private QueueBench() {}

  public static void main(String[] arguments) throws IOException {
    report(TASKS, RUNS, 5, 20, 100).print();
  }

  static Report report(int tasks, int runs, int... limits) {
    var report = new Report();
    report.table(
        "MaxInFlight",
        "the provider says",
        "hours",
        "÷ (tasks ÷ limit × render time)",
        "÷ ideal",
        "least to most",
        "places used",
        "least fair share of a tenant",
        "most places",
        "429s",
        "transitions a task",
        "starts in the fullest second",
        "counter writes in it");
    for (int limit : limits) {
      for (boolean progress : new boolean[] {false, true}) {
        var outcomes =
            IntStream.range(0, runs)
                .mapToObj(run -> new QueueRun(tasks, limit, progress, run).run())
                .toList();
        report.row(
            limit,
            progress ? "a steady progress" : "RUNNING",
            of(outcomes, o -> o.seconds() / 3600).getAverage(),
            of(outcomes, o -> o.seconds() / o.work()).getAverage(),
            of(outcomes, QueueBench::besideIdeal).getAverage(),
            "%.3f–%.3f"
                .formatted(
                    of(outcomes, QueueBench::besideIdeal).getMin(),
                    of(outcomes, QueueBench::besideIdeal).getMax()),
            of(outcomes, Outcome::used).getMin(),
            of(outcomes, Outcome::leastShare).getMin(),
            (int) of(outcomes, Outcome::mostPlaces).getMax(),
            of(outcomes, Outcome::refusals).getAverage(),
            of(outcomes, Outcome::transitions).getAverage(),
            (int) of(outcomes, Outcome::mostStarts).getMax(),
            (int) of(outcomes, Outcome::mostCounterWrites).getMax());
        claims(report, tasks, limit, progress ? "steady progress" : "by time", outcomes);
      }
    }
    return report;
  }

  private static double besideIdeal(Outcome outcome) {
    return outcome.seconds() / outcome.ideal();
  }

  private static DoubleSummaryStatistics of(
      List<Outcome> outcomes, ToDoubleFunction<Outcome> what) {
    return outcomes.stream().collect(Collectors.summarizingDouble(what));
  }

  private static void claims(
      Report report, int tasks, int limit, String how, List<Outcome> outcomes) {
    var name = "limit %d, %s: ".formatted(limit, how);
    report
        .atMost(name + "tasks lost", of(outcomes, o -> tasks - o.delivered()).getMax(), 0)
        .atMost(name + "most places held", of(outcomes, Outcome::mostPlaces).getMax(), limit)
        .atMost(
            name + "most tasks at the provider",
            of(outcomes, Outcome::mostAtProvider).getMax(),
            limit)
        .atLeast(name + "places used while tasks wait", of(outcomes, Outcome::used).getMin(), 0.95)
        .atLeast(
            name + "least share of a waiting tenant, of its fair one",
            of(outcomes, Outcome::leastShare).getMin(),
            0.8)
        .atMost(
            name + "time beside the ideal, mean",
            of(outcomes, QueueBench::besideIdeal).getAverage(),
            1.05);
  }
}
