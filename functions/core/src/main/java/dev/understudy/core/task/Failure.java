package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Why a task ended without a video.
 *
 * @param code the provider's failure code as it gave it, or one of ours
 * @param sentence what went wrong and what to do, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Failure(String code, String sentence) {

  /** The provider refused the request itself. */
  public static final String REQUEST_REJECTED = "REQUEST.REJECTED";

  /** The provider would not take the task for MaxWaitSeconds. */
  public static final String NOT_ACCEPTED = "REQUEST.NOT_ACCEPTED";

  /** The pinned inputs were about to be deleted before the task could be sent. */
  public static final String INPUTS_EXPIRED = "INPUTS.EXPIRED";

  /** A person gave up on an unknown submission. */
  public static final String GIVEN_UP = "SUBMISSION.GIVEN_UP";

  /** The provider ended the task without a code. */
  public static final String PROVIDER_FAILED = "PROVIDER.FAILED";
}
