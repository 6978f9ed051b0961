package dev.understudy.adapters;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * The functions' own clients over an HTTP client that keeps what they send and answers as told. The
 * addresses are those of AWS.
 */
public final class RecordedAws {

  /** What differs from call to call, or says what the SDK is. */
  private static final Set<String> NOT_OURS =
      Set.of(
          "amz-sdk-invocation-id",
          "amz-sdk-request",
          "authorization",
          "content-encoding",
          "content-length",
          "expect",
          "host",
          "user-agent",
          "x-amz-api-version",
          "x-amz-content-sha256",
          "x-amz-date",
          "x-amz-sdk-checksum-algorithm",
          "x-amz-te",
          "x-amz-user-agent");

  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final AwsClients clients;

  private record Answer(int status, Map<String, String> headers, String body) {}

  /** An AWS in the region eu-west-1. */
  public RecordedAws() {
    this(Map.of("AWS_REGION", "eu-west-1"));
  }

  /**
   * @param environment the variables of the function
   */
  public RecordedAws(Map<String, String> environment) {
    clients =
        new AwsClients(
            environment::get,
            new Recording(),
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKID", "SECRET")));
  }

  /** Answers the next call with a body. */
  public RecordedAws answer(int status, String body) {
    return answer(status, Map.of(), body);
  }

  /** Answers the next call with headers and a body. */
  public RecordedAws answer(int status, Map<String, String> headers, String body) {
    answers.add(new Answer(status, headers, body));
    return this;
  }

  /** Answers the next call with an error in the form of S3 and STS. */
  public RecordedAws refuse(int status, String code) {
    return answer(status, "<Error><Code>%s</Code><Message>no</Message></Error>".formatted(code));
  }

  /** Loses the connection on the next call and on all its repetitions. */
  public RecordedAws reset() {
    for (var i = 0; i < 4; i++) {
      answers.add(new Answer(0, Map.of(), ""));
    }
    return this;
  }

  /**
   * Every request so far: method and address, our headers in order, the body if it is text, and of
   * any other its length and CRC-32.
   */
  public List<String> sent() {
    return List.copyOf(sent);
  }

  /** DynamoDB. */
  public DynamoDbClient dynamoDb() {
    return clients.dynamoDb();
  }

  /** S3. */
  public S3Client s3() {
    return clients.s3();
  }

  /** Presigners for given credentials. */
  public Function<AwsCredentialsProvider, S3Presigner> presigners() {
    return clients::presigner;
  }

  /** STS. */
  public StsClient sts() {
    return clients.sts();
  }

  /** Secrets Manager. */
  public SecretsManagerClient secrets() {
    return clients.secretsManager();
  }

  /** EventBridge. */
  public EventBridgeClient eventBridge() {
    return clients.eventBridge();
  }

  /** Step Functions. */
  public SfnClient stepFunctions() {
    return clients.stepFunctions();
  }

  private final class Recording implements SdkHttpClient {

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() throws IOException {
          sent.add(text(request));
          var answer = answers.remove();
          if (answer.status() == 0) {
            throw new IOException("connection reset");
          }
          var response = SdkHttpResponse.builder().statusCode(answer.status());
          answer.headers().forEach(response::putHeader);
          var body = answer.body().getBytes(UTF_8);
          return HttpExecuteResponse.builder()
              .response(response.build())
              .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
              .build();
        }

        @Override
        public void abort() {}
      };
    }

    @Override
    public void close() {}
  }

  private static String text(HttpExecuteRequest call) {
    var request = call.httpRequest();
    var headers = new TreeMap<String, String>();
    request.forEachHeader(
        (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    var chunked = "aws-chunked".equals(headers.get("content-encoding"));
    headers.keySet().removeAll(NOT_OURS);
    if (request.method() != SdkHttpMethod.PUT) {
      headers.remove("x-amz-checksum-crc32"); // the SDK's own, of nothing
    }
    var head =
        headers.entrySet().stream()
            .map(header -> "\n%s: %s".formatted(header.getKey(), header.getValue()))
            .collect(Collectors.joining());
    var body = chunked ? "" : body(call, headers.getOrDefault("content-type", ""));
    return "%s %s%s%s"
        .formatted(request.method(), request.getUri(), head, body.isEmpty() ? "" : "\n\n" + body);
  }

  private static String body(HttpExecuteRequest call, String contentType) {
    return call.contentStreamProvider()
        .map(content -> {
          try (var stream = content.newStream()) {
            var bytes = stream.readAllBytes();
            boolean text =
                !contentType.startsWith("video/") && !contentType.endsWith("/octet-stream");
            return bytes.length > 0 && !text
                ? "%d bytes, CRC-32 %s".formatted(bytes.length, crc32(bytes))
                : new String(bytes, UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        })
        .orElse("");
  }

  private static String crc32(byte[] bytes) {
    var checksum = new CRC32();
    checksum.update(bytes);
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }
}
