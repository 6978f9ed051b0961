package dev.understudy.adapters.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.watch.FailureReason;
import dev.understudy.core.watch.Measurement;
import dev.understudy.core.watch.Metric;
import dev.understudy.core.watch.Observation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Lines against CloudWatch's specification of its embedded metric format. */
class MetricLinesTest {

  /** The units that CloudWatch knows (API reference, MetricDatum), of which these are used. */
  private static final Set<String> UNITS = Set.of("Count", "Seconds", "Percent", "None");

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.250Z");

  private final MetricLines lines = new MetricLines("shots", () -> NOW);
  private final PrintStream standard = System.out;
  private final List<String> writes = new ArrayList<>();

  @BeforeEach
  void takeStandardOutput() {
    System.setOut(
        new PrintStream(
            new ByteArrayOutputStream() {
              @Override
              public synchronized void write(byte[] bytes, int offset, int length) {
                writes.add(new String(bytes, offset, length, UTF_8));
              }
            },
            true,
            UTF_8));
  }

  @AfterEach
  void giveItBack() {
    System.setOut(standard);
    MDC.clear();
  }

  private JsonNode only() throws IOException {
    assertThat(writes).hasSize(1);
    assertThat(writes.getFirst()).endsWith("}\n").containsOnlyOnce("\n");
    return Json.MAPPER.readTree(writes.getFirst());
  }

  private static Observation failed() {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("taskId", "0d9ee5c4");
    facts.put("version", 7L);
    facts.put("place", false);
    return new Observation(
        "It failed.",
        facts,
        List.of(new Measurement(Metric.FAILED, 1), new Measurement(Metric.POLLS, 6)),
        FailureReason.ASSET);
  }

  @Test
  void line_shouldBeALogLineAndMetrics() throws IOException {
    try (var _ = LogContext.ofInvocation("request-1")) {
      LogContext.task("another", 9);
      lines.tell(failed());
    }

    assertThat(only())
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"timestamp": "2026-03-01T12:00:00.250Z", "level": "INFO", "message": "It failed.",
                 "requestId": "request-1", "taskId": "0d9ee5c4", "version": 7, "place": false,
                 "Stack": "shots", "Reason": "ASSET", "Failed": 1.0, "Polls": 6.0,
                 "_aws": {"Timestamp": 1772366400250, "CloudWatchMetrics": [
                   {"Namespace": "Understudy", "Dimensions": [["Stack"]],
                    "Metrics": [{"Name": "Polls", "Unit": "Count"}]},
                   {"Namespace": "Understudy", "Dimensions": [["Stack"], ["Stack", "Reason"]],
                    "Metrics": [{"Name": "Failed", "Unit": "Count"}]}]}}
                """));
  }

  @Test
  void line_shouldBeALogLineOnly_whenNothingIsMeasured() throws IOException {
    lines.tell(new Observation("It has a place.", Map.of("taskId", "t"), List.of(), null));

    assertThat(only().has("_aws")).isFalse();
    assertThat(only().has("Stack")).isFalse();
  }

  @Test
  void line_shouldWithholdSecrets() throws IOException {
    lines.tell(
        new Observation(
            "It could not be read: https://bucket.example/a.mp4?X-Amz-Signature=abc",
            Map.of(),
            List.of(),
            null));

    assertThat(only().path("message").asText())
        .isEqualTo("It could not be read: https://bucket.example/a.mp4?[withheld]");
  }

  @Test
  void everyMetric_shouldBeWrittenAsTheSpecificationWants() throws IOException {
    lines.tell(
        new Observation(
            "All of them.",
            Map.of(),
            Arrays.stream(Metric.values()).map(metric -> new Measurement(metric, 2.5)).toList(),
            FailureReason.MODERATION));

    var root = only();
    var metadata = root.path("_aws");
    assertThat(metadata.path("Timestamp").isIntegralNumber()).isTrue();
    var named = new HashSet<String>();
    for (var directive : metadata.path("CloudWatchMetrics")) {
      assertThat(directive.path("Namespace").asText()).matches("[^:].{0,254}");
      assertThat(directive.path("Dimensions").size()).isPositive();
      for (var set : directive.path("Dimensions")) {
        assertThat(set.size()).isBetween(1, 30);
        set.forEach(dimension ->
            assertThat(root.path(dimension.asText()).asText()).isNotBlank().hasSizeLessThan(1024));
      }
      assertThat(directive.path("Metrics").size()).isBetween(1, 100);
      for (var metric : directive.path("Metrics")) {
        assertThat(named.add(metric.path("Name").asText())).isTrue();
        assertThat(root.path(metric.path("Name").asText()).isNumber()).isTrue();
        assertThat(UNITS).contains(metric.path("Unit").asText());
      }
    }
    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values()).map(Metric::word).toList());
  }
}
