package dev.understudy.core.replay;

import dev.understudy.core.hash.Sha256;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One send of an order, as far as it can be told whether another one is the same call of the
 * client.
 */
public sealed interface Send {

  /** The key of the record of its earlier sends; empty where none is kept. */
  Optional<String> recordKey();

  /**
   * Sends with the same key are one order.
   *
   * @param record the record's key
   * @param body a hash of the body
   * @param count the retry count, 0 for the first send of a call and where there is none
   */
  record Keyed(String record, String body, int count) implements Send {
    @Override
    public Optional<String> recordKey() {
      return Optional.of(record);
    }
  }

  /**
   * Sends with the same body are told apart by their retry counts.
   *
   * @param record the record's key
   * @param body a hash of the body
   * @param count the retry count, 0 for the first send of a call
   */
  record Counted(String record, String body, int count) implements Send {
    @Override
    public Optional<String> recordKey() {
      return Optional.of(record);
    }
  }

  /** Nothing tells: it is an order of its own. */
  record Single() implements Send {
    @Override
    public Optional<String> recordKey() {
      return Optional.empty();
    }
  }

  /**
   * What a request tells.
   *
   * @param tenant who sends it
   * @param canonicalBody the body such that equal requests are equal texts
   * @param namesSeed whether the body names a seed
   * @param idempotencyKey the header Idempotency-Key, or null
   * @param retryCount the header X-Stainless-Retry-Count, or null
   */
  static Send of(
      String tenant,
      String canonicalBody,
      boolean namesSeed,
      @Nullable String idempotencyKey,
      @Nullable Integer retryCount) {
    var body = Sha256.ofParts(tenant, canonicalBody);
    int count = retryCount == null ? 0 : retryCount;
    if (idempotencyKey != null) {
      return new Keyed(
          recordKey(tenant, "key", Sha256.ofParts(tenant, idempotencyKey)), body, count);
    }
    if (namesSeed) {
      return new Keyed(recordKey(tenant, "seed", body), body, count);
    }
    return retryCount == null
        ? new Single()
        : new Counted(recordKey(tenant, "body", body), body, retryCount);
  }

  private static String recordKey(String tenant, String kind, String hash) {
    return "%s#%s#%s".formatted(tenant, kind, hash);
  }
}
