package dev.understudy.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

class ServiceFailureTest {

  @ParameterizedTest
  @CsvSource({
    "503,SlowDown",
    "500,InternalError",
    "400,ThrottlingException",
    "403,ExpiredToken",
    "403,RequestTimeTooSkewed",
    "409,ConditionalRequestConflict"
  })
  void of_shouldBeUnavailable_whenARepetitionMayHelp(int status, String code) {
    var cause = failure(status, code);

    assertThat(ServiceFailure.of(cause, "S3", "read 'a'"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not read 'a' (%s, HTTP %d).", code, status)
        .hasCause(cause);
  }

  @ParameterizedTest
  @CsvSource({
    "403,AccessDenied",
    "403,SignatureDoesNotMatch",
    "400,AccessDeniedException",
    "404,NoSuchBucket",
    "301,PermanentRedirect",
    "400,ResourceNotFoundException"
  })
  void of_shouldNeedAPerson_whenARepetitionCannotHelp(int status, String code) {
    var cause = failure(status, code);

    assertThat(ServiceFailure.of(cause, "S3", "read 'a'"))
        .isInstanceOf(Misconfigured.class)
        .hasMessage(
            "S3 refused to read 'a' (%s, HTTP %d): check that what is named exists and that the function's role may do this.",
            code, status)
        .hasCause(cause);
  }

  @Test
  void of_shouldBeUnavailable_whenTheServiceDidNotAnswerInTime() {
    var cause = ApiCallTimeoutException.create(9000);

    assertThat(ServiceFailure.of(cause, "DynamoDB", "read task 1"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("DynamoDB did not read task 1 (ApiCallTimeoutException).")
        .hasCause(cause);
  }

  private static SdkException failure(int status, String code) {
    return AwsServiceException.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
        .build();
  }
}
