package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaProbe;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From an upload to a checked video, when nothing goes wrong. */
@EndToEnd
class HappyPathIT {

  @ParameterizedTest
  @CsvSource({"bare, 1280:720, 1280, 720", "wrapped, 832:1104, 832, 1104"})
  void order_shouldEndWithACheckedVideo_whenTheProviderAnswersInEitherShape(
      String shape, String ratio, int width, int height, Scenario scenario)
      throws NoSuchAlgorithmException {
    // given
    Folder folder = scenario.folder("happy-" + shape);
    folder.fault("task", "shape", "value", shape);

    // when
    folder.putSample().order("\"ratio\": \"%s\"".formatted(ratio), "\"tags\": [\"scene 7\"]");
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then the video is what was ordered
    assertThat(take.path("output").asText()).isEqualTo(folder.outputs("reference__character.mp4"));
    byte[] video = scenario.stack.object(take.path("output").asText()).orElseThrow().asByteArray();
    MediaFacts seen =
        ((MediaProbe.Found) MediaProbe.read(ByteSource.of(video), "video.mp4")).facts();
    assertThat(seen.width()).isEqualTo(width);
    assertThat(seen.height()).isEqualTo(height);
    assertThat(seen.fps()).isEqualTo(24, within(0.01));
    assertThat(Objects.requireNonNull(seen.duration()).toMillis()).isCloseTo(4000, within(100L));
    assertThat(seen.audio()).isTrue();

    // and its facts say so
    JsonNode facts = folder.document("reference__character.json").orElseThrow();
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(video));
    assertThat(facts.path("sha256").asText()).isEqualTo(sha256);
    assertThat(facts.path("bytes").asLong()).isEqualTo(video.length);
    assertThat(facts.path("width").asInt()).isEqualTo(width);
    assertThat(facts.path("height").asInt()).isEqualTo(height);
    assertThat(facts.path("charged").asText()).isEqualTo("yes");
    assertThat(facts.path("video").asText()).isEqualTo(take.path("output").asText());
    assertThat(facts.path("taskId")).isEqualTo(take.path("taskId"));

    // and so do the table, the history and the provider
    JsonNode task = folder.task();
    assertThat(task.path("place").asBoolean()).isFalse();
    assertThat(task.path("attempts")).hasSize(1);
    assertThat(task.path("attempts").path(0).path("charge").asText()).isEqualTo("CHARGED");
    List<JsonNode> history = scenario.stack.history(task.path("id").asText());
    assertThat(history)
        .extracting(line -> line.path("status").asText())
        .containsSubsequence("QUEUED", "SUBMITTING", "SUBMITTED", "PERSISTING", "SUCCEEDED");
    assertThat(history).allSatisfy(line -> assertThat(line.path("sentence").asText()).isNotBlank());
    assertThat(folder.ledger().submits()).containsExactly("accepted");
    assertThat(folder.ledger().charges()).isEqualTo(1);
  }

  @Test
  void performance_shouldBePriced_whenTheApiNamesFilesThatWereUploadedForOrders(Scenario scenario) {
    // given
    Folder folder = scenario.folder("named-by-the-api").putSample();
    String address = "s3://" + scenario.stack.bucket + "/";

    // when
    JsonNode answer =
        Api.ofTheOwner()
            .post(
                "/v1/character_performance?validate=true",
                """
                {"model": "act_two", "character": {"type": "image", "uri": "%s"},
                 "reference": {"type": "video", "uri": "%s"}}
                """
                    .formatted(
                        address + folder.incoming("character.png"),
                        address + folder.incoming("reference.mp4")));

    // then
    assertThat(answer.path("valid").asBoolean()).isTrue();
    assertThat(answer.path("estimatedCost").path("credits").asInt()).isEqualTo(40);
    assertThat(folder.tasks()).isEmpty();
  }

  @Test
  void order_shouldBeRenderedFromAVideo_whenTheCharacterIsOne(Scenario scenario) {
    // given
    Folder folder = scenario.folder("character-video");
    folder.put("character.MOV", Media.fixture("clip.mov")).put("reference.mp4", Media.reference());

    // when
    folder.order("\"bodyControl\": true", "\"output\": \"Take Ä+1\"");
    JsonNode take = folder.awaitStatus("SUCCEEDED");

    // then
    JsonNode task = folder.task();
    assertThat(take.path("output").asText()).isEqualTo(folder.outputs("Take Ä+1.mp4"));
    assertThat(task.path("request").path("characterType").asText()).isEqualToIgnoringCase("video");
    assertThat(task.path("character").path("key").asText())
        .matches("inputs/[^/]+/character-[0-9a-f]{8}\\.mov");
    assertThat(folder.document("Take Ä+1.json").orElseThrow().path("warnings").toString())
        .as("body control of a video character is warned of")
        .contains("Body control is on, but the character is a video");
    assertThat(
            new String(
                scenario.stack.object(folder.outputs("status.json")).orElseThrow().asByteArray(),
                StandardCharsets.UTF_8))
        .doesNotContain("X-Amz-");
  }
}
