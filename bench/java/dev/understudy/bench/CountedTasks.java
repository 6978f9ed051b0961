package dev.understudy.bench;

import dev.understudy.core.testing.Answers;
import java.io.IOException;

/** What the walker counts for a task, by how often it is asked for: for bench/pipeline.py. */
public final class CountedTasks {

  /** The longest render in seconds that is tried. */
  private static final int LONGEST = 400;

  private static final int MOST_POLLS = 12;

  private CountedTasks() {}

  public static void main(String[] arguments) throws IOException {
    report().print();
  }

  /** One row for each number of polls that a render from no time at all to minutes can take. */
  static Report report() throws IOException {
    var report = new Report();
    report.table("polls", "transitions", "history events", "DynamoDB requests", "S3 PUT", "S3 GET");
    int shown = 0;
    for (int seconds = 0; seconds <= LONGEST; seconds++) {
      var time = new RenderTime(0, seconds);
      var bill =
          new OneTask(
                  Prices.read(),
                  1,
                  OneTask.done(
                      time, since -> Answers.of(200, "{\"id\":\"x\",\"status\":\"RUNNING\"}")))
              .run();
      if (bill.polls() > shown && bill.polls() <= MOST_POLLS) {
        shown = bill.polls();
        report.row(
            bill.polls(),
            bill.counts().getOrDefault("transition", 0.0),
            bill.historyEvents(),
            bill.calls().values().stream().mapToInt(n -> n).sum());
      }
    }
    return report;
  }
}
