package dev.understudy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SignatureTest {

  private static final byte[] KEY = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  private static final byte[] OTHER = "an old key of twenty-four".getBytes(UTF_8);

  /** The values that the libraries of Standard Webhooks test themselves with. */
  private static final Notice NOTICE =
      new Notice("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}".getBytes(UTF_8));

  private static final Instant AT = Instant.ofEpochSecond(1_614_265_330L);
  private static final String SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

  @Test
  void headers_shouldBeThoseOfTheLibraries_whenThereIsOneKey() {
    assertThat(Signature.headers(NOTICE, AT, List.of(KEY)))
        .isEqualTo(
            Map.of(
                "webhook-id",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp",
                "1614265330",
                "webhook-signature",
                SIGNED));
  }

  @Test
  void headers_shouldHaveASignatureForEachKey_whileTheKeyIsChanged() {
    var headers = Signature.headers(NOTICE, AT, List.of(OTHER, KEY));

    var signatures = Objects.requireNonNull(headers.get("webhook-signature")).split(" ");
    assertThat(signatures).hasSize(2);
    assertThat(signatures[0]).startsWith("v1,").isNotEqualTo(SIGNED);
    assertThat(signatures[1]).isEqualTo(SIGNED);
  }

  @Test
  void headers_shouldNotHoldFractions_whenTheClockHas() {
    assertThat(Signature.headers(NOTICE, AT.plusMillis(999), List.of(KEY)))
        .containsEntry("webhook-timestamp", "1614265330")
        .containsEntry("webhook-signature", SIGNED);
  }
}
