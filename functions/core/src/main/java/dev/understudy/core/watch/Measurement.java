package dev.understudy.core.watch;

import java.time.Duration;

/**
 * One value of one metric.
 *
 * @param metric what
 * @param value how much, in the metric's unit
 */
public record Measurement(Metric metric, double value) {

  /** Once. */
  static Measurement once(Metric metric) {
    return new Measurement(metric, 1);
  }

  /** A time that passed; clocks of two machines may differ, so it is never less than none. */
  static Measurement seconds(Metric metric, Duration passed) {
    return new Measurement(metric, Math.max(0, passed.toMillis() / 1000.0));
  }
}
