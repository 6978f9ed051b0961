package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the functions write for those who watch. On the local AWS nobody takes the metrics out of
 * the lines, so the test hands them to CloudWatch, and CloudWatch judges the alarm.
 */
@EndToEnd
class WatchIT {

  private static final AwsJson CLOUDWATCH =
      new AwsJson("monitoring", "GraniteServiceVersion20100801", "1.0");

  @Test
  void eachTransition_shouldBeOneLine_fromAcceptanceToTheVideo(Scenario scenario) {
    Folder folder = scenario.folder("watched");
    folder.orderSample();
    folder.awaitStatus("SUCCEEDED");
    String id = folder.task().path("id").asText();

    List<JsonNode> lines =
        Stream.of("ingest", "submit", "poll", "persist", "reconcile")
            .flatMap(function -> lines(scenario, function).stream())
            .filter(line -> line.path("taskId").asText().equals(id) && line.has("to"))
            .toList();

    assertThat(lines)
        .extracting(line -> line.path("version").asInt())
        .as("one line for each change that people are told of")
        .doesNotHaveDuplicates()
        .hasSize(folder.task().path("version").asInt());
    assertThat(lines)
        .extracting(line -> line.path("to").asText())
        .contains("QUEUED", "SUBMITTING", "SUBMITTED", "PERSISTING", "SUCCEEDED");
    for (String metric :
        List.of(
            "Accepted",
            "Submitted",
            "Charged",
            "Succeeded",
            "SecondsQueued",
            "SecondsRendering",
            "SecondsPersisting",
            "SecondsUnseen",
            "Polls")) {
      assertThat(lines.stream().filter(line -> line.has(metric))).as(metric).hasSize(1);
    }
  }

  @Test
  @Needs(Needs.FUNCTIONS_HERE) // CloudWatch of this machine
  void anUnknownSubmission_shouldRaiseItsAlarm(Scenario scenario) {
    Folder folder = scenario.folder("watched-unknown");
    folder.fault("submit", "reset-after-acceptance");
    folder.orderSample();
    folder.awaitStatus("SUBMISSION_UNKNOWN");
    int before = gauges(scenario).size();

    folder.until(
        "reconcile has looked once more",
        () -> Stream.of(gauges(scenario)).filter(told -> told.size() > before + 1).findFirst());
    JsonNode latest = gauges(scenario).getLast();

    assertThat(latest.path("SubmissionsUnknown").asDouble()).isPositive();
    hand(latest);
    folder.until(
        "the alarm is raised",
        () ->
            Stream.of(alarm("SubmissionUnknownAlarm"))
                .filter(state -> state.equals("ALARM"))
                .findFirst());
  }

  private static List<JsonNode> gauges(Scenario scenario) {
    return lines(scenario, "reconcile").stream()
        .filter(line -> line.has("SubmissionsUnknown"))
        .toList();
  }

  /** Gives the metrics of a line to CloudWatch, as it takes them out of the log itself on AWS. */
  private static void hand(JsonNode line) {
    for (JsonNode directive : line.path("_aws").path("CloudWatchMetrics")) {
      List<Map<String, Object>> data = new ArrayList<>();
      for (JsonNode metric : directive.path("Metrics")) {
        String name = metric.path("Name").asText();
        data.add(
            Map.of(
                "MetricName", name,
                "Value", line.path(name).asDouble(),
                "Unit", metric.path("Unit").asText(),
                "Dimensions",
                    List.of(Map.of("Name", "Stack", "Value", line.path("Stack").asText()))));
      }
      CLOUDWATCH.call(
          "PutMetricData",
          Map.of("Namespace", directive.path("Namespace").asText(), "MetricData", data));
    }
  }

  private static String alarm(String name) {
    for (JsonNode alarm : CLOUDWATCH.call("DescribeAlarms", Map.of()).path("MetricAlarms")) {
      if (alarm.path("AlarmName").asText().contains(name)) {
        return alarm.path("StateValue").asText();
      }
    }
    throw new AssertionError("There is no alarm " + name + ".");
  }

  private static List<JsonNode> lines(Scenario scenario, String function) {
    return scenario.stack.log(function).stream()
        .filter(message -> message.startsWith("{"))
        .map(message -> {
          try {
            return Json.MAPPER.readTree(message);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        })
        .toList();
  }
}
