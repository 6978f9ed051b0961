package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * A service of AWS that speaks its JSON protocol, without a client of its own: what only two tests
 * ask is no reason for two more dependencies.
 *
 * @param service as it is called in a signature and in its host name
 * @param protocol what stands before the operation in {@code X-Amz-Target}
 * @param version of its JSON protocol, 1.0 or 1.1
 */
record AwsJson(String service, String protocol, String version) {
  static final AwsJson LOGS = new AwsJson("logs", "Logs_20140328", "1.1");
  static final AwsJson SQS = new AwsJson("sqs", "AmazonSQS", "1.0");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  JsonNode call(String operation, Map<String, ?> parameters) {
    String body = Json.MAPPER.valueToTree(parameters).toString();
    String region = Stack.variable("AWS_REGION");
    URI endpoint =
        URI.create(
            System.getenv()
                .getOrDefault(
                    "AWS_ENDPOINT_URL", "https://%s.%s.amazonaws.com".formatted(service, region)));
    SdkHttpRequest unsigned =
        SdkHttpRequest.builder()
            .uri(endpoint)
            .method(SdkHttpMethod.POST)
            .putHeader("Content-Type", "application/x-amz-json-" + version)
            .putHeader("X-Amz-Target", protocol + "." + operation)
            .build();
    SdkHttpRequest signed =
        AwsV4HttpSigner.create()
            .sign(s ->
                s.identity(DefaultCredentialsProvider.builder().build().resolveCredentials())
                    .request(unsigned)
                    .payload(ContentStreamProvider.fromUtf8String(body))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region))
            .request();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint.resolve("/")).POST(BodyPublishers.ofString(body));
    signed.forEachHeader((name, values) -> {
      if (!name.equalsIgnoreCase("Host")) {
        values.forEach(value -> request.header(name, value));
      }
    });
    try {
      HttpResponse<byte[]> answer = HTTP.send(request.build(), BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new AssertionError(
            "%s %s: %d %s"
                .formatted(
                    service,
                    operation,
                    answer.statusCode(),
                    new String(answer.body(), StandardCharsets.UTF_8)));
      }
      return answer.body().length == 0 ? Json.MAPPER.createObjectNode() : Stack.json(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
