package dev.understudy.core.provider;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of one HTTP exchange with the provider. The three cases differ in what may be concluded
 * about a POST: an answer says it, {@link NotSent} means it cannot have been accepted, {@link
 * Broken} means nobody knows. Reasons are for logs and people: they never hold a URL's query or a
 * key.
 */
public sealed interface Exchange {

  /**
   * A whole answer, or its beginning.
   *
   * @param retryAfter the {@code Retry-After} header as a span from now, zero or more
   * @param body the body as UTF-8 text
   * @param cut whether the body went on beyond the limit and the rest was dropped
   */
  record Answered(
      int status,
      @Nullable String contentType,
      @Nullable Duration retryAfter,
      String body,
      boolean cut)
      implements Exchange {

    /** A whole answer without a {@code Retry-After}. */
    public static Answered of(int status, @Nullable String contentType, String body) {
      return new Answered(status, contentType, null, body, false);
    }

    /** Whether it is a page for people: of a firewall, a proxy or a maintenance window. */
    boolean isWebPage() {
      return (contentType != null && contentType.toLowerCase(Locale.ROOT).contains("html"))
          || body.stripLeading().startsWith("<");
    }

    /** Leaves the body out: an answer can quote signed URLs. */
    @Override
    public String toString() {
      return "Answered[status="
          + status
          + ", contentType="
          + contentType
          + ", retryAfter="
          + retryAfter
          + ", "
          + body.length()
          + (cut ? " characters and more]" : " characters]");
    }
  }

  /** The connection was never made: no byte of the request left this machine. */
  record NotSent(String reason) implements Exchange {}

  /** Ended by a timeout, a reset or an unreadable answer after a byte may have been sent. */
  record Broken(String reason) implements Exchange {}
}
