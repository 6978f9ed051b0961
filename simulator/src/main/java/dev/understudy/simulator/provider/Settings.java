package dev.understudy.simulator.provider;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * How the provider behaves when nothing goes wrong. Names and units are those of {@code POST
 * /admin/settings}; durations are written as seconds.
 *
 * @param apiKey the bearer token that is accepted
 * @param keyRevoked true: every key is answered 401
 * @param shape of a GET's body
 * @param renderSeconds from the start of a rendering to its end
 * @param renderVariation 0 to 1: a task takes up to so much more or less of that time, depending on
 *     nothing but its seed
 * @param concurrency how many tasks are rendered at once; the others are THROTTLED
 * @param notVisibleSeconds how long a new task answers {@code task_not_exist}
 * @param lateOutputSeconds how long a task has succeeded before it shows its output URL
 * @param urlLifeSeconds how long an output URL can be fetched
 * @param refundOnFailure whether a failed task's charge is refunded
 * @param priceUsd what a task costs when it is accepted
 * @param allowHttp whether inputs may be http URLs and may lie on IP addresses and single-label
 *     hosts
 * @param requireHead whether an input must answer HEAD, as Runway's documentation asks
 * @param requireAllFields whether every field of the request must be sent, as one version of the
 *     documentation asks
 * @param fetchTimeoutSeconds how long fetching one input may take
 */
public record Settings(
    String apiKey,
    boolean keyRevoked,
    Shape shape,
    Duration renderSeconds,
    double renderVariation,
    int concurrency,
    Duration notVisibleSeconds,
    Duration lateOutputSeconds,
    Duration urlLifeSeconds,
    boolean refundOnFailure,
    BigDecimal priceUsd,
    boolean allowHttp,
    boolean requireHead,
    boolean requireAllFields,
    Duration fetchTimeoutSeconds) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Settings {
    if (apiKey.isBlank()) {
      throw new IllegalArgumentException("apiKey must not be blank.");
    }
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency is 1 or more.");
    }
    if (!(renderVariation >= 0 && renderVariation <= 1)) {
      throw new IllegalArgumentException("renderVariation is from 0 to 1.");
    }
    if (renderSeconds.isNegative()
        || notVisibleSeconds.isNegative()
        || lateOutputSeconds.isNegative()
        || urlLifeSeconds.isNegative()
        || fetchTimeoutSeconds.isNegative()) {
      throw new IllegalArgumentException("Durations are 0 or more.");
    }
    if (priceUsd.signum() < 0) {
      throw new IllegalArgumentException("priceUsd is 0 or more.");
    }
  }

  /**
   * The settings of a provider in good health.
   *
   * @return the defaults of the program's options
   */
  public static Settings usual() {
    return new Settings(
        "simulated-key",
        false,
        Shape.BARE,
        Duration.ofSeconds(5),
        0,
        5,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ofHours(24),
        false,
        new BigDecimal("0.40"),
        false,
        false,
        false,
        Duration.ofSeconds(20));
  }

  static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
