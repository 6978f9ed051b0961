package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.services.s3.model.S3Object;

/** After all the others: whatever happened, the house is in order. */
@EndToEnd
@Isolated("looks at what all the others left")
@Order(Order.DEFAULT + 9)
class NothingLeftBehindIT {
  private static final List<String> FUNCTIONS =
      List.of("api", "ingest", "submit", "poll", "persist", "reconcile");

  /** Part of every signed address, of every key used here, and of what a key is sent with. */
  private static final List<String> SECRETS =
      List.of(
          "X-Amz-Signature",
          "X-Amz-Credential",
          "X-Amz-Security-Token",
          "Bearer ",
          SimulatedProvider.KEY,
          "understudy-e2e-new-key",
          "whsec_",
          "e2e-hook-token",
          "_jwt=");

  /** A token of the API: only its hash may stand anywhere. */
  private static final Pattern TOKEN = Pattern.compile("understudy_[A-Za-z0-9_-]{43}");

  private static final Set<String> AT_REST =
      Set.of("SUCCEEDED", "FAILED", "CANCELLED", "SUBMISSION_UNKNOWN");

  @Test
  void places_shouldAllBeFree_whenNothingIsUnderWay(Scenario scenario) {
    awaitRest(scenario);
    JsonNode stack = scenario.stack.item("LIMIT", "STACK").orElseThrow();
    assertThat(stack.path("inFlight").asInt()).isZero();
    assertThat(
            scenario
                .stack
                .items()
                .filter(item -> item.path("sk").asText().startsWith("TENANT#"))
                .filter(item -> item.path("pk").asText().equals("LIMIT")))
        .isNotEmpty()
        .allMatch(t -> t.path("inFlight").asInt() == 0 && t.path("waiting").asInt() == 0);
  }

  @Test
  void spend_shouldBeWhatTheTasksSay_whenNothingIsUnderWay(Scenario scenario) {
    awaitRest(scenario);
    Map<String, Map<String, Long>> expected = new TreeMap<>();
    tasks(scenario)
        .forEach(task ->
            task.path("attempts")
                .forEach(attempt -> {
                  String ledger = ledger(task.path("tenant"), attempt.path("month"));
                  Map<String, Long> month = expected.computeIfAbsent(ledger, _ -> new TreeMap<>());
                  long cents = attempt.path("cents").asLong();
                  String charge = attempt.path("charge").asText();
                  if (!charge.equals("RETURNED")) {
                    month.merge(charge.toLowerCase(Locale.ROOT), cents, Long::sum);
                    month.merge("committed", cents, Long::sum);
                  }
                }));
    Map<String, Map<String, Long>> stored =
        scenario
            .stack
            .items()
            .filter(item -> item.path("pk").asText().startsWith("SPEND#"))
            .collect(
                Collectors.toMap(
                    item -> item.path("pk").asText() + " " + item.path("sk").asText(),
                    item ->
                        Stream.of("reserved", "charged", "unknown", "committed")
                            .filter(counter -> item.path(counter).asLong() != 0)
                            .collect(
                                Collectors.toMap(
                                    counter -> counter, counter -> item.path(counter).asLong()))));
    assertThat(stored).isEqualTo(expected);
  }

  private static String ledger(JsonNode tenant, JsonNode month) {
    return "SPEND#%s %s".formatted(tenant.asText(), month.asText());
  }

  @Test
  void charges_shouldAllBelongToATask_whenTheProvidersLedgerIsRead(Scenario scenario) {
    Map<String, Long> attempts =
        tasks(scenario)
            .collect(
                Collectors.toMap(
                    task -> task.path("id").asText(), NothingLeftBehindIT::attemptsThatMayBePaid));
    Map<String, Long> charges =
        scenario.stack.provider.ledger().tasks().stream()
            .filter(Ledger.Entry::charged)
            .collect(Collectors.groupingBy(Ledger.Entry::taskId, Collectors.counting()));
    assertThat(attempts.keySet()).containsAll(charges.keySet());
    assertThat(charges)
        .allSatisfy((id, paid) ->
            assertThat(paid).as("charges of task %s", id).isLessThanOrEqualTo(attempts.get(id)));
  }

  /**
   * One, unless a person ordered another attempt of a task of which the first may be paid. What a
   * person who gives up says of the charge is taken as said, and need not be so.
   */
  private static long attemptsThatMayBePaid(JsonNode task) {
    if (task.path("failure").path("code").asText().equals("SUBMISSION.GIVEN_UP")) {
      return task.path("attempts").size();
    }
    return task.path("attempts")
        .valueStream()
        .filter(attempt -> Set.of("CHARGED", "UNKNOWN").contains(attempt.path("charge").asText()))
        .count();
  }

  @Test
  void uploads_shouldAllBeClosed_whenCopiesWereCutOff(Scenario scenario) {
    assertThat(scenario.stack.openUploads()).isEmpty();
  }

  @Test
  void changes_shouldAllBeTold_whenNothingIsUnderWay(Scenario scenario) {
    Folder.patiently("nothing is owed to be told")
        .until(() ->
            scenario.stack.items().noneMatch(item -> item.path("sk").asText().equals("OUTBOX")));
    Set<String> told =
        scenario.stack.events().stream()
            .map(event -> event.path("detail"))
            .map(detail -> detail.path("taskId").asText() + " " + detail.path("status").asText())
            .collect(Collectors.toSet());
    Set<String> taskIds = told.stream().map(line -> line.split(" ")[0]).collect(Collectors.toSet());
    assertThat(told)
        .as("the last word on every task that events were told of in this run")
        .containsAll(
            tasks(scenario)
                .filter(task -> taskIds.contains(task.path("id").asText()))
                .map(task -> task.path("id").asText() + " " + task.path("status").asText())
                .toList());
  }

  @Test
  void secrets_shouldStandNowhere_whenEverythingIsRead(Scenario scenario) throws Exception {
    askApi();
    functions()
        .forEach(
            function -> assertClean("log of " + function, scenario.stack.log(function).stream()));
    assertClean("item", scenario.stack.items().map(JsonNode::toString));
    assertClean("event", scenario.stack.events().stream().map(JsonNode::toString));
    assertClean(
        "execution",
        scenario.stack.executions().stream()
            .flatMap(execution ->
                scenario
                    .stack
                    .stepFunctions
                    .getExecutionHistoryPaginator(
                        h -> h.executionArn(execution.executionArn()).includeExecutionData(true))
                    .events()
                    .stream()
                    .map(Object::toString)));
    assertClean(
        "document",
        scenario
            .stack
            .s3
            .listObjectsV2Paginator(l -> l.bucket(scenario.stack.bucket).prefix("outputs/"))
            .contents()
            .stream()
            .map(S3Object::key)
            .filter(key -> key.endsWith(".json"))
            .map(key ->
                Json.MAPPER.getNodeFactory().textNode(key)
                    + scenario.stack.object(key).orElseThrow().asUtf8String()));
  }

  @Test
  void reconcile_shouldNeverFail_whenItRunsAllTheTime(Scenario scenario) {
    assertThat(scenario.stack.reconcileFailed()).isEmpty();
    assertThat(scenario.stack.log("reconcile"))
        .noneMatch(line -> line.contains("could not be taken up"));
  }

  /** So that api has logged something, also where no client was run before. */
  private static void askApi() throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest list =
          HttpRequest.newBuilder(URI.create(Stack.variable("API_URL") + "/v1/tasks"))
              .header("Authorization", "Bearer " + Stack.variable("API_TOKEN"))
              .build();
      assertThat(http.send(list, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
  }

  /** The webhook function is there only where the stack has webhooks. */
  private static Stream<String> functions() {
    boolean webhooks = System.getenv("WEBHOOK_FUNCTION") != null;
    return Stream.concat(FUNCTIONS.stream(), webhooks ? Stream.of("webhook") : Stream.empty());
  }

  private static void assertClean(String what, Stream<String> texts) {
    Predicate<String> clean =
        text -> SECRETS.stream().noneMatch(text::contains) && !TOKEN.matcher(text).find();
    assertThat(texts.toList()).as("no secret in any " + what).isNotEmpty().allMatch(clean);
  }

  private static void awaitRest(Scenario scenario) {
    Folder.patiently("every task has ended or waits for a person")
        .until(
            () -> tasks(scenario).allMatch(task -> AT_REST.contains(task.path("status").asText())));
  }

  private static Stream<JsonNode> tasks(Scenario scenario) {
    return scenario.stack.items().filter(item -> item.path("sk").asText().equals("TASK"));
  }
}
