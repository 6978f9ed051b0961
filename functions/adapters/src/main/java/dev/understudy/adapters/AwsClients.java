package dev.understudy.adapters;

import dev.understudy.core.errors.Misconfigured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.defaultsmode.DefaultsMode;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.ServiceMetadata;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * Builds the clients of AWS with everything said that the SDK would otherwise find out: a region, a
 * defaults mode, one HTTP client, bounds and retries. Endpoints are those of the region unless
 * AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_S3 and so on, names others.
 */
final class AwsClients {

  /**
   * How long a call may take.
   *
   * @param attempt one try
   * @param call all tries with their pauses
   */
  record Bounds(Duration attempt, Duration call) {

    static Bounds ofSeconds(int attempt, int call) {
      return new Bounds(Duration.ofSeconds(attempt), Duration.ofSeconds(call));
    }
  }

  /** Submit keeps TimeLimits.TIME_TO_RECORD for writing what its POST came back with. */
  static final Bounds TABLE = Bounds.ofSeconds(2, 4);

  /** A part of 8 MiB, or the end of a long upload. */
  static final Bounds OBJECTS = Bounds.ofSeconds(30, 75);

  /** Short questions. */
  static final Bounds OTHERS = Bounds.ofSeconds(5, 12);

  private static final int TRIES = 4;
  private static final Duration CONNECT = Duration.ofSeconds(2);

  private final Function<String, @Nullable String> variable;
  private final Region region;
  private final SdkHttpClient http;
  private final AwsCredentialsProvider credentials;

  /**
   * The clients of a function, with the credentials that Lambda gives it.
   *
   * @param variable looks up an environment variable by name
   */
  AwsClients(Function<String, @Nullable String> variable) {
    this(variable, UrlConnectionHttpClient.create(AwsClients::connection), ofLambda(variable));
  }

  /**
   * Lambda gives a function its credentials in variables, and with SnapStart at an address, where
   * there are new ones after a snapshot was restored. The SDK's own list looks at four other places
   * as well, which costs a cold start 45 classes.
   */
  static AwsCredentialsProvider ofLambda(Function<String, @Nullable String> variable) {
    return variable.apply("AWS_ACCESS_KEY_ID") == null
        ? ContainerCredentialsProvider.create()
        : EnvironmentVariableCredentialsProvider.create();
  }

  /**
   * A connection with the JVM's own TLS. The client's builder would read the certificates of all
   * authorities at once, and a second time beside the JVM's, which talks to the provider: about 100
   * ms of a cold start.
   */
  static HttpURLConnection connection(URI address) {
    try {
      var connection = (HttpURLConnection) address.toURL().openConnection();
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) OBJECTS.attempt().toMillis());
      return connection;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  AwsClients(
      Function<String, @Nullable String> variable,
      SdkHttpClient http,
      AwsCredentialsProvider credentials) {
    this.variable = variable;
    this.region =
        value("AWS_REGION")
            .or(() -> value("AWS_DEFAULT_REGION"))
            .map(Region::of)
            .orElseThrow(() -> new Misconfigured("No region is known: set AWS_REGION."));
    this.http = http;
    this.credentials = credentials;
  }

  DynamoDbClient dynamoDb() {
    return build(DynamoDbClient.builder(), "DYNAMODB", DynamoDbClient::serviceMetadata, TABLE);
  }

  S3Client s3() {
    return build(S3Client.builder(), "S3", S3Client::serviceMetadata, OBJECTS);
  }

  SfnClient stepFunctions() {
    return build(SfnClient.builder(), "SFN", SfnClient::serviceMetadata, OTHERS);
  }

  SecretsManagerClient secretsManager() {
    return build(
        SecretsManagerClient.builder(),
        "SECRETS_MANAGER",
        SecretsManagerClient::serviceMetadata,
        OTHERS);
  }

  EventBridgeClient eventBridge() {
    return build(
        EventBridgeClient.builder(), "EVENTBRIDGE", EventBridgeClient::serviceMetadata, OTHERS);
  }

  StsClient sts() {
    return build(StsClient.builder(), "STS", StsClient::serviceMetadata, OTHERS);
  }

  /** The function's own credentials. */
  AwsCredentialsProvider credentials() {
    return credentials;
  }

  /** The region's name. */
  String region() {
    return region.id();
  }

  /**
   * Where forms for a bucket are posted: its own host in its region, which does not redirect as the
   * global one may. At another endpoint than AWS, a bucket is the first part of the path.
   */
  URI bucketAddress(String bucket) {
    return value("AWS_ENDPOINT_URL_S3")
        .or(() -> value("AWS_ENDPOINT_URL"))
        .map(endpoint -> URI.create((endpoint.endsWith("/") ? endpoint : endpoint + "/") + bucket))
        .orElseGet(() ->
            URI.create(
                "https://%s.s3.%s.%s"
                    .formatted(bucket, region.id(), region.metadata().partition().dnsSuffix())));
  }

  /** Signs addresses in the bucket's region with the given credentials. */
  S3Presigner presigner(AwsCredentialsProvider signer) {
    var builder = S3Presigner.builder().region(region).credentialsProvider(signer);
    endpoint("S3", S3Client::serviceMetadata).ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private <C, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C build(
      B builder, String service, Supplier<ServiceMetadata> metadata, Bounds bounds) {
    endpoint(service, metadata).ifPresent(builder::endpointOverride);
    return builder
        .region(region)
        .credentialsProvider(credentials)
        .defaultsMode(DefaultsMode.IN_REGION)
        .httpClient(http)
        .overrideConfiguration(all ->
            all.retryStrategy(
                    AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(TRIES).build())
                .apiCallAttemptTimeout(bounds.attempt())
                .apiCallTimeout(bounds.call()))
        .build();
  }

  /**
   * The endpoint to set, if any. The SDK reads the same variables, but takes a blank one for an
   * address and fails; where one is blank, the region's own endpoint is set against that.
   *
   * @param metadata asked for where it is needed only: it brings a class for each of AWS's services
   */
  private Optional<URI> endpoint(String service, Supplier<ServiceMetadata> metadata) {
    var own = "AWS_ENDPOINT_URL_" + service;
    var all = "AWS_ENDPOINT_URL";
    return value(own)
        .or(() -> value(all))
        .map(URI::create)
        .or(() ->
            variable.apply(own) == null && variable.apply(all) == null
                ? Optional.empty()
                : Optional.of(URI.create("https://" + metadata.get().endpointFor(region))));
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(variable.apply(name)).map(String::strip).filter(v -> !v.isEmpty());
  }
}
