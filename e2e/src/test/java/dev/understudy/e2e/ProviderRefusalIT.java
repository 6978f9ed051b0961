package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the provider says no, now or for good. */
@EndToEnd
class ProviderRefusalIT {

  @Test
  void order_shouldBeSentAgainAfterTheTimeAsked_whenTheProviderIsBusy(Scenario scenario) {
    // given
    Folder folder = scenario.folder("busy");
    folder.fault("submit", "rate-limit", "seconds", 3);

    // when
    folder.orderSample();
    folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(folder.ledger().submits()).containsExactly("rate-limit", "accepted");
    List<Instant> sent =
        folder
            .ledger()
            .json()
            .path("submits")
            .valueStream()
            .map(one -> Instant.parse(one.path("at").asText()))
            .toList();
    assertThat(Duration.between(sent.getFirst(), sent.getLast()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(3));
    assertThat(charges(folder.task())).containsExactly("RETURNED", "CHARGED");
  }

  @Test
  void order_shouldBeSentAgain_whenNoChannelServesTheModelAtTheMoment(Scenario scenario) {
    // given a 503 that says that nothing was sent on, the only 5xx that proves it
    Folder folder = scenario.folder("no-channel");
    folder.fault("submit", "error-before-acceptance", "status", 503, "code", "model_not_found");

    // when
    folder.orderSample();
    folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(folder.ledger().submits()).hasSize(2).last().isEqualTo("accepted");
    assertThat(charges(folder.task())).containsExactly("RETURNED", "CHARGED");
  }

  @Test
  void order_shouldFailUncharged_whenTheProviderCannotFetchTheAddressesOfTheCaller(
      Scenario scenario) {
    // given addresses that look right, and of which only the provider finds out that they are not
    Folder folder = scenario.folder("caller-uris");
    String secret = "token=only-for-the-provider";

    // when
    folder.order(
        "\"character\": \"https://media.example.invalid/face.png?%s\"".formatted(secret),
        "\"reference\": {\"type\": \"video\", \"uri\": \"https://media.example.invalid/act?%s\"}"
            .formatted(secret));
    JsonNode take = folder.awaitStatus("FAILED");

    // then
    assertThat(take.path("charged").asText()).isEqualTo("no");
    assertThat(take.path("sentence").asText()).contains("Nothing was paid");
    JsonNode task = folder.task();
    assertThat(task.path("failure").path("code").asText()).isEqualTo("REQUEST.REJECTED");
    assertThat(charges(task)).containsExactly("RETURNED");
    assertThat(folder.ledger().submits()).containsExactly("refused 400");
    assertThat(task.has("callerUris")).as("addresses are forgotten at the end").isFalse();
    assertThat(task.toString()).doesNotContain(secret);
  }

  @ParameterizedTest
  @CsvSource({
    "fail, bare, INTERNAL.BAD_OUTPUT.CODE01",
    "fail, wrapped, INTERNAL.BAD_OUTPUT.CODE01",
    "fail, bare, SAFETY.INPUT.IMAGE",
    "fail, wrapped, SAFETY.OUTPUT.VIDEO",
    "cancel, bare, PROVIDER.FAILED"
  })
  void order_shouldFailAndSayThatTheChargeIsUnknown_whenTheProviderEndsTheTask(
      String end, String shape, String code, Scenario scenario) {
    // given
    Folder folder = scenario.folder("ended-" + shape);
    folder.fault("task", "shape", "value", shape);
    folder.fault("task", end, "code", code);

    // when
    folder.orderSample();
    JsonNode take = folder.awaitStatus("FAILED");

    // then
    assertThat(take.path("charged").asText()).isEqualTo("unknown");
    assertThat(take.path("sentence").asText()).isNotBlank();
    JsonNode task = folder.task();
    if (end.equals("fail")) {
      assertThat(task.path("failure").path("code").asText()).isEqualTo(code);
    }
    assertThat(folder.ledger().submits()).as("nothing is ordered anew").containsExactly("accepted");
    assertThat(task.path("place").asBoolean()).isFalse();
  }

  private static List<String> charges(JsonNode task) {
    return task.path("attempts").valueStream().map(a -> a.path("charge").asText()).toList();
  }
}
