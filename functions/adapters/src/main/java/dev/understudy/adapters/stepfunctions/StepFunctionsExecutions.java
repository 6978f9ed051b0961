package dev.understudy.adapters.stepfunctions;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.ports.Executions;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.ExecutionAlreadyExistsException;

/**
 * Starts executions named {@code <task id>-<generation>}, so that one generation runs once however
 * often it is started. Needs {@code states:StartExecution}.
 */
public final class StepFunctionsExecutions implements Executions {

  private final SfnClient stepFunctions;
  private final String stateMachineArn;

  /**
   * @param stepFunctions its client
   * @param stateMachineArn the state machine
   */
  public StepFunctionsExecutions(SfnClient stepFunctions, String stateMachineArn) {
    this.stepFunctions = stepFunctions;
    this.stateMachineArn = stateMachineArn;
  }

  @Override
  public void start(String taskId, int generation) {
    var name = "%s-%d".formatted(taskId, generation);
    var input = "{\"id\":\"%s\",\"generation\":%d}".formatted(taskId, generation);
    try {
      stepFunctions.startExecution(
          request -> request.stateMachineArn(stateMachineArn).name(name).input(input));
    } catch (ExecutionAlreadyExistsException e) {
      // AWS says so of a closed execution or another input; either way this generation was started
    } catch (SdkException e) {
      throw ServiceFailure.of(e, "Step Functions", "start execution %s".formatted(name));
    }
  }
}
