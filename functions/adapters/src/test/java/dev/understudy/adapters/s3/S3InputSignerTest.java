package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.InputSigner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;

class S3InputSignerTest {

  private static final String KEY = "inputs/0d9ee5c4/character.png";
  private static final String ROLE = "arn:aws:iam::123456789012:role/signer";

  /** The SDK stamps addresses with the system's time, so the story begins there. */
  private final Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private Duration passed = Duration.ZERO;
  private final InstantSource clock = () -> began.plus(passed);
  private final RecordedAws aws = new RecordedAws();
  private final InputSigner signer =
      new S3InputSigner(aws.sts(), aws.presigners(), ROLE, "shots", clock);

  @Test
  void sign_shouldNameTheBucketsOwnHostAndSignNothingElse() {
    assumed("ASIA1", began.plusSeconds(3600), "token");

    var signed = signer.sign(KEY);

    assertThat(signed.uri().toString())
        .startsWith("https://shots.s3.eu-west-1.amazonaws.com/" + KEY + "?")
        .contains("X-Amz-SignedHeaders=host&")
        .contains("X-Amz-Expires=3600")
        .contains("X-Amz-Security-Token=token")
        .contains("X-Amz-Credential=ASIA1%2F")
        .doesNotContain("checksum");
    assertThat(signed.readableUntil()).isEqualTo(began.plusSeconds(3600));
    assertThat(aws.sent())
        .containsExactly(
            """
            POST https://sts.eu-west-1.amazonaws.com
            content-type: application/x-www-form-urlencoded; charset=utf-8

            Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsigner&RoleSessionName=understudy-inputs&DurationSeconds=3600\
            """);
  }

  @Test
  void sign_shouldAssumeTheRoleOnce_whenFiveMinutesHaveNotPassed() {
    assumed("ASIA1", began.plusSeconds(3600), "token");
    signer.sign(KEY);
    passed = Duration.ofSeconds(299);

    var signed = signer.sign("inputs/0d9ee5c4/reference.mp4");

    assertThat(aws.sent()).hasSize(1);
    assertThat(signed.uri().toString()).contains("X-Amz-Expires=3301");
    assertThat(signed.readableUntil()).isBeforeOrEqualTo(began.plusSeconds(3600));
  }

  @Test
  void sign_shouldAssumeTheRoleAnew_whenFiveMinutesHavePassed() {
    assumed("ASIA1", began.plusSeconds(3600), "token");
    signer.sign(KEY);
    passed = Duration.ofMinutes(5);
    assumed("ASIA2", began.plusSeconds(3900), "token");

    var signed = signer.sign(KEY);

    assertThat(signed.uri().toString()).contains("X-Amz-Credential=ASIA2%2F");
    assertThat(aws.sent()).hasSize(2);
  }

  @Test
  void sign_shouldSayHowLongTheAddressWouldBe_whenTheProviderDoesNotTakeIt() {
    assumed("ASIA1", began.plusSeconds(3600), "t".repeat(2000));

    assertThatThrownBy(() -> signer.sign(KEY))
        .isInstanceOf(Misconfigured.class)
        .hasMessageMatching(
            "The signed address of 'inputs/0d9ee5c4/character.png' has 2\\d{3} characters, but the provider takes 2048 at most: .*")
        .message()
        .doesNotContain("tttt");
  }

  @Test
  void sign_shouldNameTheRole_whenItMayNotBeAssumed() {
    aws.answer(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");

    assertThatThrownBy(() -> signer.sign(KEY))
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith(
            "STS refused to assume the role that signs inputs, %s (AccessDenied, HTTP 403)"
                .formatted(ROLE));
  }

  @Test
  void sign_shouldQuoteNothing_whenTheAnswerOfStsCannotBeRead() {
    aws.answer(
        200,
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><SecretAccessKey>canary</SecretAccessKey><SessionToken>canary</Session");

    assertThatThrownBy(() -> signer.sign(KEY))
        .isInstanceOf(UnderstudyException.class)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("canary"));
  }

  @Test
  void sign_shouldBeUnavailable_whenStsStaysAway() {
    aws.reset();

    assertThatThrownBy(() -> signer.sign(KEY)).isInstanceOf(Unavailable.class);
  }

  private void assumed(String accessKey, Instant until, String token) {
    aws.answer(
        200,
        """
        <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
        <SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
        """
            .formatted(accessKey, token, until));
  }
}
