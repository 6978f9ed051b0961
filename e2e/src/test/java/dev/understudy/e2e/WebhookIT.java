package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.understudy.e2e.HookReceiver.Posted;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.lambda.model.EventSourceMappingConfiguration;

/**
 * From a change of a task to a real server, which checks signatures with the library of Standard
 * Webhooks. Only this test takes webhooks; the stack under test holds them back otherwise.
 */
@EndToEnd
@Needs(Needs.FUNCTIONS_HERE) // they post to a server of this machine
@Order(2) // it waits for real timeouts
class WebhookIT {
  private static final String QUEUE = Stack.variable("WEBHOOK_QUEUE_URL");

  /** Longer than one attempt may take, and not a whole minute. */
  private static final int PAUSE_SECONDS = 12;

  private static final String NEW_KEY =
      "whsec_"
          + Base64.getEncoder()
              .encodeToString("the key that replaces the other".getBytes(StandardCharsets.UTF_8));

  private String oldKey = "";

  @BeforeEach
  void letThemGo(Scenario scenario) {
    var stack = scenario.stack;
    oldKey =
        stack
            .secrets
            .getSecretValue(g -> g.secretId(Stack.variable("WEBHOOK_SECRET_ARN")))
            .secretString();
    secret(stack, NEW_KEY + " " + oldKey);
    AwsJson.SQS.call("PurgeQueue", Map.of("QueueUrl", QUEUE));
    pause(PAUSE_SECONDS);
    mappings(stack, true);
  }

  @AfterEach
  void holdThem(Scenario scenario) {
    mappings(scenario.stack, false);
    pause(60);
    secret(scenario.stack, oldKey);
  }

  private static void secret(Stack stack, String text) {
    stack.secrets.putSecretValue(
        p -> p.secretId(Stack.variable("WEBHOOK_SECRET_ARN")).secretString(text));
  }

  private static void pause(int seconds) {
    AwsJson.SQS.call(
        "SetQueueAttributes",
        Map.of(
            "QueueUrl",
            QUEUE,
            "Attributes",
            Map.of("VisibilityTimeout", Integer.toString(seconds))));
  }

  private static void mappings(Stack stack, boolean enabled) {
    stack
        .lambda
        .listEventSourceMappings(l -> l.functionName(Stack.function("webhook")))
        .eventSourceMappings()
        .stream()
        .map(EventSourceMappingConfiguration::uuid)
        .forEach(id -> stack.lambda.updateEventSourceMapping(u -> u.uuid(id).enabled(enabled)));
  }

  @Test
  @Needs("WEBHOOK_QUEUE_URL")
  void webhooks_shouldBringEveryChange_whenTheReceiverFirstFailsAndThenHangs(Scenario scenario) {
    // given a receiver that takes a first notice of this task at the third attempt only
    Folder folder = scenario.folder("webhook");
    URI url = URI.create(webhookUrl(scenario.stack));
    var answers = new ConcurrentHashMap<String, Integer>();
    try (var receiver =
        new HookReceiver(
            url,
            posted ->
                isFirstOf(folder, posted)
                    ? switch (answers.merge(posted.header("webhook-id"), 1, Integer::sum)) {
                      case 1 -> 500;
                      case 2 -> HookReceiver.SILENCE;
                      default -> 204;
                    }
                    : 200)) {

      // when
      folder.orderSample("\"tags\": [\"%s\"]".formatted(folder.name));
      folder.awaitStatus("SUCCEEDED");
      String id = folder.task().path("id").asText();

      // then every event comes
      Folder.patiently("every event has come, the first at the third attempt")
          .until(() ->
              of(id, receiver).stream().filter(p -> isFirstOf(folder, p)).count() == 3
                  && of(id, receiver).stream().anyMatch(p -> p.body().contains("task.succeeded"))
                  && ids(of(id, receiver)).equals(told(scenario, id)));
      List<Posted> posted = of(id, receiver);
      assertThat(posted)
          .allSatisfy(p -> assertThat(p.target()).isEqualTo(url.getPath() + "?" + url.getQuery()))
          .allSatisfy(p -> verify(p, oldKey))
          .allSatisfy(p -> verify(p, NEW_KEY));

      // and the same notice is the same, newly signed
      List<Posted> first = posted.stream().filter(p -> isFirstOf(folder, p)).toList();
      assertThat(first).extracting(Posted::body).containsOnly(first.getFirst().body());
      assertThat(first).extracting(p -> p.header("webhook-timestamp")).doesNotHaveDuplicates();

      // and the end says where the film lies, without a signed address
      JsonNode end =
          posted.stream()
              .map(p -> Stack.json(p.body().getBytes(StandardCharsets.UTF_8)))
              .filter(body -> body.path("type").asText().equals("task.succeeded"))
              .findFirst()
              .orElseThrow();
      assertThat(end.at("/data/bucket").asText()).isEqualTo(scenario.stack.bucket);
      assertThat(scenario.stack.object(end.at("/data/output").asText())).isPresent();
      assertThat(end.at("/data/outputLink").asText()).isEqualTo("/v1/tasks/" + id + "/output");
      assertThat(posted).extracting(Posted::body).noneMatch(body -> body.contains("X-Amz-"));

      // and a forged one is seen
      var forged =
          new Posted(
              first.getFirst().target(),
              first.getFirst().body().replace("default", "another"),
              first.getFirst().headers());
      assertThatThrownBy(() -> new Webhook(oldKey).verify(forged.body(), forged.headers()))
          .isInstanceOf(WebhookVerificationException.class);
    }
  }

  private static String webhookUrl(Stack stack) {
    return Objects.requireNonNull(
        stack
            .lambda
            .getFunctionConfiguration(f -> f.functionName(Stack.function("webhook")))
            .environment()
            .variables()
            .get("WEBHOOK_URL"));
  }

  private static boolean isFirstOf(Folder folder, Posted posted) {
    return posted.body().contains(folder.name) && posted.header("webhook-id").endsWith("_1");
  }

  private static List<Posted> of(String taskId, HookReceiver receiver) {
    return receiver.posted().stream()
        .filter(p -> p.header("webhook-id").startsWith(taskId + "_"))
        .toList();
  }

  private static Set<String> ids(List<Posted> posted) {
    return posted.stream().map(p -> p.header("webhook-id")).collect(Collectors.toSet());
  }

  /** The ids of the events on the bus. */
  private static Set<String> told(Scenario scenario, String taskId) {
    return scenario.stack.events().stream()
        .map(event -> event.path("detail"))
        .filter(detail -> detail.path("taskId").asText().equals(taskId))
        .map(detail -> taskId + "_" + detail.path("version").asLong())
        .collect(Collectors.toSet());
  }

  private static void verify(Posted posted, String key) {
    assertThatCode(() -> new Webhook(key).verify(posted.body(), posted.headers()))
        .doesNotThrowAnyException();
  }
}
