package dev.understudy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.Receiver;
import dev.understudy.core.ports.Receiver.Answer.Answered;
import dev.understudy.core.ports.Receiver.Answer.Unanswered;
import dev.understudy.core.testing.FakeContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A message of the queue in, a post out, and what is answered to the queue. */
class WebhookHandlerTest {

  private static final String MESSAGE = "059f36b4-87a3-44ab-83d2-661975830a7d";
  private static final byte[] KEY = "a key of twenty-four bytes".getBytes(UTF_8);

  private record Posted(JsonNode json, Map<String, String> headers, Duration bound) {}

  private final List<Posted> posted = new ArrayList<>();
  private Receiver.Answer answer = new Answered(200);
  private List<byte[]> keys = List.of(KEY);
  private Instant now = Instant.parse("2026-11-21T12:05:31.5Z");

  private final WebhookHandler handler =
      new WebhookHandler(new Delivery(this::post, () -> keys, "the-bucket", () -> now));

  private Receiver.Answer post(byte[] json, Map<String, String> headers, Duration bound) {
    try {
      posted.add(new Posted(Json.MAPPER.readTree(json), headers, bound));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return answer;
  }

  private static ObjectNode message() throws IOException {
    return (ObjectNode) Json.MAPPER.readTree(FakeContext.event("webhook-message.json"));
  }

  /** The message with other details in its event. */
  private static JsonNode message(String details) throws IOException {
    var message = message();
    var record = (ObjectNode) message.path("Records").path(0);
    var event = (ObjectNode) Json.MAPPER.readTree(record.path("body").asText());
    ((ObjectNode) event.path("detail")).setAll((ObjectNode) Json.MAPPER.readTree(details));
    record.put("body", event.toString());
    return message;
  }

  private JsonNode call(JsonNode event) throws IOException {
    var output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(Json.MAPPER.writeValueAsBytes(event)), output, new FakeContext());
    return Json.MAPPER.readTree(output.toByteArray());
  }

  private static JsonNode failures(String... ids) throws IOException {
    var failures = Json.MAPPER.createObjectNode();
    var list = failures.putArray("batchItemFailures");
    for (var id : ids) {
      list.addObject().put("itemIdentifier", id);
    }
    return failures;
  }

  @Test
  void rehearsal_shouldAskNobody() throws IOException {
    assertThat(WebhookHandler.rehearsal().rehearse(1)).isEmpty();
  }

  @Test
  void handleRequest_shouldPostTheWholeNotice() throws IOException {
    assertThat(call(message())).isEqualTo(failures());

    assertThat(posted).hasSize(1);
    assertThat(posted.getFirst().json())
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"type":"task.succeeded","timestamp":"2026-11-21T12:05:30.125Z","data":{
                 "taskId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","version":6,"status":"SUCCEEDED",
                 "sentence":"The video outputs/scene-12/reference__character.mp4 is in the bucket.",
                 "charged":"yes","output":"outputs/scene-12/reference__character.mp4","tenant":"default",
                 "tags":["scene 12"],"at":"2026-11-21T12:05:30.125Z","ended":true,"bucket":"the-bucket",
                 "outputLink":"/v1/tasks/7c9e6679-7425-40de-944b-e07fc1f90ae7/output"}}
                """));
    assertThat(posted.getFirst().headers())
        .containsEntry("webhook-id", "7c9e6679-7425-40de-944b-e07fc1f90ae7_6")
        .containsEntry("webhook-timestamp", Long.toString(now.getEpochSecond()))
        .hasEntrySatisfying("webhook-signature", s -> assertThat(s).startsWith("v1,"))
        .hasSize(3);
    assertThat(posted.getFirst().bound()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void handleRequest_shouldSignAnew_whenTheSameMessageComesAgain() throws IOException {
    answer = new Unanswered("no whole answer within 10 s");
    assertThat(call(message())).isEqualTo(failures(MESSAGE));
    now = now.plusSeconds(3600);
    answer = new Answered(204);
    assertThat(call(message())).isEqualTo(failures());

    assertThat(posted).extracting(Posted::json).containsOnly(posted.getFirst().json());
    assertThat(posted)
        .extracting(p -> p.headers().get("webhook-id"))
        .containsOnly("7c9e6679-7425-40de-944b-e07fc1f90ae7_6");
    assertThat(posted)
        .extracting(
            p -> p.headers().get("webhook-timestamp"), p -> p.headers().get("webhook-signature"))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 199, 300, 301, 307, 400, 401, 403, 404, 429, 500, 503})
  void handleRequest_shouldKeepTheMessage_whenItWasNotTaken(int status) throws IOException {
    answer = new Answered(status);

    assertThat(call(message())).isEqualTo(failures(MESSAGE));
  }

  @Test
  void handleRequest_shouldDropTheMessage_whenTheReceiverIsGone() throws IOException {
    answer = new Answered(410);

    assertThat(call(message())).isEqualTo(failures());
  }

  @Test
  void handleRequest_shouldKeepTheMessageUnsent_whenThereIsNoKey() throws IOException {
    var keyless =
        new WebhookHandler(
            new Delivery(
                this::post,
                () -> {
                  throw new Unavailable("Secrets Manager did not answer.");
                },
                "the-bucket",
                () -> now));
    var output = new ByteArrayOutputStream();

    keyless.handleRequest(
        new ByteArrayInputStream(Json.MAPPER.writeValueAsBytes(message())),
        output,
        new FakeContext());

    assertThat(Json.MAPPER.readTree(output.toByteArray())).isEqualTo(failures(MESSAGE));
    assertThat(posted).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no JSON", "[]", "{}", "{\"detail\":{\"taskId\":\"1\"}}"})
  void handleRequest_shouldKeepAMessageUnsent_whenItIsNoEventOfATask(String body)
      throws IOException {
    var message = message();
    ((ObjectNode) message.path("Records").path(0)).put("body", body);

    assertThat(call(message)).isEqualTo(failures(MESSAGE));
    assertThat(posted).isEmpty();
  }

  @Test
  void handleRequest_shouldGiveNoLink_whenThereIsNothingToShow() throws IOException {
    call(message("{\"hidden\":true}"));
    call(message("{\"status\":\"SUBMISSION_UNKNOWN\",\"output\":null,\"ended\":null}"));

    assertThat(posted.get(0).json().at("/data/bucket").asText()).isEqualTo("the-bucket");
    assertThat(posted.get(0).json().at("/data").has("outputLink")).isFalse();
    assertThat(posted.get(1).json().path("type").asText()).isEqualTo("task.submission_unknown");
    assertThat(posted.get(1).json().at("/data").has("outputLink")).isFalse();
  }

  @Test
  void handleRequest_shouldHandOnWhatItDoesNotKnow_becauseEventsGrow() throws IOException {
    call(message("{\"later\":[1]}"));

    assertThat(posted.getFirst().json().at("/data/later/0").asInt()).isEqualTo(1);
  }

  @Test
  void handleRequest_shouldAnswerForEachMessage_whenThereAreSeveral() throws IOException {
    var message = message();
    var other = (ObjectNode) message.path("Records").path(0).deepCopy();
    message.withArray("Records").add(other.put("messageId", "other").put("body", "{}"));

    assertThat(call(message)).isEqualTo(failures("other"));
  }
}
