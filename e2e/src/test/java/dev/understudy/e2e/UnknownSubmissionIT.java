package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When it cannot be known whether the provider took the order: it is not sent a second time. */
@EndToEnd
@Order(1) // one of its tests waits for a real lease
class UnknownSubmissionIT {
  /** SubmitTimeoutSeconds of the stack that these tests need, and what a lease adds to it. */
  private static final Duration LEASE = Duration.ofSeconds(10 + 90);

  private static final Duration HELD = Duration.ofSeconds(3);

  @ParameterizedTest
  @CsvSource({
    "reset-before-acceptance, 0, 0",
    "reset-after-acceptance, 0, 1",
    "error-before-acceptance, 502, 0",
    "error-after-acceptance, 502, 1",
    "error-after-acceptance, 504, 1",
    "no-id, 0, 1",
    "truncated-json, 0, 1",
    "slow-answer, 0, 1"
  })
  void order_shouldNeverBeSentAgain_whenItsAnswerProvesNothing(
      String fault, int status, int charges, Scenario scenario) {
    // given
    Folder folder = scenario.folder(fault);
    if (status > 0) {
      folder.fault("submit", fault, "status", status);
    } else {
      folder.fault("submit", fault, "seconds", 30);
    }

    // when
    folder.orderSample();
    JsonNode take = folder.awaitStatus("SUBMISSION_UNKNOWN");
    scenario.stack.reconcile();
    scenario.stack.reconcile();

    // then
    assertThat(take.path("charged").asText()).isEqualTo("unknown");
    assertThat(take.path("sentence").asText()).contains("not known whether the provider accepted");
    assertThat(folder.ledger().submits()).hasSize(1);
    assertThat(folder.ledger().charges()).isEqualTo(charges);
    JsonNode task = folder.task();
    assertThat(task.path("status").asText()).isEqualTo("SUBMISSION_UNKNOWN");
    assertThat(task.path("place").asBoolean()).as("it holds no place").isFalse();
    assertThat(task.path("next").asText()).contains("a person decides");
  }

  @Test
  void order_shouldGoOn_whenItsIdArrivesAfterAll(Scenario scenario) {
    // given an answer that was lost
    Folder folder = scenario.folder("late-id");
    folder.fault("submit", "reset-after-acceptance");
    folder.orderSample();
    folder.awaitStatus("SUBMISSION_UNKNOWN");
    JsonNode task = folder.task();

    // when the id is handed in, as the state machine's Repair hands in what Submit could not write
    ObjectNode repair = Json.MAPPER.createObjectNode();
    repair.put("id", task.path("id").asText());
    repair.put("generation", task.path("generation").asInt());
    repair.put("error", "Runtime.ExitError");
    repair
        .putObject("unrecorded")
        .put("attempt", 1)
        .put("providerTaskId", folder.ledger().tasks().getFirst().id());
    scenario.stack.invoke("reconcile", repair.toString());

    // then
    JsonNode take = folder.awaitStatus("SUCCEEDED");
    assertThat(take.path("charged").asText()).isEqualTo("yes");
    assertThat(folder.ledger().submits()).hasSize(1);
  }

  @Test
  @Needs(Needs.FUNCTIONS_HERE)
  void order_shouldBecomeUnknownAtTheEndOfItsLease_whenSubmitIsKilledInTheMiddleOfThePost(
      Scenario scenario) {
    // given the provider has taken the order and its money, and holds its answer back
    Folder folder = scenario.folder("submit-killed");
    folder.fault("submit", "slow-answer", "seconds", 60);
    folder.orderSample();

    // when
    killSubmit(scenario);
    JsonNode task = folder.task();
    Instant lease = Instant.parse(task.path("attempts").path(0).path("leaseUntil").asText());
    scenario.stack.reconcile();

    // then nobody touches it before its lease is over
    assertThat(folder.task().path("status").asText()).isEqualTo("SUBMITTING");
    assertThat(Duration.between(Instant.parse(task.path("updatedAt").asText()), lease))
        .isEqualTo(LEASE);
    Folder.patiently("the lease ends")
        .atMost(LEASE.plusMinutes(1))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> !folder.task().path("status").asText().equals("SUBMITTING"));
    assertThat(Instant.now()).isAfterOrEqualTo(lease);
    JsonNode take = folder.awaitStatus("SUBMISSION_UNKNOWN");
    assertThat(take.path("charged").asText()).isEqualTo("unknown");
    assertThat(folder.ledger().submits()).containsExactly("slow-answer");
    assertThat(folder.ledger().charges()).isEqualTo(1);
  }

  @Test
  @Needs(Needs.FUNCTIONS_HERE)
  void order_shouldNotBeSentAgain_whenSubmitWasKilledAndItsExecutionIsStartedAnew(
      Scenario scenario) {
    // given
    Folder folder = scenario.folder("submit-killed-again");
    folder.fault("submit", "slow-answer", "seconds", 60);
    folder.orderSample();
    killSubmit(scenario);

    // when somebody starts the same execution again, by hand
    JsonNode task = folder.task();
    String input =
        Json.MAPPER
            .createObjectNode()
            .put("id", task.path("id").asText())
            .put("generation", task.path("generation").asInt())
            .toString();
    scenario.stack.stepFunctions.startExecution(e ->
        e.stateMachineArn(scenario.stack.stateMachine)
            .name("by-hand-" + task.path("id").asText())
            .input(input));
    scenario.stack.invoke("submit", input);

    // then
    assertThat(folder.ledger().submits()).hasSize(1);
    scenario.stack.endLease(task.path("id").asText());
    JsonNode take = folder.awaitStatus("SUBMISSION_UNKNOWN");
    assertThat(take.path("charged").asText()).isEqualTo("unknown");
    assertThat(folder.ledger().submits()).hasSize(1);
  }

  @Test
  void order_shouldEndAsThePersonSays_whenItIsGivenUpThroughTheApi(Scenario scenario) {
    // given
    Folder folder = scenario.folder("given-up");
    folder.fault("submit", "reset-after-acceptance");
    folder.orderSample();
    String id = folder.awaitStatus("SUBMISSION_UNKNOWN").path("taskId").asText();

    // when
    Api.ofTheAdministrator()
        .post(
            "/v1/tasks/" + id + "/resolve",
            """
            {"decision": "give_up", "charged": "unknown", "why": "The provider does not say."}
            """);

    // then the folder tells it, too
    JsonNode take = folder.awaitStatus("FAILED");
    assertThat(take.path("taskId").asText()).isEqualTo(id);
    assertThat(take.path("charged").asText()).isEqualTo("unknown");
    assertThat(folder.ledger().submits()).hasSize(1);
  }

  /** Three in a row would pause the stack, and with it all other tests; PauseIT looks at that. */
  @AfterEach
  void calm(Scenario scenario) {
    scenario.stack.forgetUnknowns();
  }

  private static void killSubmit(Scenario scenario) {
    FunctionProcess.awaitTalking(Stack.function("submit"), scenario.stack.provider.port(), HELD)
        .kill();
  }
}
