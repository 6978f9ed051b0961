package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/** Somebody who has subscribed to the stack's topic, with a queue instead of a mailbox. */
final class Topic implements AutoCloseable {
  private final String queue;
  private final String subscription;
  private final List<String> messages = new ArrayList<>();

  Topic(String arn) throws Exception {
    queue =
        AwsJson.SQS
            .call("CreateQueue", Map.of("QueueName", "e2e-topic-" + Instant.now().toEpochMilli()))
            .path("QueueUrl")
            .asText();
    String queueArn =
        AwsJson.SQS
            .call(
                "GetQueueAttributes",
                Map.of("QueueUrl", queue, "AttributeNames", List.of("QueueArn")))
            .path("Attributes")
            .path("QueueArn")
            .asText();
    AwsJson.SQS.call(
        "SetQueueAttributes",
        Map.of("QueueUrl", queue, "Attributes", Map.of("Policy", policy(arn, queueArn))));
    subscription =
        sns(
                "Subscribe",
                Map.of(
                    "TopicArn",
                    arn,
                    "Protocol",
                    "sqs",
                    "Endpoint",
                    queueArn,
                    "ReturnSubscriptionArn",
                    "true"))
            .replaceAll("(?s).*<SubscriptionArn>(.*)</SubscriptionArn>.*", "$1");
  }

  private static String policy(String topicArn, String queueArn) {
    return """
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
     "Action": "sqs:SendMessage", "Resource": "%s", "Condition": {"ArnEquals": {"aws:SourceArn": "%s"}}}]}
    """
        .formatted(queueArn, topicArn);
  }

  /** Everything that was said up to now. */
  List<String> messages() {
    JsonNode received;
    do {
      received =
          AwsJson.SQS
              .call("ReceiveMessage", Map.of("QueueUrl", queue, "MaxNumberOfMessages", 10))
              .path("Messages");
      for (JsonNode message : received) {
        var envelope = Stack.json(message.path("Body").asText().getBytes(StandardCharsets.UTF_8));
        messages.add(envelope.path("Message").asText());
        AwsJson.SQS.call(
            "DeleteMessage",
            Map.of("QueueUrl", queue, "ReceiptHandle", message.path("ReceiptHandle").asText()));
      }
    } while (!received.isEmpty());
    return List.copyOf(messages);
  }

  @Override
  public void close() throws Exception {
    sns("Unsubscribe", Map.of("SubscriptionArn", subscription));
    AwsJson.SQS.call("DeleteQueue", Map.of("QueueUrl", queue));
  }

  /** SNS speaks AWS's older protocol, a form in and XML out. */
  private static String sns(String action, Map<String, String> parameters) throws Exception {
    String region = Stack.variable("AWS_REGION");
    URI endpoint =
        URI.create(
            System.getenv()
                .getOrDefault(
                    "AWS_ENDPOINT_URL", "https://sns.%s.amazonaws.com".formatted(region)));
    String form =
        Stream.concat(
                Stream.of(Map.entry("Action", action), Map.entry("Version", "2010-03-31")),
                parameters.entrySet().stream())
            .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(s ->
                s.identity(DefaultCredentialsProvider.builder().build().resolveCredentials())
                    .request(
                        SdkHttpRequest.builder()
                            .uri(endpoint)
                            .method(SdkHttpMethod.POST)
                            .putHeader("Content-Type", "application/x-www-form-urlencoded")
                            .build())
                    .payload(ContentStreamProvider.fromUtf8String(form))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sns")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region))
            .request();
    var request = HttpRequest.newBuilder(endpoint.resolve("/")).POST(BodyPublishers.ofString(form));
    signed.forEachHeader((name, values) -> {
      if (!name.equalsIgnoreCase("Host")) {
        values.forEach(value -> request.header(name, value));
      }
    });
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new AssertionError(
            "sns %s: %d %s".formatted(action, answer.statusCode(), answer.body()));
      }
      return answer.body();
    }
  }
}
