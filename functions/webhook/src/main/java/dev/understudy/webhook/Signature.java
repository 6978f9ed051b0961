package dev.understudy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The headers of Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec):
 * HMAC-SHA256 over id, time and body, once for each key, so that a key can be changed without a
 * gap.
 */
final class Signature {

  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * @param at when it is sent: receivers refuse what is some minutes old, so every attempt is
   *     signed anew
   * @param keys at least one
   */
  static Map<String, String> headers(Notice notice, Instant at, List<byte[]> keys) {
    var seconds = Long.toString(at.getEpochSecond());
    var signed = "%s.%s.".formatted(notice.id(), seconds).getBytes(UTF_8);
    return Map.of(
        "webhook-id",
        notice.id(),
        "webhook-timestamp",
        seconds,
        "webhook-signature",
        keys.stream()
            .map(key -> "v1," + hmac(key, signed, notice.json()))
            .collect(Collectors.joining(" ")));
  }

  private static String hmac(byte[] key, byte[] head, byte[] body) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      mac.update(head);
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
