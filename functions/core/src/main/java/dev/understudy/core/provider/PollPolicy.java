package dev.understudy.core.provider;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait between two questions about one task. A render takes a known kind of time, so
 * the first wait is long (to the earliest plausible end) and what follows is short; growing waits
 * would be longest just when the task is most likely to end. All waits are fractions of the first
 * one, and whole seconds.
 *
 * <p>The fractions follow the best schedule that time alone allows, which {@code make bench}
 * computes for render times that are lognormal (median 120 s, sigma 0.35): a task takes 6.4
 * questions and is seen 5.9 s after it is done, on average, where the best would be 5.7 s. A test
 * holds the targets, also for a mix in which every tenth task is queued first.
 *
 * @param pollFirst the earliest plausible end, counted from the submission
 * @param pollMin the least time between two questions
 */
public record PollPolicy(Duration pollFirst, Duration pollMin) {
  /** The most that one Wait state is given. */
  public static final Duration LONGEST = Duration.ofHours(1);

  /** The wait in steady state: a task that long in work is no longer about seconds. */
  private static final double STEADY = 60;

  /** A Retry-After is kept to, but no task is left unlooked at for longer than this. */
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);

  /** The share of a wait by which it is varied, so that tasks of one moment drift apart. */
  private static final double JITTER = 0.1;

  // Waits as shares of the first one; ages of the task in first waits.
  private static final double AFTER_FIRST = 0.2;
  private static final double WHILE_LIKELY = 0.125;
  private static final double WHEN_LATE = 0.5;
  private static final double LATE_FROM = 2.8;
  private static final double LATE = 4.4;

  /** An age divided by this is the least wait: long waits become few, whatever the first one is. */
  private static final double OF_AGE = 22;

  /** How far two estimates from the provider's progress may be apart to be believed. */
  private static final double AGREE = 0.25;

  /** A progress that is believed lengthens a wait to so many times what time alone says. */
  private static final double BELIEVED = 4;

  public PollPolicy {
    if (pollMin.compareTo(Duration.ofSeconds(1)) < 0 || pollMin.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("pollMin is from 1 s to 1 h, not " + pollMin);
    }
    if (pollFirst.isNegative() || pollFirst.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("pollFirst is from 0 to 1 h, not " + pollFirst);
    }
  }

  /**
   * A progress that the provider named earlier.
   *
   * @param ago how long ago
   * @param progress from 0 to 1
   */
  public record Earlier(Duration ago, double progress) {}

  /** From the submission to the first question. */
  public Duration firstWait() {
    return wholeSeconds(pollFirst.toMillis() / 1000.0);
  }

  /**
   * From a question to the next.
   *
   * @param atWork how long the provider can have been at work when it was asked: since the
   *     submission, or since it last said that it had not begun
   * @param reading what it answered; one that ends the task gives the least wait
   * @param earlier the progress of the answer before, null if that named none
   */
  public Duration next(
      Duration atWork, Reading reading, @Nullable Earlier earlier, RandomGenerator random) {
    double age = Math.max(0, atWork.toMillis() / 1000.0);
    double byTime = byTime(age);
    double seconds =
        switch (reading) {
          case Reading.Working working ->
              switch (working.status()) {
                // not begun: it cannot end before the earliest plausible end, counted from now
                case THROTTLED -> Math.max(byTime, Math.min(first(), STEADY));
                case PENDING, RUNNING -> byTime;
              };
          // the URL usually follows at once, however long the render took
          case Reading.DoneWithoutOutput() -> Math.min(byTime, Math.max(5, first() / 4));
          case Reading.NotVisible() -> byTime;
          case Reading.NotYet notYet -> {
            Duration asked = notYet.retryAfter();
            double kept =
                asked == null
                    ? 0
                    : Math.min(asked.toMillis(), LONGEST_RETRY_AFTER.toMillis()) / 1000.0;
            // the variation never goes below what was asked for
            yield Math.max(byTime, kept / (1 - JITTER));
          }
          case Reading.Done done -> 0;
          case Reading.Failed failed -> 0;
        };
    OptionalDouble left = left(age, reading, earlier);
    if (left.isPresent()) {
      // a second later, so that it is over by then; not varied, as the ends themselves differ
      return wholeSeconds(Math.min(left.getAsDouble() + 1, Math.min(STEADY, BELIEVED * byTime)));
    }
    return wholeSeconds(seconds * (1 + JITTER * (2 * random.nextDouble() - 1)));
  }

  /**
   * The wait by time alone: what is left of the first wait; then, from 0.2 of it down to an eighth,
   * as the end grows more likely with each second; then up to a half, and slowly to a minute, for
   * tasks that must have been queued.
   */
  private double byTime(double age) {
    double first = first();
    if (age < first) {
      return first - age;
    }
    double firsts = age / first;
    double whileLikely = Math.max(WHILE_LIKELY, AFTER_FIRST * (2 - firsts));
    double late = Math.clamp((firsts - LATE_FROM) / (LATE - LATE_FROM), 0, 1);
    double share = Math.max(whileLikely, WHILE_LIKELY + (WHEN_LATE - WHILE_LIKELY) * late);
    return Math.min(STEADY, Math.max(first * share, age / OF_AGE));
  }

  /**
   * The seconds that are left by the provider's own progress, if that can be believed: it moves,
   * and its pace since the answer before leads to the same end as its pace since the beginning.
   * Gateways are known to name a fixed share, and a share that slows down towards the end.
   */
  private static OptionalDouble left(double age, Reading reading, @Nullable Earlier earlier) {
    if (!(reading instanceof Reading.Working(var status, var progress))
        || status == Reading.ProviderStatus.THROTTLED
        || progress == null
        || earlier == null
        || progress <= earlier.progress()) {
      return OptionalDouble.empty();
    }
    double byWhole = age * (1 - progress) / progress;
    double ago = earlier.ago().toMillis() / 1000.0;
    double byPace = ago * (1 - progress) / (progress - earlier.progress());
    return Math.abs(byWhole - byPace) <= AGREE * Math.max(byWhole, byPace)
        ? OptionalDouble.of(byWhole)
        : OptionalDouble.empty();
  }

  /** The first wait in seconds, never below the least one. */
  private double first() {
    return Math.max(pollFirst.toMillis(), pollMin.toMillis()) / 1000.0;
  }

  private Duration wholeSeconds(double seconds) {
    long least = pollMin.plusMillis(999).toSeconds();
    return Duration.ofSeconds(Math.clamp(Math.round(seconds), least, LONGEST.toSeconds()));
  }
}
