package dev.understudy.bench;

import dev.understudy.bench.BestByTime.Mean;
import dev.understudy.core.provider.PollPolicy;
import dev.understudy.core.provider.Reading;
import dev.understudy.core.provider.Reading.ProviderStatus;
import dev.understudy.core.settings.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The poll policy on a virtual clock, beside the loops that people write instead and the best that
 * time alone allows.
 */
public final class PollingBench {

  private static final int TASKS = 200_000;

  /** What the provider says while it works. */
  enum Says {
    RUNNING("nothing but RUNNING"),
    THROTTLED("THROTTLED while it is queued"),
    STEADY("THROTTLED, and a steady progress in whole per cent"),
    FIXED("a progress of 50 % all the time"),
    SLOWING("a progress that slows down towards the end"),
    STEPS("a progress in steps of a quarter");

    private final String words;

    Says(String words) {
      this.words = words;
    }

    Reading.Working reading(RenderTime task, double now) {
      if (now < task.queued()) {
        boolean told = this == THROTTLED || this == STEADY;
        return new Reading.Working(
            told ? ProviderStatus.THROTTLED : ProviderStatus.RUNNING, this == FIXED ? 0.5 : null);
      }
      double share = (now - task.queued()) / task.render();
      Double progress =
          switch (this) {
            case RUNNING, THROTTLED -> null;
            case STEADY -> Math.floor(share * 100) / 100;
            case FIXED -> 0.5;
            case SLOWING -> Math.floor(100 * (1 - Math.exp(-3 * share))) / 100;
            case STEPS -> Math.floor(share * 4) / 4;
          };
      return new Reading.Working(ProviderStatus.RUNNING, progress);
    }
  }

  /** One task's questions: when it was asked about, in seconds since the submission. */
  interface Loop {
    List<Double> asked(RenderTime task, RandomGenerator random);
  }

  private PollingBench() {}

  public static void main(String[] arguments) throws IOException {
    report(TASKS).print();
  }

  static Report report(int tasks) {
    var report = new Report();
    var usual = made(tasks, RenderTime::usual);
    var mixed = made(tasks, RenderTime::mixed);
    var bestOfUsual = new BestByTime(usual);
    var bestOfMixed = new BestByTime(mixed);
    var ours = policy(Says.RUNNING);

    report.table(
        "Asks",
        "polls",
        "seen after, s",
        "÷ best possible",
        "mix: polls",
        "mix: seen after, s",
        "mix: ÷ best possible");
    var oursUsual = mean(usual, ours);
    var oursMixed = mean(mixed, ours);
    row(report, "**PollPolicy**, by time alone", oursUsual, oursMixed, bestOfUsual, bestOfMixed);
    others()
        .forEach(other ->
            row(
                report,
                other.name(),
                mean(usual, other.loop()),
                mean(mixed, other.loop()),
                bestOfUsual,
                bestOfMixed));

    report.table("The provider says", "polls", "seen after, s", "mix: polls", "mix: seen after, s");
    for (var says : Says.values()) {
      var loop = policy(says);
      var u = mean(usual, loop);
      var m = mean(mixed, loop);
      report.row(says.words, u.polls(), u.lag(), m.polls(), m.lag());
      if (says == Says.STEADY) {
        report.atMost(
            "mix, steady progress: polls beside time alone", m.polls() / oursMixed.polls(), 1);
        report.atMost(
            "mix, steady progress: delay beside time alone", m.lag() / oursMixed.lag(), 1);
      } else if (says != Says.RUNNING) {
        report.atMost(
            "mix, %s: delay beside time alone".formatted(says.words),
            m.lag() / oursMixed.lag(),
            1.1);
      }
    }

    var hours = sixHours(Says.THROTTLED);
    var running = sixHours(Says.RUNNING);
    report
        .atMost("lognormal: polls", oursUsual.polls(), 7)
        .atMost("lognormal: seconds between done and seen", oursUsual.lag(), 6)
        .atMost(
            "mix: delay beside the best possible with as many polls",
            oursMixed.lag() / bestOfMixed.lag(oursMixed.polls()),
            1.15)
        .atLeast("least seconds between two polls", least(mixed), 5)
        .atLeast("mean interval over six hours THROTTLED, s", 21_600.0 / hours, 50)
        .atLeast("mean interval over six hours RUNNING, s", 21_600.0 / running, 50);

    report.line("best possible", frontier(bestOfUsual));
    report.line("PollPolicy", List.of(new double[] {oursUsual.polls(), oursUsual.lag()}));
    others()
        .forEach(other -> {
          var mean = mean(usual, other.loop());
          report.line(other.name(), List.of(new double[] {mean.polls(), mean.lag()}));
        });
    return report;
  }

  private static void row(
      Report report,
      String name,
      Mean usual,
      Mean mixed,
      BestByTime bestOfUsual,
      BestByTime bestOfMixed) {
    report.row(
        name,
        usual.polls(),
        usual.lag(),
        usual.lag() / bestOfUsual.lag(usual.polls()),
        mixed.polls(),
        mixed.lag(),
        mixed.lag() / bestOfMixed.lag(mixed.polls()));
  }

  private static List<double[]> frontier(BestByTime best) {
    return Stream.of(0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 5.0)
        .map(best::at)
        .map(mean -> new double[] {mean.polls(), mean.lag()})
        .toList();
  }

  private record Other(String name, Loop loop) {}

  /** What people use instead. */
  private static List<Other> others() {
    return List.of(
        // sleeps 6 s, varied by 1.5 s, before the first question and between questions
        new Other("Runway's SDK", every(6, 1.5)),
        new Other("every 5 s", every(5, 0)),
        new Other("every 10 s", every(10, 0)),
        new Other("every 15 s", every(15, 0)),
        new Other("every 30 s", every(30, 0)),
        new Other("exponential: 5 s, then 1.5 times as long", growing(5, 1.5)));
  }

  private static Loop every(double seconds, double varied) {
    return (task, random) -> {
      var asked = new ArrayList<Double>();
      double now = 0;
      do {
        now += seconds + varied * (2 * random.nextDouble() - 1);
        asked.add(now);
      } while (now < task.end());
      return asked;
    };
  }

  private static Loop growing(double first, double times) {
    return (task, random) -> {
      var asked = new ArrayList<Double>();
      double now = 0;
      for (double wait = first; now < task.end(); wait *= times) {
        now += wait;
        asked.add(now);
      }
      return asked;
    };
  }

  /** The policy as the poll function calls it. */
  private static Loop policy(Says says) {
    var settings = Settings.defaults();
    var policy = new PollPolicy(settings.pollFirst(), settings.pollMin());
    return (task, random) -> {
      var asked = new ArrayList<Double>();
      double now = policy.firstWait().toSeconds();
      double since = 0;
      @Nullable Double before = null;
      double seen = 0;
      asked.add(now);
      while (now < task.end()) {
        var reading = says.reading(task, now);
        var earlier = before == null ? null : new PollPolicy.Earlier(seconds(now - seen), before);
        double wait = policy.next(seconds(now - since), reading, earlier, random).toSeconds();
        if (reading.status() == ProviderStatus.THROTTLED) {
          since = now;
        }
        before = reading.progress();
        seen = now;
        now += wait;
        asked.add(now);
      }
      return asked;
    };
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(1000 * seconds));
  }

  private static List<RenderTime> made(int tasks, Function<Random, RenderTime> kind) {
    var random = new Random(20_261_121);
    return Stream.generate(() -> kind.apply(random)).limit(tasks).toList();
  }

  private static Mean mean(List<RenderTime> tasks, Loop loop) {
    var random = new Random(7);
    double polls = 0;
    double lag = 0;
    for (var task : tasks) {
      var asked = loop.asked(task, random);
      polls += asked.size();
      lag += asked.getLast() - task.end();
    }
    return new Mean(polls / tasks.size(), lag / tasks.size());
  }

  /** The least time between two questions about one task, whatever the provider says. */
  private static double least(List<RenderTime> tasks) {
    var random = new Random(7);
    double least = Double.MAX_VALUE;
    for (var says : Says.values()) {
      var loop = policy(says);
      for (var task : tasks) {
        var asked = loop.asked(task, random);
        for (int i = 1; i < asked.size(); i++) {
          least = Math.min(least, asked.get(i) - asked.get(i - 1));
        }
      }
    }
    return least;
  }

  private static int sixHours(Says says) {
    return policy(says).asked(new RenderTime(21_600, 0.001), new Random(7)).size();
  }
}
