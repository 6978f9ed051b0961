package dev.understudy.adapters.logging;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.understudy.core.ports.Metrics;
import dev.understudy.core.watch.Measurement;
import dev.understudy.core.watch.Metric;
import dev.understudy.core.watch.Observation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Each observation as one line of JSON to standard output, which is a log line for people and,
 * where something is measured, metrics for CloudWatch, in its embedded metric format: CloudWatch
 * takes the values named under {@code _aws} out of the function's log
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
 * Powertools would bring 1 MB for this (docs/adr/019).
 */
public final class MetricLines implements Metrics {

  /** Where CloudWatch keeps them. */
  public static final String NAMESPACE = "Understudy";

  /** The dimension that every metric has: two stacks of one account don't mix. */
  public static final String STACK = "Stack";

  /** The second dimension of {@link Metric#FAILED}, beside its sum. */
  public static final String REASON = "Reason";

  private static final Logger log = LoggerFactory.getLogger(MetricLines.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final List<List<String>> BY_STACK = List.of(List.of(STACK));
  private static final List<List<String>> BY_STACK_AND_REASON =
      List.of(List.of(STACK), List.of(STACK, REASON));

  private final String stack;
  private final InstantSource clock;

  /**
   * @param stack the stack's name
   * @param clock the time that CloudWatch puts the values to
   */
  public MetricLines(String stack, InstantSource clock) {
    this.stack = stack;
    this.clock = clock;
  }

  @Override
  public void tell(Observation observation) {
    try {
      var line = line(observation);
      // one write per line: Lambda makes each write an event of its own
      System.out.write(line, 0, line.length);
      System.out.flush();
    } catch (IOException | RuntimeException e) { // what is observed has happened all the same
      log.error("This was not written down: {}", observation.message(), e);
    }
  }

  private byte[] line(Observation observation) throws IOException {
    var now = clock.instant();
    var bytes = new ByteArrayOutputStream(1024);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("timestamp", now.toString());
      json.writeStringField("level", "INFO");
      json.writeStringField("message", JsonLines.withoutSecrets(observation.message()));
      var request = MDC.get(LogContext.REQUEST);
      if (request != null) {
        json.writeStringField(LogContext.REQUEST, request);
      }
      for (var fact : observation.facts().entrySet()) {
        json.writePOJOField(fact.getKey(), fact.getValue());
      }
      if (!observation.measurements().isEmpty()) {
        writeMetrics(json, observation, now.toEpochMilli());
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }

  private void writeMetrics(JsonGenerator json, Observation observation, long millis)
      throws IOException {
    json.writeStringField(STACK, stack);
    var reason = observation.reason();
    if (reason != null) {
      json.writeStringField(REASON, reason.name());
    }
    for (var measurement : observation.measurements()) {
      json.writeNumberField(measurement.metric().word(), measurement.value());
    }
    json.writeObjectFieldStart("_aws");
    json.writeNumberField("Timestamp", millis);
    json.writeArrayFieldStart("CloudWatchMetrics");
    Predicate<Measurement> byReason = m -> reason != null && m.metric() == Metric.FAILED;
    writeDirective(json, BY_STACK, observation.measurements(), byReason.negate());
    writeDirective(json, BY_STACK_AND_REASON, observation.measurements(), byReason);
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeDirective(
      JsonGenerator json,
      List<List<String>> dimensions,
      List<Measurement> measurements,
      Predicate<Measurement> wanted)
      throws IOException {
    var metrics = measurements.stream().filter(wanted).map(Measurement::metric).toList();
    if (metrics.isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("Namespace", NAMESPACE);
    json.writeArrayFieldStart("Dimensions");
    for (var set : dimensions) {
      json.writeArray(set.toArray(String[]::new), 0, set.size());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("Metrics");
    for (var metric : metrics) {
      json.writeStartObject();
      json.writeStringField("Name", metric.word());
      json.writeStringField("Unit", metric.unit().word());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
