import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * The calls that submit makes for an order from S3, by the SDK and nothing else: the floor that it
 * has with these services. It answers with what each step took of the processor, over all threads.
 */
public final class BareSubmit implements RequestStreamHandler {
  private final StringBuilder steps = new StringBuilder();
  private final URI endpoint = URI.create(System.getenv("AWS_ENDPOINT_URL"));
  private final Region region = Region.of(System.getenv("AWS_REGION"));
  private final SdkHttpClient http;
  private final AwsCredentialsProvider credentials;
  private final DynamoDbClient table;
  private long before;

  public BareSubmit() {
    step("the JVM, Lambda's runtime client");
    http = UrlConnectionHttpClient.create(BareSubmit::connection);
    credentials = EnvironmentVariableCredentialsProvider.create();
    step("the SDK's HTTP client");
    table = client(DynamoDbClient.builder());
    step("the first client (DynamoDB): the SDK's core");
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var key = Map.of("pk", AttributeValue.fromS("bare"), "sk", AttributeValue.fromS("bare"));
    table.getItem(get -> get.tableName(System.getenv("TABLE")).key(key));
    step("the first call (DynamoDB)");
    for (int i = 0; i < 2; i++) {
      var put = Put.builder().tableName(System.getenv("TABLE")).item(key).build();
      var write = TransactWriteItem.builder().put(put).build();
      table.transactWriteItems(transaction -> transaction.transactItems(write));
    }
    step("two transactions");
    var secrets = client(SecretsManagerClient.builder());
    secrets.getSecretValue(get -> get.secretId(System.getenv("SECRET_ARN")));
    step("Secrets Manager");
    var role =
        client(StsClient.builder())
            .assumeRole(assume ->
                assume.roleArn(System.getenv("SIGNER_ROLE_ARN")).roleSessionName("bare"))
            .credentials();
    step("STS");
    var session =
        AwsSessionCredentials.create(
            role.accessKeyId(), role.secretAccessKey(), role.sessionToken());
    var signer =
        S3Presigner.builder()
            .region(region)
            .endpointOverride(endpoint)
            .credentialsProvider(StaticCredentialsProvider.create(session))
            .build();
    for (var name : new String[] {"a", "b"}) {
      signer.presignGetObject(presign ->
          presign
              .signatureDuration(Duration.ofHours(1))
              .getObjectRequest(get -> get.bucket(System.getenv("BUCKET")).key(name)));
    }
    step("two signed addresses");
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var post = HttpRequest.newBuilder(URI.create(System.getenv("COMET_API_BASE_URL")));
      client.send(
          post.POST(HttpRequest.BodyPublishers.ofString("{}")).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    step("the POST: the JDK's HTTP client, TLS's certificates");
    var bucket = client(S3Client.builder());
    bucket.putObject(
        put -> put.bucket(System.getenv("BUCKET")).key("bare"), RequestBody.fromString("{}"));
    step("S3");
    var event =
        PutEventsRequestEntry.builder().source("bare").detailType("bare").detail("{}").build();
    client(EventBridgeClient.builder()).putEvents(put -> put.entries(event));
    step("EventBridge");
    output.write(("{" + steps + "}").getBytes(StandardCharsets.UTF_8));
  }

  private <C, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C client(B builder) {
    return builder
        .region(region)
        .endpointOverride(endpoint)
        .credentialsProvider(credentials)
        .defaultsMode(DefaultsMode.IN_REGION)
        .httpClient(http)
        .build();
  }

  private static HttpURLConnection connection(URI address) {
    try {
      return (HttpURLConnection) address.toURL().openConnection();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void step(String name) {
    long now = nanoseconds();
    steps.append(steps.isEmpty() ? "" : ",").append('"').append(name).append("\":");
    steps.append((now - before) / 1e6);
    before = nanoseconds();
  }

  /** What all threads have computed so far. */
  private static long nanoseconds() {
    long sum = 0;
    for (var thread : new File("/proc/self/task").list()) {
      try (var in = new FileInputStream("/proc/self/task/" + thread + "/schedstat")) {
        var text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        sum += Long.parseLong(text.substring(0, text.indexOf(' ')));
      } catch (FileNotFoundException e) {
        // it has ended
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return sum;
  }
}
