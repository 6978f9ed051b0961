package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/** What may concern every order stops them all, and one of them finds out when it is over. */
@EndToEnd
@Isolated("the stack pauses")
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(Order.DEFAULT + 4)
class PauseIT {

  @Test
  @Order(1)
  void stack_shouldPauseAndResumeByAProbe_whenThreeSubmissionsInARowAreUnknown(Scenario scenario) {
    // given
    List<Folder> lost = Stream.of("lost-1", "lost-2", "lost-3").map(scenario::folder).toList();
    lost.forEach(folder -> folder.fault("submit", "error-after-acceptance", "status", 502));
    lost.forEach(folder -> folder.orderSample());
    lost.forEach(folder -> folder.awaitStatus("SUBMISSION_UNKNOWN"));
    awaitPaused(scenario, true);

    // when
    Folder next = scenario.folder("after-three");
    next.orderSample();

    // then
    next.awaitStatus("SUCCEEDED");
    awaitPaused(scenario, false);
    lost.forEach(folder -> assertThat(folder.ledger().submits()).hasSize(1));
  }

  @Test
  @Order(2)
  void stack_shouldPauseAndResumeWithTheNewKey_whenTheKeyIsRefused(Scenario scenario) {
    // given a key that is replaced at the provider
    String key = "understudy-e2e-new-key";
    scenario.stack.provider.settings(Map.of("apiKey", key));
    Folder first = scenario.folder("refused-key");
    first.orderSample();
    awaitPaused(scenario, true);
    Folder second = scenario.folder("waits-for-key");
    second.orderSample();
    second.until("it is accepted", second::newestTake);
    JsonNode take = first.newestTake().orElseThrow();
    assertThat(take.path("status").asText()).isEqualTo("QUEUED");
    assertThat(take.path("charged").asText()).isEqualTo("no");

    // when it is replaced here, too
    scenario.stack.secrets.putSecretValue(s -> s.secretId(scenario.stack.secret).secretString(key));

    // then
    first.awaitStatus("SUCCEEDED");
    second.awaitStatus("SUCCEEDED");
    awaitPaused(scenario, false);
    assertThat(first.ledger().submits()).contains("refused 401").endsWith("accepted");
    assertThat(first.ledger().charges()).isEqualTo(1);
    assertThat(second.ledger().charges()).isEqualTo(1);
  }

  /** The functions would keep a key that was replaced for up to five minutes. */
  @AfterEach
  void putTheKeyBack(Scenario scenario) {
    scenario.stack.provider.settings(Map.of("apiKey", SimulatedProvider.KEY));
    scenario.stack.secrets.putSecretValue(
        s -> s.secretId(scenario.stack.secret).secretString(SimulatedProvider.KEY));
    scenario.stack.reconfigure("E2E_STARTED_ANEW", Instant.now().toString());
  }

  private static void awaitPaused(Scenario scenario, boolean paused) {
    Folder.patiently("the stack is " + (paused ? "paused" : "running"))
        .until(() ->
            scenario
                    .stack
                    .item("CONTROL", "CONTROL")
                    .map(control -> control.path("paused").asBoolean())
                    .orElse(false)
                == paused);
  }
}
