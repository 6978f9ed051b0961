package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.ports.InputSigner;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.s3.S3Client;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3InputSignerIT {

  private static final String INPUT = "inputs/3f0e/character.png";

  private final S3Client s3 = RunningAws.s3();
  private final HttpClient http = HttpClient.newHttpClient();
  private final String role = RunningAws.fresh("signer");
  private String bucket = "";

  @BeforeAll
  void createBucketAndRole() throws Exception {
    bucket = RunningAws.newBucket(s3);
    var contents = new S3Bucket(s3, bucket);
    contents.put(INPUT, new byte[] {1, 2, 3}, "image/png");
    contents.put("outputs/secret.mp4", new byte[] {4}, "video/mp4");
    RunningAws.iam(
        "CreateRole",
        Map.of(
            "RoleName",
            role,
            "AssumeRolePolicyDocument",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole"}]}
            """
                .formatted(RunningAws.account())));
    RunningAws.iam(
        "PutRolePolicy",
        Map.of(
            "RoleName",
            role,
            "PolicyName",
            "read-inputs",
            "PolicyDocument",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/inputs/*"}]}
            """
                .formatted(bucket)));
  }

  @AfterAll
  void deleteBucketAndRole() throws Exception {
    http.close();
    RunningAws.deleteBucket(s3, bucket);
    RunningAws.iam("DeleteRolePolicy", Map.of("RoleName", role, "PolicyName", "read-inputs"));
    RunningAws.iam("DeleteRole", Map.of("RoleName", role));
  }

  @Test
  void sign_shouldLetAnyoneReadTheInput_whenItIsAskedForByPlainHttp() throws Exception {
    var signed = signer(role).sign(INPUT);

    var answer = get(signed.uri());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).containsExactly(1, 2, 3);
    assertThat(answer.headers().firstValue("content-type")).contains("image/png");
    assertThat(signed.uri().toString()).hasSizeLessThanOrEqualTo(InputSigner.LONGEST);
    assertThat(signed.uri().getQuery()).contains("X-Amz-SignedHeaders=host");
    assertThat(signed.readableUntil())
        .isBetween(
            Instant.now().plus(Duration.ofMinutes(54)), Instant.now().plus(Duration.ofHours(1)));
  }

  @Test
  void sign_shouldLetNobodyReadAnythingElse() throws Exception {
    var signer = signer(role);

    assertThat(get(signer.sign("outputs/secret.mp4").uri()).statusCode()).isEqualTo(403);
    var tampered = signer.sign(INPUT).uri().toString().replace("character", "charakter");
    assertThat(get(URI.create(tampered)).statusCode()).isEqualTo(403);
  }

  @Test
  void sign_shouldSayWhatIsMissing_whenTheRoleCannotBeAssumed() {
    var signer = signer("no-such-role");

    Assertions.assertThatThrownBy(() -> signer.sign(INPUT))
        .isInstanceOf(Misconfigured.class)
        .hasMessageContaining("assume the role that signs inputs")
        .hasMessageContaining("no-such-role");
  }

  private InputSigner signer(String roleName) {
    return new S3InputSigner(
        RunningAws.sts(),
        RunningAws.presigners(),
        "arn:aws:iam::%s:role/%s".formatted(RunningAws.account(), roleName),
        bucket,
        InstantSource.system());
  }

  private HttpResponse<byte[]> get(URI uri) throws Exception {
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
  }
}
