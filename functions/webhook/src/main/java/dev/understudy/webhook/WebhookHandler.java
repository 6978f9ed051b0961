package dev.understudy.webhook;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.adapters.Rehearsal;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The webhook function: messages of its queues in, those that have to come again out ({@code
 * ReportBatchItemFailures}). The template gives it one message at a time, so that an address that
 * does not answer holds up no other.
 */
public final class WebhookHandler implements RequestStreamHandler {

  private final Delivery delivery;

  /** As Lambda makes it. */
  public WebhookHandler() {
    this(delivery(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(WebhookHandler::rehearsal);
  }

  WebhookHandler(Delivery delivery) {
    this.delivery = delivery;
  }

  private static Delivery delivery(Wiring wiring) {
    return new Delivery(
        wiring.receiver(), wiring.signingKeys(), wiring.bucketName(), wiring.clock());
  }

  /** What it plays before a snapshot: an empty batch. */
  static Rehearsal rehearsal() {
    return new Rehearsal(wiring -> new WebhookHandler(delivery(wiring)), null, "{\"Records\":[]}");
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var answer = Json.MAPPER.createObjectNode();
    var failures = answer.putArray("batchItemFailures");
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      for (var message : Json.MAPPER.readTree(input).path("Records")) {
        var attempt = message.path("attributes").path("ApproximateReceiveCount").asInt();
        if (!delivery.attempt(message.path("body").asText(), attempt)) {
          failures.addObject().put("itemIdentifier", message.path("messageId").asText());
        }
      }
    }
    Json.MAPPER.writeValue(output, answer);
  }
}
