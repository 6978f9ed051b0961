package dev.understudy.adapters.stepfunctions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.errors.Misconfigured;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StepFunctionsExecutionsIT {

  private final SfnClient stepFunctions = RunningAws.stepFunctions();
  private final String role = RunningAws.fresh("machine");
  private String machine = "";

  @BeforeAll
  void createMachine() throws Exception {
    RunningAws.iam(
        "CreateRole",
        Map.of(
            "RoleName",
            role,
            "AssumeRolePolicyDocument",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}
            """));
    machine =
        stepFunctions
            .createStateMachine(create ->
                create
                    .name(role)
                    .roleArn("arn:aws:iam::%s:role/%s".formatted(RunningAws.account(), role))
                    .definition(
                        """
                        {"QueryLanguage":"JSONata","StartAt":"Rest","States":{"Rest":{"Type":"Wait","Seconds":1,"End":true}}}
                        """))
            .stateMachineArn();
  }

  @AfterAll
  void deleteMachine() throws Exception {
    stepFunctions.deleteStateMachine(delete -> delete.stateMachineArn(machine));
    RunningAws.iam("DeleteRole", Map.of("RoleName", role));
  }

  @Test
  void start_shouldStartEachGenerationOnce_whenItIsCalledAgain() {
    var id = UUID.randomUUID().toString();
    var executions = new StepFunctionsExecutions(stepFunctions, machine);

    executions.start(id, 1);
    executions.start(id, 1);
    executions.start(id, 2);

    var started =
        stepFunctions.listExecutions(list -> list.stateMachineArn(machine)).executions().stream()
            .filter(execution -> execution.name().startsWith(id))
            .toList();
    assertThat(started)
        .extracting(ExecutionListItem::name)
        .containsExactlyInAnyOrder(id + "-1", id + "-2");
    assertThat(started)
        .extracting(execution ->
            stepFunctions.describeExecution(d -> d.executionArn(execution.executionArn())).input())
        .contains("{\"id\":\"%s\",\"generation\":2}".formatted(id));
  }

  @Test
  void start_shouldNameTheMachinesPermission_whenThereIsNone() {
    var executions = new StepFunctionsExecutions(stepFunctions, machine + "x");

    assertThatThrownBy(() -> executions.start("id", 1))
        .isInstanceOf(Misconfigured.class)
        .hasMessageContaining("Step Functions refused to start execution id-1");
  }
}
