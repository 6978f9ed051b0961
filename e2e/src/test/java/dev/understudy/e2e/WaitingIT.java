package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** Between the order and the video: whatever a provider may say on the way is no end. */
@EndToEnd
class WaitingIT {

  @Test
  void order_shouldSucceed_whenTheProviderDoesNotKnowItsOwnIdForAWhile(Scenario scenario) {
    // given
    Folder folder = scenario.folder("late-id");
    folder.fault("task", "not-visible", "seconds", 5);

    // when
    folder.orderSample();
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(take.path("charged").asText()).isEqualTo("yes");
    assertThat(folder.ledger().tasks().getFirst().gets()).hasSizeGreaterThan(3);
  }

  @Test
  void order_shouldStallAndSucceedByItself_whenTheProviderDoesNotKnowItsIdForLongerThanTheGrace(
      Scenario scenario) {
    // given NotVisibleGraceSeconds is 20 here
    Folder folder = scenario.folder("very-late-id");
    folder.fault("task", "not-visible", "seconds", 26);

    // when
    folder.orderSample();
    folder.until(
        "status.json says that it stalled",
        () -> folder.newestTake().filter(take -> take.path("stalled").asBoolean()));
    JsonNode task = folder.task();

    // then it waits, without a place, and is delivered all the same
    assertThat(task.path("status").asText()).isEqualTo("SUBMITTED");
    assertThat(task.path("stall").path("reason").asText()).isEqualTo("NOT_VISIBLE");
    assertThat(task.path("next").asText()).contains("tried again");
    assertThat(task.path("place").asBoolean()).isFalse();
    JsonNode take = folder.awaitStatus("SUCCEEDED");
    assertThat(take.path("stalled").asBoolean()).isFalse();
    assertThat(folder.ledger().charges()).isEqualTo(1);
  }

  @Test
  void order_shouldWait_whenTheProviderThrottlesIt(Scenario scenario) {
    // given
    Folder folder = scenario.folder("throttled");
    folder.fault("task", "throttle", "seconds", 6);

    // when
    folder.orderSample();
    folder.awaitTask(
        "is throttled", task -> task.path("providerStatus").asText().equals("THROTTLED"));

    // then
    folder.awaitStatus("SUCCEEDED");
    assertThat(folder.ledger().charges()).isEqualTo(1);
  }

  @Test
  void order_shouldWait_whenTheProviderIsDoneButNamesNoVideoYet(Scenario scenario) {
    // given
    Folder folder = scenario.folder("late-output");
    folder.fault("task", "late-output", "seconds", 5);

    // when
    folder.orderSample();
    folder.awaitTask("is seen to be done", task -> task.has("doneAt"));

    // then
    folder.awaitStatus("SUCCEEDED");
  }

  @Test
  void order_shouldSucceed_whenManyQuestionsAreAnsweredBadly(Scenario scenario) {
    // given one bad answer after the other
    Folder folder = scenario.folder("noise");
    folder.fault("get", "error", "status", 500);
    folder.fault("get", "reset");
    folder.fault("get", "html-403");
    folder.fault("get", "moved-301");
    folder.fault("get", "truncated-json");
    folder.fault("get", "empty-data");
    folder.fault("get", "unknown-status");
    folder.fault("get", "status-backwards");
    folder.fault("get", "rate-limit", "seconds", 2);
    folder.fault("get", "huge-answer");
    folder.fault("get", "no-output");

    // when
    folder.orderSample();
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(take.path("charged").asText()).isEqualTo("yes");
    assertThat(folder.ledger().tasks().getFirst().gets()).hasSizeGreaterThan(11);
  }
}
