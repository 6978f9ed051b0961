package dev.understudy.simulator.provider;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the caller gets back, including the ways in which a connection can go wrong. The HTTP server
 * acts it out; a simulation without HTTP reads it.
 */
public sealed interface Reply {

  /**
   * A whole answer.
   *
   * @param status HTTP status
   * @param headers besides Content-Length, which follows from the body
   * @param body what is sent
   * @param lengthSaid false: sent in chunks, so that the receiver learns the length only at the end
   */
  record Answer(int status, Map<String, String> headers, Content body, boolean lengthSaid)
      implements Reply {
    /** Keeps its own copy of the headers. */
    public Answer {
      headers = Map.copyOf(headers);
    }

    /**
     * An answer of a known length.
     *
     * @param status HTTP status
     * @param contentType its media type
     * @param body what is sent
     * @return the answer
     */
    public static Answer of(int status, String contentType, Content body) {
      return new Answer(status, Map.of("Content-Type", contentType), body, true);
    }

    /**
     * The same with one more header.
     *
     * @param name of the header
     * @param value of the header
     * @return a new answer
     */
    public Answer with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Answer(status, more, body, lengthSaid);
    }

    /**
     * The same with another body.
     *
     * @param other sent instead
     * @return a new answer
     */
    public Answer with(Content other) {
      return new Answer(status, headers, other, lengthSaid);
    }

    /**
     * The same, sent in chunks.
     *
     * @return a new answer
     */
    public Answer withoutLength() {
      return new Answer(status, headers, body, false);
    }
  }

  /**
   * An answer whose connection ends in the middle: status line and headers are whole (with the full
   * Content-Length), then only some bytes of the body come.
   *
   * @param answer what was going to be sent
   * @param bytes how many bytes of the body are sent
   * @param reset true: TCP reset; false: closed as if all was well
   */
  record Cut(Answer answer, long bytes, boolean reset) implements Reply {}

  /** No answer at all: the connection is reset (TCP RST), or closed without a byte. */
  enum Dropped implements Reply {
    /** TCP reset. */
    RESET,
    /** Closed without a byte. */
    CLOSED
  }

  /**
   * Nothing happens for a while, then something does.
   *
   * @param time how long the caller waits
   * @param then what comes after it
   */
  record Held(Duration time, Reply then) implements Reply {}
}
