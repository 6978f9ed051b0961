package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** The last yards: from the provider's address to a whole, checked video in the bucket. */
@EndToEnd
class DeliveryIT {
  private static final String VIDEO = "reference__character.mp4";

  @Test
  void order_shouldBeDeliveredWhole_whenTheVideoComesBrokenThreeTimes(Scenario scenario) {
    // given three copies that are cut off, half a file, and no video at all
    Folder folder = scenario.folder("broken-video");
    folder.fault("output", "truncate");
    folder.fault("output", "short-file");
    folder.fault("output", "wrong-content");

    // when
    folder.orderSample();
    folder.until(
        "status.json says that it stalled",
        () -> folder.newestTake().filter(take -> take.path("stalled").asBoolean()));

    // then nothing broken is ever to be seen in the bucket
    assertThat(scenario.stack.object(folder.outputs(VIDEO))).isEmpty();
    assertThat(folder.task().path("stall").path("reason").asText()).isEqualTo("NOT_DELIVERED");
    folder.awaitStatus("SUCCEEDED");
    assertDelivered(scenario, folder);
    assertThat(folder.ledger().submits()).containsExactly("accepted");
  }

  @Test
  void order_shouldAskForAFreshAddress_whenTheVideosAddressHasExpired(Scenario scenario) {
    // given
    Folder folder = scenario.folder("expired");
    folder.fault("output", "expired");

    // when
    folder.orderSample();
    folder.awaitStatus("SUCCEEDED");

    // then
    assertDelivered(scenario, folder);
    assertThat(folder.ledger().json().path("tasks").path(0).path("downloads")).hasSize(2);
  }

  @Test
  void order_shouldBeDeliveredWithAWarning_whenTheVideoIsNotWhatWasOrdered(Scenario scenario) {
    // given it is paid for, so the user gets it, in chunks of unknown length at that
    Folder folder = scenario.folder("wrong-pixels");
    folder.fault("output", "wrong-pixels", "value", "960:960");

    // when
    folder.orderSample("\"ratio\": \"1280:720\"");
    folder.awaitStatus("SUCCEEDED");

    // then
    JsonNode facts = folder.document("reference__character.json").orElseThrow();
    assertThat(facts.path("width").asInt()).isEqualTo(960);
    assertThat(facts.path("warnings").toString()).contains("960").contains("1280");
  }

  @Test
  void order_shouldBeDeliveredBesideIt_whenSomethingElseLiesAtItsKey(Scenario scenario) {
    // given
    Folder folder = scenario.folder("key-taken");
    byte[] theirs = "not ours".getBytes(StandardCharsets.UTF_8);
    scenario.stack.put(folder.outputs(VIDEO), "video/mp4", theirs);
    folder.fault("output", "no-length");

    // when
    folder.orderSample();
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then
    String id = take.path("taskId").asText();
    assertThat(take.path("output").asText())
        .isEqualTo(folder.outputs("reference__character__" + id.substring(0, 8) + ".mp4"));
    assertThat(scenario.stack.object(take.path("output").asText())).isPresent();
    assertThat(scenario.stack.object(folder.outputs(VIDEO)).orElseThrow().asByteArray())
        .isEqualTo(theirs);
  }

  @Test
  @Needs(Needs.FUNCTIONS_HERE)
  void order_shouldBeDelivered_whenPersistIsKilledInTheMiddleOfTheCopy(Scenario scenario) {
    // given a first copy that goes on and on
    Folder folder = scenario.folder("persist-killed");
    folder.fault("output", "oversized", "bytes", 1L << 30);
    folder.orderSample();
    folder.until(
        "parts of the video are on their way", () -> uploads(scenario, folder).stream().findAny());

    // when
    FunctionProcess.awaitTalking(
            Stack.function("persist"), scenario.stack.provider.port(), Duration.ofSeconds(1))
        .kill();

    // then another one copies it anew, and the parts of the first are gone
    folder.awaitStatus("SUCCEEDED");
    assertDelivered(scenario, folder);
    assertThat(uploads(scenario, folder)).isEmpty();
    assertThat(folder.ledger().submits()).containsExactly("accepted");
  }

  private static List<MultipartUpload> uploads(Scenario scenario, Folder folder) {
    return scenario.stack.openUploads().stream()
        .filter(upload -> upload.key().equals(folder.outputs(VIDEO)))
        .toList();
  }

  private static void assertDelivered(Scenario scenario, Folder folder) {
    JsonNode facts = folder.document("reference__character.json").orElseThrow();
    assertThat(scenario.stack.object(folder.outputs(VIDEO)).orElseThrow().asByteArray())
        .hasSize(facts.path("bytes").asInt());
    assertThat(facts.path("charged").asText()).isEqualTo("yes");
  }
}
