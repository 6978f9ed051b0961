package dev.understudy.core.watch;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line for whoever watches: words and facts for people, measurements for CloudWatch.
 *
 * @param message for people
 * @param facts what the line says besides, by name: texts, numbers and truths
 * @param measurements what is measured by it; none is a line for people alone
 * @param reason why a task failed, by which {@link Metric#FAILED} is also counted; null otherwise
 */
public record Observation(
    String message,
    Map<String, Object> facts,
    List<Measurement> measurements,
    @Nullable FailureReason reason) {

  /** Copies what it is given; the facts keep their order. */
  public Observation {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    measurements = List.copyOf(measurements);
  }
}
