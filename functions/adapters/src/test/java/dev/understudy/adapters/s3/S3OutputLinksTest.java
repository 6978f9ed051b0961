package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.adapters.RecordedAws;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class S3OutputLinksTest {

  @Test
  void sign_shouldNameTheVideoForAnHour_asTheFunctionItself() {
    var credentials = AwsSessionCredentials.create("ASIA1", "secret", "token");
    var links =
        new S3OutputLinks(
            new RecordedAws().presigners().apply(StaticCredentialsProvider.create(credentials)),
            "shots");

    assertThat(links.sign("outputs/api/default/1/müller & co.mp4").toString())
        .startsWith(
            "https://shots.s3.eu-west-1.amazonaws.com/outputs/api/default/1/m%C3%BCller%20%26%20co.mp4?")
        .contains("X-Amz-Expires=3600")
        .contains("X-Amz-Credential=ASIA1%2F")
        .contains("X-Amz-Security-Token=token")
        .contains("X-Amz-SignedHeaders=host&")
        .doesNotContain("secret");
  }
}
