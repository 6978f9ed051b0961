package dev.understudy.core.watch;

import dev.understudy.core.provider.FailureCodes;
import dev.understudy.core.task.Failure;
import java.util.Arrays;

/**
 * Why tasks fail, in few words: the provider's codes are an open set, and each value of a dimension
 * is a metric of its own.
 */
public enum FailureReason {
  /** The provider's moderation. */
  MODERATION,
  /** The footage could not be used. */
  ASSET,
  /** The model gave no usable video. */
  QUALITY,
  /** A fault of the provider's own. */
  PROVIDER,
  /** The provider refused the request before it took it on. */
  REFUSED,
  /** Cancelled at the provider. */
  CANCELLED,
  /** A code that is not known here. */
  UNKNOWN,
  /** The provider would not take it for MaxWaitSeconds. */
  NOT_ACCEPTED,
  /** It could not be sent for as long as its inputs are kept. */
  INPUTS_EXPIRED,
  /** A person gave an unknown submission up. */
  GIVEN_UP;

  static FailureReason of(Failure failure) {
    return switch (failure.code()) {
      case Failure.REQUEST_REJECTED -> REFUSED;
      case Failure.NOT_ACCEPTED -> NOT_ACCEPTED;
      case Failure.INPUTS_EXPIRED -> INPUTS_EXPIRED;
      case Failure.GIVEN_UP -> GIVEN_UP;
      // without a code the sentence knows more: it was chosen by the provider's text
      case Failure.PROVIDER_FAILED ->
          Arrays.stream(FailureCodes.Kind.values())
              .filter(kind -> failure.sentence().startsWith(kind.sentence()))
              .findFirst()
              .map(FailureReason::of)
              .orElse(UNKNOWN);
      default -> of(FailureCodes.kind(failure.code()));
    };
  }

  private static FailureReason of(FailureCodes.Kind kind) {
    return switch (kind) {
      case MODERATION -> MODERATION;
      case ASSET -> ASSET;
      case QUALITY -> QUALITY;
      case PROVIDER -> PROVIDER;
      case REFUSED -> REFUSED;
      case CANCELLED -> CANCELLED;
      case UNKNOWN -> UNKNOWN;
    };
  }
}
