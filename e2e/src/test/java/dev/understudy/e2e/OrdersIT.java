package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Folders as people use them: uploaded twice, in the wrong order, changed and changed back. */
@EndToEnd
class OrdersIT {

  @Test
  void order_shouldBecomeOneTask_whenItsEventComesManyTimes(Scenario scenario)
      throws InterruptedException, ExecutionException {
    // given
    Folder folder = scenario.folder("same event+twice");
    String event = event(scenario.stack.bucket, folder.incoming("task.json"));

    // when it comes several times at once, and again after the end
    folder.orderSample();
    try (ExecutorService callers = Executors.newFixedThreadPool(3)) {
      List<? extends Future<?>> calls =
          IntStream.range(0, 3)
              .mapToObj(_ -> callers.submit(() -> scenario.stack.invoke("ingest", event)))
              .toList();
      for (Future<?> call : calls) {
        call.get();
      }
    }
    folder.awaitStatus("SUCCEEDED");
    scenario.stack.invoke("ingest", event);

    // then
    assertThat(folder.tasks()).hasSize(1);
    assertThat(folder.ledger().submits()).containsExactly("accepted");
  }

  @Test
  void order_shouldStartNothing_whenTheSameFolderIsUploadedAgain(Scenario scenario) {
    // given
    Folder folder = scenario.folder("again");
    folder.putSample().order("\"tags\": [\"a\"]");
    folder.awaitStatus("SUCCEEDED");

    // when
    folder.putSample().order("\"tags\": [\"a\"]");

    // then
    folder.awaitNote("it is take 1, and nothing new was started");
    assertThat(folder.tasks()).hasSize(1);
    assertThat(folder.ledger().submits()).containsExactly("accepted");
  }

  @Test
  void order_shouldBecomeTheNextTake_whenTheFormIsChanged(Scenario scenario) {
    // given
    Folder folder = scenario.folder("takes");
    folder.orderSample();
    folder.awaitStatus("SUCCEEDED");

    // when
    folder.orderSample("\"expressionIntensity\": 5");
    folder.until(
        "a second take is done",
        () ->
            folder
                .newestTake()
                .filter(take -> take.path("take").asInt() == 2)
                .filter(take -> take.path("status").asText().equals("SUCCEEDED")));

    // then
    JsonNode takes = folder.document("status.json").orElseThrow().path("takes");
    assertThat(takes).hasSize(2);
    assertThat(takes.path(0).path("output").asText())
        .isEqualTo(folder.outputs("reference__character__t2.mp4"));
    assertThat(takes.path(1).path("output").asText())
        .isEqualTo(folder.outputs("reference__character.mp4"));
    assertThat(folder.ledger().charges()).isEqualTo(2);
  }

  @Test
  void order_shouldRenderWhatWasChecked_whenAFileIsReplacedAfterTheStart(Scenario scenario) {
    // given
    Folder folder = scenario.folder("replaced");
    folder.fault("task", "throttle", "seconds", 3);
    folder.putSample().order();
    folder.until("it is accepted", folder::newestTake);

    // when
    folder.put("reference.mp4", Media.referenceOf(Duration.ofSeconds(9)));
    folder.put("character.png", Media.fixture("still.png"));
    folder.awaitStatus("SUCCEEDED");

    // then
    JsonNode facts = folder.document("reference__character.json").orElseThrow();
    assertThat(facts.path("durationSeconds").asDouble()).isBetween(3.9, 4.1);
    assertThat(facts.path("reference").path("facts").path("bytes").asInt())
        .isEqualTo(Media.reference().length);
    assertThat(folder.tasks()).hasSize(1);
  }

  @Test
  void order_shouldWaitForItsFiles_whenTheFormArrivesFirst(Scenario scenario) {
    // given
    Folder folder = scenario.folder("form-first");
    folder.order("\"reference\": \"takes/act one.mp4\"");
    folder.awaitNote("waits for its files");

    // when
    folder.put("takes/act one.mp4", Media.reference());
    folder.put("Character.PNG", Media.character());

    // then
    JsonNode take = folder.awaitStatus("SUCCEEDED");
    assertThat(take.path("output").asText()).isEqualTo(folder.outputs("act one__Character.mp4"));
  }

  @Test
  void order_shouldBeWithdrawn_whenItsFormIsDeletedWhileItWaits(Scenario scenario) {
    // given
    Folder folder = scenario.folder("withdrawn");
    folder.put("character.png", Media.character()).order();
    folder.awaitNote("waits for its files");

    // when
    scenario.stack.delete(folder.incoming("task.json"));
    folder.put("reference.mp4", Media.reference());

    // then
    folder.until(
        "the order is withdrawn",
        () -> folder.orderItem().filter(order -> order.path("state").asText().equals("WITHDRAWN")));
    assertThat(folder.tasks()).isEmpty();
    assertThat(folder.ledger().submits()).isEmpty();
  }

  @Test
  void order_shouldBeRefused_whenItsFilesHaveNotComeInTime(Scenario scenario) {
    // given
    Folder folder = scenario.folder("never-came");
    folder.order("\"reference\": \"later.mp4\"");
    folder.awaitNote("waits for its files");

    // when OrderWaitSeconds have passed
    String yesterday = Json.time(Instant.now().minus(Duration.ofDays(2)));
    scenario.stack.set(
        "ORDER#" + folder.incoming("task.json"),
        "ORDER",
        Map.of("since", yesterday, "dueAt", yesterday, "gsi2sk", yesterday));

    // then
    assertThat(folder.awaitDocument("error.json").path("error").asText())
        .contains("later.mp4")
        .contains("character");
  }

  @Test
  void order_shouldBeAcceptedAfterMending_whenItWasRefused(Scenario scenario) {
    // given
    Folder folder = scenario.folder("mended");
    folder.put("character.png", Media.character());
    folder.put("reference.mp4", Media.referenceOf(Duration.ofSeconds(2))).order();
    assertThat(folder.awaitDocument("error.json").path("mend").asText()).contains("ffmpeg");

    // when
    folder.awaitNextSecond();
    folder.put("reference.mp4", Media.reference()).order();
    folder.until("it is accepted", folder::newestTake);
    folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(folder.document("error.json")).isEmpty();
    assertThat(folder.ledger().charges()).isEqualTo(1);
  }

  @Test
  void order_shouldOnlyBeAnswered_whenItIsADryRun(Scenario scenario) {
    // given
    Folder folder = scenario.folder("dry-run");

    // when
    folder.orderSample("\"dryRun\": true");
    JsonNode answer = folder.awaitDocument("dryrun.json");

    // then
    assertThat(answer.path("ok").asBoolean()).isTrue();
    assertThat(answer.path("costUsd").asText()).isEqualTo("0.40");
    assertThat(answer.path("output").asText())
        .isEqualTo(folder.outputs("reference__character.mp4"));
    assertThat(answer.path("reference").path("width").asInt()).isEqualTo(1280);
    assertThat(folder.tasks()).isEmpty();

    // and when it would be refused
    folder.order("\"dryRun\": true", "\"ratio\": \"4:3\"");
    folder.until(
        "the dry run is refused",
        () -> folder.document("dryrun.json").filter(again -> !again.path("ok").asBoolean()));
    assertThat(folder.document("error.json")).isEmpty();
    assertThat(folder.ledger().submits()).isEmpty();
  }

  @Test
  void order_shouldBeAccepted_whenItsFolderHasAnUnusualName(Scenario scenario) {
    // given
    long seed = scenario.stack.newSeed();
    Folder folder = scenario.folderExactly("Szene 7+8 & Größe/東京 %41 " + seed, seed);

    // when
    folder.putSample().order();
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then
    assertThat(scenario.stack.object(take.path("output").asText())).isPresent();
    assertThat(take.path("output").asText()).startsWith("outputs/Szene 7+8 & Größe/東京 %41 ");
  }

  @Test
  void order_shouldBeAccepted_whenItsFolderHas900Characters(Scenario scenario) {
    // given
    long seed = scenario.stack.newSeed();
    Folder folder =
        scenario.folderExactly(seed + "x".repeat(900 - Long.toString(seed).length()), seed);

    // when
    folder.orderSample();

    // then
    folder.awaitStatus("SUCCEEDED");
  }

  static String event(String bucket, String key) {
    return Json.MAPPER
        .valueToTree(
            Map.of(
                "Records",
                List.of(
                    Map.of(
                        "eventSource",
                        "aws:s3",
                        "eventName",
                        "ObjectCreated:Put",
                        "s3",
                        Map.of(
                            "bucket",
                            Map.of("name", bucket),
                            "object",
                            Map.of("key", URLEncoder.encode(key, StandardCharsets.UTF_8)))))))
        .toString();
  }
}
