package dev.understudy.adapters.secrets;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.ports.SigningKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The keys in a secret, as Standard Webhooks writes them ({@code whsec_} and 24 to 64 bytes in
 * Base64), separated by spaces. They are kept for five minutes. Needs {@code
 * secretsmanager:GetSecretValue}.
 */
public final class SecretSigningKeys implements SigningKeys {

  private static final Duration KEPT = Duration.ofMinutes(5);
  private static final String PREFIX = "whsec_";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;

  private final SecretsManagerClient secrets;
  private final String secretArn;
  private final InstantSource clock;
  private @Nullable Read read;

  /** Not a record: its text would show the keys. */
  private static final class Read {
    private final List<byte[]> keys;
    private final Instant until;

    Read(List<byte[]> keys, Instant until) {
      this.keys = keys;
      this.until = until;
    }
  }

  /**
   * @param secrets its client
   * @param secretArn the secret
   * @param clock the time
   */
  public SecretSigningKeys(SecretsManagerClient secrets, String secretArn, InstantSource clock) {
    this.secrets = secrets;
    this.secretArn = secretArn;
    this.clock = clock;
  }

  @Override
  public synchronized List<byte[]> current() {
    var now = clock.instant();
    if (read == null || !now.isBefore(read.until)) {
      read = new Read(keysIn(secretText()), now.plus(KEPT));
    }
    return read.keys;
  }

  private String secretText() {
    try {
      var text = secrets.getSecretValue(request -> request.secretId(secretArn)).secretString();
      return text == null ? "" : text.strip();
    } catch (SdkException e) {
      throw ServiceFailure.of(
          e, "Secrets Manager", "give the webhooks' key in %s".formatted(secretArn));
    }
  }

  private List<byte[]> keysIn(String text) {
    return Arrays.stream(text.split("\\s+")).map(this::key).toList();
  }

  private byte[] key(String word) {
    if (word.startsWith(PREFIX)) {
      try {
        var key = Base64.getDecoder().decode(word.substring(PREFIX.length()));
        if (key.length >= LEAST_BYTES && key.length <= MOST_BYTES) {
          return key;
        }
      } catch (IllegalArgumentException e) {
        // said below; the decoder's own words quote a part of it
      }
    }
    throw new Misconfigured(
        "The secret %s holds no key for webhooks: put whsec_ and 24 to 64 bytes in Base64 into it, or several of them separated by spaces."
            .formatted(secretArn));
  }
}
