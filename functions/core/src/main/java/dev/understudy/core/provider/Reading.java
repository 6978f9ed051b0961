package dev.understudy.core.provider;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an answer to {@code GET /runwayml/v1/tasks/{id}} means. The provider is known to answer in
 * two shapes, its gateway's envelope and Runway's own task; both and mixtures of them are read.
 */
public sealed interface Reading {

  /** The failure code of a task that was cancelled at the provider. */
  String CANCELLED = "PROVIDER.CANCELLED";

  /** Where a task that has not ended stands, in Runway's words. */
  enum ProviderStatus {
    PENDING,
    /** Accepted, waiting for the provider's own concurrency limit; can be long. */
    THROTTLED,
    RUNNING
  }

  /**
   * Not ended.
   *
   * @param progress 0 to 1, null if the provider does not say
   */
  record Working(ProviderStatus status, @Nullable Double progress) implements Reading {
    public Working {
      if (progress != null && !(progress >= 0 && progress <= 1)) {
        throw new IllegalArgumentException("progress is from 0 to 1, not " + progress);
      }
    }
  }

  /**
   * Ended well, and here is the video.
   *
   * @param output an absolute http or https URL; it is signed, so never log or store it
   */
  record Done(URI output) implements Reading {
    /** Names the host only: the rest of the URL is a secret. */
    @Override
    public String toString() {
      return "Done[output at " + output.getHost() + "]";
    }
  }

  /** Ended well by its status, but without a URL (yet). */
  record DoneWithoutOutput() implements Reading {}

  /**
   * Ended badly, by the provider's own word.
   *
   * @param failureCode the provider's, null if it gives none
   * @param sentence for people: what happened and what to do
   */
  record Failed(@Nullable String failureCode, String sentence) implements Reading {}

  /** The provider does not know the id (yet): {@code task_not_exist}, 404. */
  record NotVisible() implements Reading {}

  /**
   * Nothing learned; ask again.
   *
   * @param alarm whether a person should look: the key, the access or the address is wrong
   * @param retryAfter what the provider asks for, null if it does not say
   */
  record NotYet(String reason, boolean alarm, @Nullable Duration retryAfter) implements Reading {}

  /** Reads what came back. */
  static Reading of(Exchange exchange) {
    return switch (exchange) {
      case Exchange.Answered answered -> TaskAnswer.read(answered);
      case Exchange.NotSent notSent -> new NotYet(notSent.reason(), false, null);
      case Exchange.Broken broken -> new NotYet(broken.reason(), false, null);
    };
  }
}
