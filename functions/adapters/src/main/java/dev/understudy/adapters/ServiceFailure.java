package dev.understudy.adapters;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** Turns what the AWS SDK throws into our errors, by what can be done about it. */
public final class ServiceFailure {

  /** Codes that a repetition does not change, whatever their HTTP status. */
  private static final Set<String> FOR_A_PERSON =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "AuthorizationHeaderMalformed",
          "InvalidArn",
          "NoSuchBucket",
          "PermanentRedirect",
          "ResourceNotFoundException",
          "StateMachineDoesNotExist");

  /** Codes of a 403 that pass by themselves, because Lambda renews the role's credentials. */
  private static final Set<String> PASSING =
      Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed");

  /**
   * The error to throw for a failure of the SDK.
   *
   * @param failure what the SDK threw, after its own retries; becomes the cause
   * @param service the service's name, such as {@code S3}
   * @param purpose what it was asked to do, such as {@code read 'incoming/a/task.json'}
   * @return {@link Misconfigured} where a permission or a name is wrong, else {@link Unavailable}
   */
  public static UnderstudyException of(SdkException failure, String service, String purpose) {
    var reason = reason(failure);
    if (!forAPerson(failure)) {
      return new Unavailable("%s did not %s (%s).".formatted(service, purpose, reason), failure);
    }
    var misconfigured =
        new Misconfigured(
            "%s refused to %s (%s): check that what is named exists and that the function's role may do this."
                .formatted(service, purpose, reason));
    misconfigured.initCause(failure);
    return misconfigured;
  }

  /** The service's code for what went wrong, or an empty text where there is none. */
  public static String code(SdkException failure) {
    return failure instanceof AwsServiceException service
            && service.awsErrorDetails() != null
            && service.awsErrorDetails().errorCode() != null
        ? service.awsErrorDetails().errorCode()
        : "";
  }

  /** The HTTP status of the answer, or 0 where there was none. */
  public static int status(SdkException failure) {
    return failure instanceof SdkServiceException service ? service.statusCode() : 0;
  }

  private static boolean forAPerson(SdkException failure) {
    var code = code(failure);
    return FOR_A_PERSON.contains(code) || (status(failure) == 403 && !PASSING.contains(code));
  }

  private static String reason(SdkException failure) {
    if (!(failure instanceof SdkServiceException service)) {
      return failure.getClass().getSimpleName();
    }
    var code = code(failure);
    return code.isEmpty()
        ? "HTTP %d".formatted(service.statusCode())
        : "%s, HTTP %d".formatted(code, service.statusCode());
  }

  private ServiceFailure() {}
}
