package dev.understudy.adapters.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSigningKeysTest {

  private static final byte[] NEW = "the new key, of 24 bytes".getBytes(UTF_8);
  private static final byte[] OLD = "the old key, which is longer".getBytes(UTF_8);

  private Instant now = Instant.parse("2026-11-21T06:00:00Z");
  private final RecordedAws aws = new RecordedAws();
  private final SecretSigningKeys keys =
      new SecretSigningKeys(aws.secrets(), "arn:secret", () -> now);

  @Test
  void current_shouldBeTheKeysInTheirOrder_whileOneReplacesAnother() {
    holds(" %s\n%s ".formatted(written(NEW), written(OLD)));

    assertThat(keys.current()).containsExactly(NEW, OLD);
  }

  @Test
  void current_shouldReadOnceInFiveMinutes() {
    holds(written(OLD));
    keys.current();
    now = now.plus(Duration.ofMinutes(5).minusMillis(1));
    assertThat(keys.current()).containsExactly(OLD);
    holds(written(NEW));
    now = now.plusMillis(1);

    assertThat(keys.current()).containsExactly(NEW);
    assertThat(aws.sent()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "whsec_",
        "whsec_c2hvcnQtc2VjcmV0",
        "whsec_!c2hvcnQtc2VjcmV0c2hvcnQtc2VjcmV0",
        "c2hvcnQtc2VjcmV0c2hvcnQtc2VjcmV0",
        "whsec_c2hvcnQtc2VjcmV0c2hvcnQtc2VjcmV0 c2hvcnQtc2VjcmV0"
      })
  void current_shouldRefuseWithoutQuotingIt_whenItIsNoKey(String secret) {
    holds(secret);

    assertThatThrownBy(keys::current)
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith("The secret arn:secret holds no key for webhooks")
        .hasNoCause()
        .message()
        .doesNotContain("c2hvcnQ");
  }

  @Test
  void current_shouldBeUnavailable_whenTheServiceStaysAway() {
    aws.reset();

    assertThatThrownBy(keys::current).isInstanceOf(Unavailable.class);
  }

  private static String written(byte[] key) {
    return "whsec_" + Base64.getEncoder().encodeToString(key);
  }

  private void holds(String secret) {
    aws.answer(200, Json.MAPPER.valueToTree(Map.of("SecretString", secret)).toString());
  }
}
