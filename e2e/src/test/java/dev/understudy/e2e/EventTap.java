package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.Target;

/** A rule of the account's owner that keeps every event of the product in a queue. */
final class EventTap implements AutoCloseable {
  private static final String MAY_SEND =
      """
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "%s",
        "Principal": {"Service": "events.amazonaws.com"}}]}
      """;

  private final String name = "e2e-events-" + Instant.now().toEpochMilli();
  private final EventBridgeClient bridge = EventBridgeClient.create();
  private final String queue;
  private final List<JsonNode> seen = new ArrayList<>();

  EventTap() {
    this.queue =
        AwsJson.SQS.call("CreateQueue", Map.of("QueueName", name)).path("QueueUrl").asText();
    String arn =
        AwsJson.SQS
            .call(
                "GetQueueAttributes",
                Map.of("QueueUrl", queue, "AttributeNames", List.of("QueueArn")))
            .path("Attributes")
            .path("QueueArn")
            .asText();
    AwsJson.SQS.call(
        "SetQueueAttributes",
        Map.of("QueueUrl", queue, "Attributes", Map.of("Policy", MAY_SEND.formatted(arn))));
    bridge.putRule(r -> r.name(name).eventPattern("{\"source\": [\"understudy\"]}"));
    bridge.putTargets(t -> t.rule(name).targets(Target.builder().id("queue").arn(arn).build()));
  }

  /** Everything that was told up to now. */
  synchronized List<JsonNode> seen() {
    JsonNode messages;
    do {
      messages =
          AwsJson.SQS
              .call("ReceiveMessage", Map.of("QueueUrl", queue, "MaxNumberOfMessages", 10))
              .path("Messages");
      for (JsonNode message : messages) {
        seen.add(Stack.json(message.path("Body").asText().getBytes(StandardCharsets.UTF_8)));
        AwsJson.SQS.call(
            "DeleteMessage",
            Map.of("QueueUrl", queue, "ReceiptHandle", message.path("ReceiptHandle").asText()));
      }
    } while (!messages.isEmpty());
    return List.copyOf(seen);
  }

  @Override
  public void close() {
    bridge.removeTargets(t -> t.rule(name).ids("queue"));
    bridge.deleteRule(r -> r.name(name));
    AwsJson.SQS.call("DeleteQueue", Map.of("QueueUrl", queue));
    bridge.close();
  }
}
