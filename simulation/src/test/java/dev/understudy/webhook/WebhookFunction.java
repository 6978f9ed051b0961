package dev.understudy.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.json.Json;
import java.nio.charset.StandardCharsets;

/** What the webhook function makes of an event. */
public final class WebhookFunction {

  private WebhookFunction() {}

  /** The body that it posts. */
  public static String body(TaskEvent event) {
    try {
      var onTheBus = Json.MAPPER.createObjectNode();
      onTheBus.set("detail", Json.MAPPER.valueToTree(event));
      var notice = Notice.of(Json.MAPPER.writeValueAsString(onTheBus), "understudy");
      return new String(notice.json(), StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
