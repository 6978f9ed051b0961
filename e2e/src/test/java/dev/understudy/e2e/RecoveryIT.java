package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** Executions that end before their task: reconcile takes it up where it stands. */
@EndToEnd
class RecoveryIT {

  @Test
  void order_shouldSucceed_whenItsExecutionIsStoppedByHand(Scenario scenario) {
    // given a task that is being rendered
    Folder folder = scenario.folder("stopped");
    folder.fault("task", "render", "seconds", 8);
    folder.orderSample();
    folder.awaitStatus("SUBMITTED");
    JsonNode task = folder.task();

    // when
    scenario.stack.stepFunctions.stopExecution(
        s -> s.executionArn(scenario.stack.execution(task)).cause("a person in the console"));
    scenario.stack.makeDue(task.path("id").asText());

    // then
    folder.awaitStatus("SUCCEEDED");
    assertThat(folder.task().path("generation").asInt())
        .isGreaterThan(task.path("generation").asInt());
    assertThat(folder.ledger().submits()).containsExactly("accepted");
    assertThat(scenario.stack.history(task.path("id").asText()))
        .extracting(line -> line.path("sentence").asText())
        .anyMatch(sentence -> sentence.contains("execution was lost"));
  }
}
