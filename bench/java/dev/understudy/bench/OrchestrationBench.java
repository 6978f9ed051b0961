package dev.understudy.bench;

import dev.understudy.bench.OneTask.Bill;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.testing.Answers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What orchestrating one task takes and costs. */
public final class OrchestrationBench {

  private static final int TASKS = 1_000;

  /** Of the provider's price. */
  private static final double SHARE = 0.002;

  private OrchestrationBench() {}

  public static void main(String[] arguments) throws IOException {
    report(TASKS).print();
  }

  static Report report(int tasks) throws IOException {
    var prices = Prices.read();
    var report = new Report();
    var byTime = run(prices, tasks, (task, since) -> running());
    var steady =
        run(
            prices,
            tasks,
            (task, since) -> Answers.running(Math.floor(100 * since / task.end()) / 100));

    var median =
        new OneTask(prices, 1, OneTask.done(new RenderTime(0, 120), since -> running())).run();

    report.table(
        "Charged for",
        "unit, $",
        "a task, by time alone",
        "a thousand, $",
        "a task, with a steady progress",
        "a thousand, $");
    for (var what : new TreeSet<>(byTime.getFirst().counts().keySet())) {
      double a = mean(byTime, bill -> bill.counts().getOrDefault(what, 0.0));
      double b = mean(steady, bill -> bill.counts().getOrDefault(what, 0.0));
      double price = prices.usd(what);
      report.row(what, money(price), a, thousand(a * price), b, thousand(b * price));
    }
    double costs = mean(byTime, bill -> bill.usd(prices));
    double costsSteady = mean(steady, bill -> bill.usd(prices));
    report.row("**together**", "", "", thousand(costs), "", thousand(costsSteady));
    report.row(
        "**of the provider's price**",
        "",
        "",
        percent(costs, prices),
        "",
        percent(costsSteady, prices));

    report.table("A task", "polls", "transitions", "history events", "DynamoDB requests");
    detail(report, "by time alone, mean", byTime);
    detail(report, "by time alone, median render", List.of(median));
    detail(report, "with a steady progress, mean", steady);

    double loop = usualLoop(prices);
    report.table("AWS for a shot", "a thousand, $", "of the provider's price");
    report.row("Understudy, by time alone", thousand(costs), percent(costs, prices));
    report.row("Understudy, steady progress", thousand(costsSteady), percent(costsSteady, prices));
    report.row(
        "Wait, Task and Choice every 10 s, nothing kept", thousand(loop), percent(loop, prices));
    double sleeping = sleepingLambda(prices);
    report.row(
        "a Lambda of 128 MB that sleeps, nothing kept",
        thousand(sleeping),
        percent(sleeping, prices));

    var throttled =
        new OneTask(
                prices,
                1,
                OneTask.done(
                    new RenderTime(0, 21_500),
                    since -> Answers.of(200, "{\"id\":\"x\",\"status\":\"THROTTLED\"}")))
            .run();
    var waits = new OneTask(prices, 1, since -> running()).waiting();

    return report
        .atMost(
            "variable cost by time alone, of the provider's price", costs / prices.task(), SHARE)
        .atMost(
            "variable cost with a steady progress, of the provider's price",
            costsSteady / prices.task(),
            SHARE)
        .atMost("history events of a median task", median.historyEvents(), 100)
        .atMost("history events of six hours THROTTLED", throttled.historyEvents(), 3_999)
        .atMost(
            "transitions of a day without a place",
            waits.counts().getOrDefault("transition", 0.0),
            0)
        .atMost("cost of a day without a place, $", waits.usd(prices), 0);
  }

  private static Exchange running() {
    return Answers.of(200, "{\"id\":\"x\",\"status\":\"RUNNING\"}");
  }

  private static List<Bill> run(
      Prices prices, int tasks, BiFunction<RenderTime, Double, Exchange> says) throws IOException {
    var random = new Random(20_261_121);
    var bills = new ArrayList<Bill>();
    for (int i = 0; i < tasks; i++) {
      var task = RenderTime.usual(random);
      bills.add(new OneTask(prices, i, OneTask.done(task, since -> says.apply(task, since))).run());
    }
    return bills;
  }

  /**
   * The state machine that is usually written: one transition to order, Wait, Task and Choice every
   * 10 s, one to copy and one to end; a function for each Task, as long as ours, and no record.
   */
  private static double usualLoop(Prices prices) {
    double polls = 0;
    var random = new Random(20_261_121);
    for (int i = 0; i < 10_000; i++) {
      polls += Math.ceil(RenderTime.usual(random).end() / 10) / 10_000;
    }
    double gigabyteSeconds =
        prices.gigabyteSeconds("Submit")
            + polls * prices.gigabyteSeconds("Poll")
            + prices.gigabyteSeconds("Persist");
    return (3 + 3 * polls) * prices.usd("transition")
        + (2 + polls) * prices.usd("lambdaRequest")
        + gigabyteSeconds * prices.usd("lambdaGbSecond");
  }

  private static double sleepingLambda(Prices prices) {
    double seconds = 120 * Math.exp(0.35 * 0.35 / 2) + 5;
    return prices.usd("lambdaRequest") + seconds * 0.125 * prices.usd("lambdaGbSecond");
  }

  private static void detail(Report report, String name, List<Bill> bills) {
    report.row(
        name,
        mean(bills, bill -> (double) bill.polls()),
        mean(bills, bill -> bill.counts().getOrDefault("transition", 0.0)),
        mean(bills, bill -> (double) bill.historyEvents()),
        mean(bills, bill -> bill.calls().values().stream().mapToDouble(n -> n).sum()));
  }

  private static double mean(List<Bill> bills, Function<Bill, Double> what) {
    return bills.stream().mapToDouble(what::apply).average().orElseThrow();
  }

  private static String money(double usd) {
    return "%.7f".formatted(usd).replaceAll("0+$", "");
  }

  private static String thousand(double usd) {
    return "%.3f".formatted(1000 * usd);
  }

  private static String percent(double usd, Prices prices) {
    return "%.3f %%".formatted(100 * usd / prices.task());
  }
}
