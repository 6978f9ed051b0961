package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.ports.UploadForms.Form;
import dev.understudy.core.ports.UploadForms.Upload;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.s3.S3Client;

/** Uploads as the official SDKs make them: multipart, the fields in their order, the file last. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3UploadFormsIT {

  private static final String KEY = "uploads/default/0d9ee5c4/hero.png";
  private static final String BOUNDARY = "----understudy";
  private static final byte[] FILE = new byte[600];

  private final S3Client s3 = RunningAws.s3();
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private String bucket = "";

  @BeforeAll
  void createBucket() {
    bucket = RunningAws.newBucket(s3);
  }

  @AfterAll
  void deleteBucket() {
    http.close();
    RunningAws.deleteBucket(s3, bucket);
  }

  @Test
  void form_shouldUploadTheFileWithItsType_whateverThePartSays() throws Exception {
    var answer = post(form(Instant.now()), null, FILE);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    var stored = s3.headObject(head -> head.bucket(bucket).key(KEY));
    assertThat(stored.contentType()).isEqualTo("image/png");
    assertThat(stored.contentLength()).isEqualTo(600);
  }

  @Test
  void form_shouldTakeMetadataOfTheCallers() throws Exception {
    var answer = post(form(Instant.now()), "{\"scene\":\"4\"}", FILE);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
  }

  @Test
  void form_shouldRefuseAFileThatIsTooSmallOrTooLarge() throws Exception {
    var small = post(form(Instant.now()), null, new byte[511]);
    var large = post(form(Instant.now()), null, new byte[2001]);

    assertThat(small.statusCode()).isEqualTo(400);
    assertThat(small.body()).contains("EntityTooSmall");
    assertThat(large.statusCode()).isEqualTo(400);
    assertThat(large.body()).contains("EntityTooLarge");
  }

  @Test
  void form_shouldRefuseWhatWasNotSigned() throws Exception {
    var form = form(Instant.now());
    var fields = form.fields();

    assertThat(post(changed(form, "x-amz-signature", "0".repeat(64)), null, FILE).statusCode())
        .as("another signature")
        .isEqualTo(403);
    assertThat(post(changed(form, "key", "uploads/other/1/hero.png"), null, FILE).statusCode())
        .as("another key")
        .isEqualTo(403);
    assertThat(post(changed(form, "Content-Type", "text/html"), null, FILE).statusCode())
        .as("another type")
        .isEqualTo(403);
    assertThat(post(changed(form, "acl", "public-read"), null, FILE).statusCode())
        .as("a field that the policy does not name")
        .isEqualTo(403);
    assertThat(fields).doesNotContainKey("acl");
  }

  @Test
  void form_shouldEndWithItsLife() throws Exception {
    var answer = post(form(Instant.now().minus(Duration.ofHours(25))), null, FILE);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
  }

  private Form form(Instant at) {
    InstantSource clock = () -> at;
    return RunningAws.uploadForms(bucket, clock)
        .form(new Upload(KEY, "image/png", 512, 2000, Duration.ofHours(24)));
  }

  private static Form changed(Form form, String field, String value) {
    var fields = new LinkedHashMap<>(form.fields());
    fields.put(field, value);
    return new Form(form.url(), fields);
  }

  private HttpResponse<String> post(Form form, @Nullable String metadata, byte[] file)
      throws Exception {
    List<Entry<String, String>> parts = new ArrayList<>(form.fields().entrySet());
    if (metadata != null) {
      parts.add(Map.entry("metadata", metadata));
    }
    var body = new ByteArrayOutputStream();
    for (var part : parts) {
      body.writeBytes(
          text(
              "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                  .formatted(BOUNDARY, part.getKey(), part.getValue())));
    }
    body.writeBytes(
        text(
            "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hero.png\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                .formatted(BOUNDARY)));
    body.writeBytes(file);
    body.writeBytes(text("\r\n--%s--\r\n".formatted(BOUNDARY)));
    return http.send(
        HttpRequest.newBuilder(form.url())
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        BodyHandlers.ofString());
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
