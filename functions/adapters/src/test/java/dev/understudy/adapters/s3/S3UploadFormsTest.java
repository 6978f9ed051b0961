package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.UploadForms.Form;
import dev.understudy.core.ports.UploadForms.Upload;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

class S3UploadFormsTest {

  private static final Instant NOW = Instant.parse("2026-11-21T23:59:58.765Z");
  private static final Upload UPLOAD =
      new Upload(
          "uploads/default/0d9ee5c4/hero.png", "image/png", 512, 16_777_216, Duration.ofHours(24));

  private static Form form(AwsCredentials credentials) {
    return new S3UploadForms(
            () -> credentials,
            "eu-west-1",
            "shots",
            URI.create("https://shots.s3.eu-west-1.amazonaws.com"),
            () -> NOW)
        .form(UPLOAD);
  }

  private static JsonNode policy(Form form) throws IOException {
    return Json.MAPPER.readTree(Base64.getDecoder().decode(form.fields().get("policy")));
  }

  /** AWS's own example: "Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)". */
  @Test
  void signature_shouldBeTheOneOfTheDocumentation() {
    var policy =
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7"
            + "ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91"
            + "c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3Qi"
            + "OiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwi"
            + "fSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRh"
            + "LXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVT"
            + "MjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNy"
            + "ZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9"
            + "LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAi"
            + "MjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    assertThat(
            S3UploadForms.signature(
                policy, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20151229", "us-east-1"))
        .isEqualTo("8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
  }

  @Test
  void form_shouldCarryWhatThePolicyNames_andNothingElse() throws IOException {
    var form = form(AwsBasicCredentials.create("AKIA1", "secret"));

    assertThat(form.url()).hasToString("https://shots.s3.eu-west-1.amazonaws.com");
    assertThat(form.fields().keySet())
        .containsExactly(
            "key",
            "Content-Type",
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "metadata",
            "policy",
            "x-amz-signature");
    assertThat(form.fields())
        .containsEntry("key", "uploads/default/0d9ee5c4/hero.png")
        .containsEntry("Content-Type", "image/png")
        .containsEntry("x-amz-algorithm", "AWS4-HMAC-SHA256")
        .containsEntry("x-amz-credential", "AKIA1/20261121/eu-west-1/s3/aws4_request")
        .containsEntry("x-amz-date", "20261121T235958Z")
        .doesNotContainValue("secret");
    assertThat(form.fields().get("x-amz-signature")).matches("[0-9a-f]{64}");
    assertThat(policy(form))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"expiration":"2026-11-22T23:59:58.765Z","conditions":[
                  {"bucket":"shots"},
                  {"key":"uploads/default/0d9ee5c4/hero.png"},
                  {"Content-Type":"image/png"},
                  {"x-amz-algorithm":"AWS4-HMAC-SHA256"},
                  {"x-amz-credential":"AKIA1/20261121/eu-west-1/s3/aws4_request"},
                  {"x-amz-date":"20261121T235958Z"},
                  ["content-length-range",512,16777216],
                  ["starts-with","$metadata",""]]}
                """));
    assertThat(form.toString()).isEqualTo("Form[withheld]");
  }

  @Test
  void form_shouldCarryAndNameTheSessionToken_whenCredentialsAreTemporary() throws IOException {
    var form = form(AwsSessionCredentials.create("ASIA1", "secret", "a-session-token"));

    assertThat(form.fields()).containsEntry("x-amz-security-token", "a-session-token");
    assertThat(policy(form).path("conditions"))
        .contains(Json.MAPPER.readTree("{\"x-amz-security-token\":\"a-session-token\"}"));
  }
}
