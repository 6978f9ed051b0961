package dev.understudy.core.provider;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait between two questions about one task. A render takes a known kind of time, so
 * the first wait is long (to the earliest plausible end) and what follows is short; growing waits
 * would be longest just when the task is most likely to end. All waits are fractions of the first
 * one, and whole seconds.
 *
 * <p>With the first wait at 60 s and render times lognormal (median 120 s, sigma 0.35), a task
 * takes 6.8 questions and is seen 5.9 s after it is done, on average; one that waits for six hours
 * takes fewer than 400. A test counts both.
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

  public PollPolicy {
    if (pollMin.compareTo(Duration.ofSeconds(1)) < 0 || pollMin.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("pollMin is from 1 s to 1 h, not " + pollMin);
    }
    if (pollFirst.isNegative() || pollFirst.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("pollFirst is from 0 to 1 h, not " + pollFirst);
    }
  }

  /** From the submission to the first question. */
  public Duration firstWait() {
    return wholeSeconds(pollFirst.toMillis() / 1000.0);
  }

  /**
   * From a question to the next.
   *
   * @param sinceSubmitted time from the submission to the question that was just answered
   * @param reading what the answer said; one that ends the task gives the least wait
   */
  public Duration next(Duration sinceSubmitted, Reading reading, RandomGenerator random) {
    double byTime = byTime(sinceSubmitted);
    double seconds =
        switch (reading) {
          case Reading.Working working ->
              switch (working.status()) {
                // not started: it cannot end before the earliest plausible end, counted from now
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
    return wholeSeconds(seconds * (1 + JITTER * (2 * random.nextDouble() - 1)));
  }

  /**
   * The wait by time alone: what is left of the first wait; then, from 0.35 of it down to 0.16, as
   * the end grows more likely with each second; then slowly up to a minute, for tasks that must
   * have been queued.
   */
  private double byTime(Duration sinceSubmitted) {
    double elapsed = Math.max(0, sinceSubmitted.toMillis() / 1000.0);
    double first = first();
    if (elapsed < first) {
      return first - elapsed;
    }
    double firsts = elapsed / first;
    double whileLikely = first * Math.max(0.16, 0.35 - 0.25 * (firsts - 1));
    double whenLate = Math.min(first * Math.pow(firsts / 12, 2), elapsed / 15);
    return Math.min(STEADY, Math.max(whileLikely, whenLate));
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
