package dev.understudy.adapters.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretApiKeyTest {

  private Instant now = Instant.parse("2026-11-21T06:00:00Z");
  private final RecordedAws aws = new RecordedAws();
  private final SecretApiKey key = new SecretApiKey(aws.secrets(), "arn:secret", () -> now);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sk-1",
        " sk-1\n",
        "{\"apiKey\": \"sk-1\"}",
        "\t{\"apiKey\": \" sk-1 \", \"note\": \"ours\"}\n"
      })
  void current_shouldBeTheKey_inEveryFormItMayHave(String secret) {
    holds(secret);

    assertThat(key.current()).isEqualTo("sk-1");
    assertThat(aws.sent())
        .containsExactly(
            """
            POST https://secretsmanager.eu-west-1.amazonaws.com/
            content-type: application/x-amz-json-1.1
            x-amz-target: secretsmanager.GetSecretValue

            {"SecretId":"arn:secret"}\
            """);
  }

  @Test
  void current_shouldReadOnceInFiveMinutes() {
    holds("sk-1");
    key.current();
    now = now.plus(Duration.ofMinutes(5).minusMillis(1));
    assertThat(key.current()).isEqualTo("sk-1");
    holds("sk-2");
    now = now.plusMillis(1);

    assertThat(key.current()).isEqualTo("sk-2");
    assertThat(aws.sent()).hasSize(2);
  }

  @Test
  void current_shouldReadAnew_whenItWasForgotten() {
    holds("sk-1");
    key.current();
    holds("sk-2");

    key.forget();

    assertThat(key.current()).isEqualTo("sk-2");
  }

  @Test
  void current_shouldBeBlankAndReadAgain_whileNoneIsSet() {
    aws.answer(400, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"no value\"}");
    assertThat(key.current()).isBlank();
    holds("  ");
    assertThat(key.current()).isBlank();
    holds("sk-1");

    assertThat(key.current()).isEqualTo("sk-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"apiKey\": sk-1}",
        "{\"key\": \"sk-1\"}",
        "{\"apiKey\": 1}",
        "sk-1 sk-2",
        "sk-1ü"
      })
  void current_shouldRefuseWithoutQuotingIt_whenItCannotBeAKey(String secret) {
    holds(secret);

    assertThatThrownBy(key::current)
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith("The secret arn:secret holds ")
        .hasNoCause()
        .message()
        .doesNotContain("sk-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"SecretString\": \"sk-canary\"",
        "{\"SecretString\": sk-canary}",
        "{\"SecretString\": \"sk-canary\", sk-canary",
        "{\"SecretString\": {\"sk-canary\": 1}}",
        "sk-canary"
      })
  void current_shouldQuoteNothing_whenTheServicesAnswerCannotBeRead(String answer) {
    for (int tries = 0; tries < 4; tries++) { // the SDK asks again
      aws.answer(200, answer);
    }

    assertThatThrownBy(key::current)
        .isInstanceOf(UnderstudyException.class)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("sk-canary"));
  }

  @Test
  void current_shouldNameThePermission_whenItIsDenied() {
    aws.answer(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");

    assertThatThrownBy(key::current)
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith(
            "Secrets Manager refused to give the provider's key in arn:secret (AccessDeniedException, HTTP 400)");
  }

  @Test
  void current_shouldBeUnavailable_whenTheServiceStaysAway() {
    aws.reset();

    assertThatThrownBy(key::current).isInstanceOf(Unavailable.class);
  }

  private void holds(String secret) {
    aws.answer(200, Json.MAPPER.valueToTree(Map.of("SecretString", secret)).toString());
  }
}
