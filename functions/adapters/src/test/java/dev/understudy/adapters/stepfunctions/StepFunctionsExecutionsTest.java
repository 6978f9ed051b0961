package dev.understudy.adapters.stepfunctions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepFunctionsExecutionsTest {

  private final RecordedAws aws = new RecordedAws();
  private final StepFunctionsExecutions executions =
      new StepFunctionsExecutions(aws.stepFunctions(), "arn:machine");

  @Test
  void start_shouldNameTheExecutionAfterTheGeneration() {
    aws.answer(200, "{\"executionArn\":\"arn:execution\",\"startDate\":1}");

    executions.start("0d9ee5c4", 3);

    assertThat(aws.sent())
        .containsExactly(
            """
            POST https://states.eu-west-1.amazonaws.com/
            content-type: application/x-amz-json-1.0
            x-amz-target: AWSStepFunctions.StartExecution

            {"stateMachineArn":"arn:machine","name":"0d9ee5c4-3","input":"{\\"id\\":\\"0d9ee5c4\\",\\"generation\\":3}"}\
            """);
  }

  @Test
  void start_shouldBeDone_whenTheExecutionExists() {
    aws.answer(400, "{\"__type\":\"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists\"}");

    assertThatCode(() -> executions.start("0d9ee5c4", 3)).doesNotThrowAnyException();
    assertThat(aws.sent()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"StateMachineDoesNotExist", "AccessDeniedException", "InvalidArn"})
  void start_shouldNeedAPerson_whenRepeatingDoesNotHelp(String code) {
    aws.answer(400, "{\"__type\":\"%s\"}".formatted(code));

    assertThatThrownBy(() -> executions.start("0d9ee5c4", 3))
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith(
            "Step Functions refused to start execution 0d9ee5c4-3 (%s, HTTP 400)".formatted(code));
  }

  @Test
  void start_shouldBeUnavailable_whenThereAreTooManyExecutions() {
    aws.answer(400, "{\"__type\":\"ExecutionLimitExceeded\"}");

    assertThatThrownBy(() -> executions.start("0d9ee5c4", 3))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "Step Functions did not start execution 0d9ee5c4-3 (ExecutionLimitExceeded, HTTP 400).");
  }
}
