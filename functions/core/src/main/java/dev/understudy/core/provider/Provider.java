package dev.understudy.core.provider;

import java.time.Duration;

/**
 * The two calls that are made to the provider. Neither throws for anything the network or the
 * provider does, neither repeats anything, and both end within the bound.
 */
public interface Provider {

  /**
   * Orders a paid render. The request is sent at most once.
   *
   * @param json the body of {@link dev.understudy.core.request.ProviderBody}
   * @param bound for the whole exchange, from connecting to the last byte of the answer
   */
  Exchange submit(byte[] json, String apiKey, Duration bound);

  /**
   * Asks how a task is doing.
   *
   * @param bound for the whole exchange, from connecting to the last byte of the answer
   */
  Exchange task(String providerTaskId, String apiKey, Duration bound);
}
