package dev.understudy.adapters.secrets;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.ApiKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * The key in a secret: its text, or the field {@code apiKey} of its JSON. It is kept for five
 * minutes; a blank one is not kept, so that a key is used as soon as it is set. Needs {@code
 * secretsmanager:GetSecretValue}.
 */
public final class SecretApiKey implements ApiKey {

  private static final Duration KEPT = Duration.ofMinutes(5);

  private final SecretsManagerClient secrets;
  private final String secretArn;
  private final InstantSource clock;
  private @Nullable Read read;

  private record Read(String key, Instant until) {

    @Override
    public String toString() {
      return "Read[withheld until %s]".formatted(until);
    }
  }

  /**
   * @param secrets its client
   * @param secretArn the secret
   * @param clock the time
   */
  public SecretApiKey(SecretsManagerClient secrets, String secretArn, InstantSource clock) {
    this.secrets = secrets;
    this.secretArn = secretArn;
    this.clock = clock;
  }

  /**
   * {@inheritDoc}
   *
   * @throws Misconfigured when the secret holds something that cannot be a key, which is not shown
   */
  @Override
  public synchronized String current() {
    var now = clock.instant();
    if (read != null && now.isBefore(read.until())) {
      return read.key();
    }
    var key = keyIn(secretText());
    read = key.isEmpty() ? null : new Read(key, now.plus(KEPT));
    return key;
  }

  @Override
  public synchronized void forget() {
    read = null;
  }

  private String secretText() {
    try {
      var text = secrets.getSecretValue(request -> request.secretId(secretArn)).secretString();
      if (text == null) {
        throw unusable("holds bytes, not text");
      }
      return text.strip();
    } catch (ResourceNotFoundException e) {
      // also said of a secret that exists and was never given a value
      return "";
    } catch (SdkException e) {
      throw ServiceFailure.of(
          e, "Secrets Manager", "give the provider's key in %s".formatted(secretArn));
    }
  }

  private String keyIn(String text) {
    var key = text.startsWith("{") ? fieldOf(text) : text;
    // an HTTP client would put anything else into its own error, and that into a log
    if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw unusable("holds something other than one word of printable ASCII");
    }
    return key;
  }

  private String fieldOf(String json) {
    try {
      var field = Json.MAPPER.readTree(json).path("apiKey");
      if (field.isTextual()) {
        return field.textValue().strip();
      }
    } catch (JsonProcessingException e) {
      // said below; Jackson's own words quote the secret
    }
    throw unusable("holds JSON without a text named apiKey");
  }

  private Misconfigured unusable(String why) {
    return new Misconfigured(
        "The secret %s %s: put the provider's key into it, as it is or as {\"apiKey\": \"...\"}."
            .formatted(secretArn, why));
  }
}
