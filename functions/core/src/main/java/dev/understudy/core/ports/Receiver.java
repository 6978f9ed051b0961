package dev.understudy.core.ports;

import java.time.Duration;
import java.util.Map;

/** The one address that takes webhooks. */
public interface Receiver {

  /** What became of a request. */
  sealed interface Answer {

    /**
     * It was answered.
     *
     * @param status the HTTP status
     */
    record Answered(int status) implements Answer {}

    /**
     * There was no whole answer; it may have been taken all the same.
     *
     * @param why for the log, without the address
     */
    record Unanswered(String why) implements Answer {}
  }

  /**
   * Posts a JSON document once.
   *
   * @param json the document, UTF-8
   * @param headers what it carries besides
   * @param bound how long the whole exchange may take
   */
  Answer post(byte[] json, Map<String, String> headers, Duration bound);
}
