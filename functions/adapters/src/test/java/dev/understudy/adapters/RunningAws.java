package dev.understudy.adapters;

import dev.understudy.adapters.s3.S3UploadForms;
import dev.understudy.core.ports.UploadForms;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sts.StsClient;

/** The AWS that integration tests run against, by the functions' own clients. */
public final class RunningAws {

  /** Its region. */
  public static final String REGION = System.getenv().getOrDefault("AWS_REGION", "eu-west-1");

  private static final AwsClients CLIENTS =
      new AwsClients(name -> name.equals("AWS_REGION") ? REGION : System.getenv(name));

  /** A name that nothing else has. */
  public static String fresh(String kind) {
    return "it-%s-%s".formatted(kind, UUID.randomUUID().toString().substring(0, 13));
  }

  /** S3. */
  public static S3Client s3() {
    return CLIENTS.s3();
  }

  /** Presigners for given credentials. */
  public static Function<AwsCredentialsProvider, S3Presigner> presigners() {
    return CLIENTS::presigner;
  }

  /** Forms to upload to a bucket with. */
  public static UploadForms uploadForms(String bucket, InstantSource clock) {
    return new S3UploadForms(
        CLIENTS.credentials(), CLIENTS.region(), bucket, CLIENTS.bucketAddress(bucket), clock);
  }

  /** STS. */
  public static StsClient sts() {
    return CLIENTS.sts();
  }

  /** Secrets Manager. */
  public static SecretsManagerClient secrets() {
    return CLIENTS.secretsManager();
  }

  /** EventBridge. */
  public static EventBridgeClient eventBridge() {
    return CLIENTS.eventBridge();
  }

  /** Step Functions. */
  public static SfnClient stepFunctions() {
    return CLIENTS.stepFunctions();
  }

  /** The account that the tests run in. */
  public static String account() {
    return sts().getCallerIdentity().account();
  }

  /** Makes a bucket with a fresh name. */
  public static String newBucket(S3Client s3) {
    var name = fresh("bucket");
    s3.createBucket(bucket ->
        bucket.bucket(name).createBucketConfiguration(where -> where.locationConstraint(REGION)));
    return name;
  }

  /** Deletes a bucket with all that lies in it. */
  public static void deleteBucket(S3Client s3, String bucket) {
    s3.listObjectsV2Paginator(list -> list.bucket(bucket)).contents().stream()
        .forEach(object -> s3.deleteObject(delete -> delete.bucket(bucket).key(object.key())));
    s3.deleteBucket(delete -> delete.bucket(bucket));
  }

  /** Calls IAM, whose client the functions do not have. */
  public static void iam(String action, Map<String, String> parameters)
      throws IOException, InterruptedException {
    var endpoint = System.getenv().getOrDefault("AWS_ENDPOINT_URL", "https://iam.amazonaws.com");
    var form =
        "Action=%s&Version=2010-05-08&%s"
            .formatted(
                action,
                parameters.entrySet().stream()
                    .map(p ->
                        p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&")));
    var request =
        SdkHttpRequest.builder()
            .uri(URI.create(endpoint))
            .method(SdkHttpMethod.POST)
            .putHeader("Content-Type", "application/x-www-form-urlencoded")
            .build();
    var signed =
        AwsV4HttpSigner.create()
            .sign(s ->
                s.identity(DefaultCredentialsProvider.builder().build().resolveCredentials())
                    .request(request)
                    .payload(ContentStreamProvider.fromUtf8String(form))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "iam")
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"));
    var call =
        HttpRequest.newBuilder(URI.create(endpoint))
            .POST(HttpRequest.BodyPublishers.ofString(form));
    signed
        .request()
        .forEachHeader((name, values) -> {
          if (!name.equalsIgnoreCase("Host")) {
            values.forEach(value -> call.header(name, value));
          }
        });
    try (var http = HttpClient.newHttpClient()) {
      var answer = http.send(call.build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(
            "IAM %s: %d %s".formatted(action, answer.statusCode(), answer.body()));
      }
    }
  }

  private RunningAws() {}
}
