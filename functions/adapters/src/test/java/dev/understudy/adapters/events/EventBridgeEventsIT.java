package dev.understudy.adapters.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.adapters.RunningAws;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sfn.SfnClient;

/** A rule as a user would write it takes our event to a state machine, whose input is then read. */
class EventBridgeEventsIT {

  private final EventBridgeClient bridge = RunningAws.eventBridge();
  private final SfnClient stepFunctions = RunningAws.stepFunctions();
  private final String name = RunningAws.fresh("events");
  private final String taskId = UUID.randomUUID().toString();
  private String machine = "";

  @BeforeEach
  void createRule() throws Exception {
    RunningAws.iam(
        "CreateRole",
        Map.of(
            "RoleName",
            name,
            "AssumeRolePolicyDocument",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["states.amazonaws.com","events.amazonaws.com"]},"Action":"sts:AssumeRole"}]}
            """));
    RunningAws.iam(
        "PutRolePolicy",
        Map.of(
            "RoleName",
            name,
            "PolicyName",
            "start",
            "PolicyDocument",
            """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"states:StartExecution","Resource":"*"}]}
            """));
    var role = "arn:aws:iam::%s:role/%s".formatted(RunningAws.account(), name);
    machine =
        stepFunctions
            .createStateMachine(create ->
                create
                    .name(name)
                    .roleArn(role)
                    .definition(
                        """
                        {"QueryLanguage":"JSONata","StartAt":"Take","States":{"Take":{"Type":"Pass","End":true}}}
                        """))
            .stateMachineArn();
    bridge.putRule(rule ->
        rule.name(name)
            .eventPattern(
                """
                {"source":["understudy"],"detail-type":["Understudy Task Changed"],"detail":{"status":["FAILED"],"taskId":["%s"]}}
                """
                    .formatted(taskId)));
    bridge.putTargets(targets ->
        targets
            .rule(name)
            .targets(Target.builder().id("machine").arn(machine).roleArn(role).build()));
  }

  @AfterEach
  void deleteRule() throws Exception {
    bridge.removeTargets(remove -> remove.rule(name).ids("machine"));
    bridge.deleteRule(delete -> delete.name(name));
    stepFunctions.deleteStateMachine(delete -> delete.stateMachineArn(machine));
    RunningAws.iam("DeleteRolePolicy", Map.of("RoleName", name, "PolicyName", "start"));
    RunningAws.iam("DeleteRole", Map.of("RoleName", name));
  }

  @Test
  void publish_shouldReachTheTargetOfARule_whenTheRuleAsksForSuchEvents() throws IOException {
    var event =
        new TaskEvent(
            taskId,
            4,
            TaskStatus.FAILED,
            null,
            "It ended, naïvely.",
            "no",
            "SAFETY",
            null,
            "default",
            List.of("a tag"),
            null,
            Instant.parse("2026-11-21T06:00:00Z"),
            true,
            null);

    new EventBridgeEvents(bridge, machine).publish(event);

    await().atMost(Duration.ofSeconds(30)).until(() -> !received().isEmpty());
    assertThat(received()).hasSize(1);
    assertThat(received().getFirst().path("resources").get(0).asText()).isEqualTo(machine);
    assertThat(received().getFirst().path("detail"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"taskId":"%s","version":4,"status":"FAILED","sentence":"It ended, naïvely.","charged":"no",
                 "failureCode":"SAFETY","tenant":"default","tags":["a tag"],"at":"2026-11-21T06:00:00.000Z","ended":true}
                """
                    .formatted(taskId)));
  }

  private List<JsonNode> received() {
    return stepFunctions.listExecutions(list -> list.stateMachineArn(machine)).executions().stream()
        .map(started -> input(started.executionArn()))
        .toList();
  }

  private JsonNode input(String execution) {
    try {
      return Json.MAPPER.readTree(
          stepFunctions.describeExecution(describe -> describe.executionArn(execution)).input());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
