package dev.understudy.core.provider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the paid POST led to. Only what proves that nothing was accepted counts as refused ({@link
 * DefiniteRefusal}); everything else that is not an id is {@link Unknown}.
 */
public sealed interface PostOutcome {

  /** The failure code of a task whose request the provider refused. */
  String REJECTED = "PROVIDER.REJECTED";

  /**
   * Accepted, and charged.
   *
   * @param providerTaskId opaque, 1 to 191 characters
   */
  record Accepted(String providerTaskId) implements PostOutcome {}

  /**
   * This request was refused for what it is; nothing was charged.
   *
   * @param code the task's failure code
   * @param sentence for people: what the provider said and what to do
   */
  record Rejected(String code, String sentence) implements PostOutcome {}

  /**
   * Not accepted at this moment; the same may pass later.
   *
   * @param retryAfter what the provider asks for, null if it does not say
   */
  record Busy(String reason, @Nullable Duration retryAfter) implements PostOutcome {}

  /**
   * Not accepted, and so may be every next one until a person mends the key, the balance or the
   * address.
   *
   * @param refusal which of the definite refusals it was
   * @param reason one sentence for people
   */
  record Blocked(DefiniteRefusal refusal, String reason) implements PostOutcome {}

  /** Accepted or not: nobody knows. It must not be sent again. */
  record Unknown(String reason) implements PostOutcome {}

  /** Reads what came back. */
  static PostOutcome of(Exchange exchange) {
    return switch (exchange) {
      case Exchange.Answered answered -> PostAnswer.read(answered);
      case Exchange.NotSent notSent -> new Busy(notSent.reason(), null);
      case Exchange.Broken broken -> new Unknown(broken.reason());
    };
  }
}
