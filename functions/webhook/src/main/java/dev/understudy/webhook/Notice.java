package dev.understudy.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.json.Json;
import java.util.Locale;

/**
 * What is posted of an event.
 *
 * @param id the task and its version: the same however often the event is sent
 * @param json the body, UTF-8
 */
record Notice(String id, byte[] json) {

  /**
   * Reads an event of the bus: {@code type} is {@code task.} and the status, {@code data} the
   * event's detail as it is, with the bucket of its video and a lasting link to it. A link that is
   * signed is never a part of it.
   *
   * @param event the whole event, as EventBridge hands it on
   * @param bucket where videos lie
   * @throws Misconfigured when it is no event of a task: another rule feeds the queue
   */
  static Notice of(String event, String bucket) {
    try {
      var root = Json.MAPPER.readTree(event);
      if (root.path("detail") instanceof ObjectNode detail
          && detail.path("taskId").isTextual()
          && detail.path("version").isIntegralNumber()
          && detail.path("status").isTextual()) {
        return new Notice(
            detail.path("taskId").textValue() + "_" + detail.path("version").longValue(),
            Json.MAPPER.writeValueAsBytes(body(detail, bucket)));
      }
    } catch (JsonProcessingException e) {
      // said below
    }
    throw new Misconfigured(
        "A message of the webhooks' queue is no event of a task: let no other rule send to it.");
  }

  private static JsonNode body(ObjectNode detail, String bucket) {
    var data = detail.deepCopy();
    if (detail.hasNonNull("output")) {
      data.put("bucket", bucket);
      if (!detail.path("hidden").asBoolean()) {
        data.put("outputLink", "/v1/tasks/%s/output".formatted(detail.path("taskId").textValue()));
      }
    }
    var body = Json.MAPPER.createObjectNode();
    body.put("type", "task." + detail.path("status").textValue().toLowerCase(Locale.ROOT));
    body.set("timestamp", detail.path("at"));
    body.set("data", data);
    return body;
  }
}
