package dev.understudy.bench;

import dev.understudy.bench.QueueRun.Outcome;
import java.io.IOException;

/** Five thousand tasks of three tenants, all at once, through the real admission. */
public final class QueueBench {

  private static final int TASKS = 5_000;

  private QueueBench() {}

  public static void main(String[] arguments) throws IOException {
    report(TASKS, 5, 20, 100).print();
  }

  static Report report(int tasks, int... limits) {
    var report = new Report();
    report.table(
        "MaxInFlight",
        "the provider says",
        "hours",
        "÷ (tasks ÷ limit × render time)",
        "÷ ideal",
        "places used",
        "least fair share of a tenant",
        "most places",
        "429s",
        "transitions a task",
        "starts in the fullest second",
        "counter writes in it");
    for (int limit : limits) {
      for (boolean progress : new boolean[] {false, true}) {
        var outcome = new QueueRun(tasks, limit, progress).run();
        report.row(
            limit,
            progress ? "a steady progress" : "RUNNING",
            outcome.seconds() / 3600,
            outcome.seconds() / outcome.work(),
            outcome.seconds() / outcome.ideal(),
            outcome.used(),
            outcome.leastShare(),
            outcome.mostPlaces(),
            outcome.refusals(),
            outcome.transitions(),
            outcome.mostStarts(),
            outcome.mostCounterWrites());
        claims(report, tasks, limit, progress ? "steady progress" : "by time", outcome);
      }
    }
    return report;
  }

  private static void claims(Report report, int tasks, int limit, String how, Outcome outcome) {
    var name = "limit %d, %s: ".formatted(limit, how);
    report
        .atMost(name + "tasks lost", tasks - outcome.delivered(), 0)
        .atMost(name + "most places held", outcome.mostPlaces(), limit)
        .atMost(name + "most tasks at the provider", outcome.mostAtProvider(), limit)
        .atLeast(name + "places used while tasks wait", outcome.used(), 0.95)
        .atLeast(
            name + "least share of a waiting tenant, of its fair one", outcome.leastShare(), 0.8)
        .atMost(name + "time beside the ideal", outcome.seconds() / outcome.ideal(), 1.05);
  }
}
