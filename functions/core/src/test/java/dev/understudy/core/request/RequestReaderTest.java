package dev.understudy.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private static final Set<String> OTHER = Set.of("character", "reference", "tags", "dryRun");

  @Test
  void read_shouldApplyDefaults_whenTheFormIsEmpty() {
    RequestDraft draft = good("{}");

    assertThat(draft.complete(CharacterType.IMAGE, () -> 7))
        .isEqualTo(
            new PerformanceRequest(
                CharacterType.IMAGE,
                true,
                3,
                Ratio.LANDSCAPE_1280_720,
                7,
                PublicFigureThreshold.AUTO,
                "act_two"));
    assertThat(draft.complete(CharacterType.VIDEO, () -> 7).bodyControl()).isFalse();
  }

  @Test
  void read_shouldTakeEveryField() {
    RequestDraft draft =
        good(
            """
            {"bodyControl":true,"expressionIntensity":5,"ratio":"1584:672","seed":4294967295,
             "publicFigureThreshold":"low","model":"act_two","character":{"x":1},"tags":{}}\
            """);

    PerformanceRequest request =
        draft.complete(
            CharacterType.VIDEO,
            () -> {
              throw new AssertionError("the form names a seed");
            });

    assertThat(request)
        .isEqualTo(
            new PerformanceRequest(
                CharacterType.VIDEO,
                true,
                5,
                Ratio.WIDE_1584_672,
                4_294_967_295L,
                PublicFigureThreshold.LOW,
                "act_two"));
  }

  @Test
  void read_shouldTakeModerationAsRunwayNestsIt() {
    assertThat(good("{\"contentModeration\":{\"publicFigureThreshold\":\"low\"}}"))
        .extracting(RequestDraft::publicFigureThreshold)
        .isEqualTo(PublicFigureThreshold.LOW);
    assertThat(good("{\"contentModeration\":{}}").publicFigureThreshold())
        .isEqualTo(PublicFigureThreshold.AUTO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1280:720", "720:1280", "960:960", "1104:832", "832:1104", "1584:672"})
  void read_shouldTakeEveryRatio(String wire) {
    Ratio ratio = good("{\"ratio\":\"" + wire + "\"}").ratio();

    assertThat(ratio.width() + ":" + ratio.height()).isEqualTo(wire);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"expressionIntensity\":0}|expressionIntensity|expressionIntensity must be a whole number from 1 to 5, found 0.",
        "{\"expressionIntensity\":6}|expressionIntensity|expressionIntensity must be a whole number from 1 to 5, found 6.",
        "{\"expressionIntensity\":2.5}|expressionIntensity|expressionIntensity must be a whole number from 1 to 5, found 2.5.",
        "{\"expressionIntensity\":\"3\"}|expressionIntensity|expressionIntensity must be a whole number from 1 to 5 without quotes, found the text \"3\".",
        "{\"expressionIntensity\":true}|expressionIntensity|expressionIntensity must be a whole number from 1 to 5, found true.",
        "{\"seed\":-1}|seed|seed must be a whole number from 0 to 4294967295, found -1.",
        "{\"seed\":4294967296}|seed|seed must be a whole number from 0 to 4294967295, found 4294967296.",
        "{\"seed\":18446744073709551617}|seed|seed must be a whole number from 0 to 4294967295, found 18446744073709551617.",
        "{\"seed\":1e400}|seed|seed must be a whole number from 0 to 4294967295, found \"Infinity\".",
        "{\"seed\":null}|seed|seed must be a whole number from 0 to 4294967295, found null (leave the field out for its default).",
        "{\"bodyControl\":\"true\"}|bodyControl|bodyControl must be true or false without quotes, found the text \"true\".",
        "{\"bodyControl\":1}|bodyControl|bodyControl must be true or false without quotes, found 1.",
        "{\"ratio\":\"16:9\"}|ratio|ratio must be one of 1280:720, 720:1280, 960:960, 1104:832, 832:1104, 1584:672, found the text \"16:9\".",
        "{\"ratio\":[1280,720]}|ratio|ratio must be one of 1280:720, 720:1280, 960:960, 1104:832, 832:1104, 1584:672, found [1280,720].",
        "{\"model\":\"gen4\"}|model|model must be act_two, found the text \"gen4\".",
        "{\"publicFigureThreshold\":\"off\"}|publicFigureThreshold|publicFigureThreshold must be one of auto, low, found the text \"off\".",
        "{\"contentModeration\":\"low\"}|contentModeration|contentModeration must be an object like {\"publicFigureThreshold\": \"auto\"}, found the text \"low\".",
        "{\"contentModeration\":{\"publicFigureThreshold\":3}}|contentModeration.publicFigureThreshold|publicFigureThreshold must be one of auto, low, found 3.",
        "{\"contentModeration\":{\"threshold\":\"low\"}}|contentModeration.threshold|There is no field \"threshold\"; the fields are publicFigureThreshold.",
        "{\"bodycontrol\":true}|bodycontrol|There is no field \"bodycontrol\": did you mean bodyControl?",
        "{\"expression_intensity\":3}|expression_intensity|There is no field \"expression_intensity\": did you mean expressionIntensity?",
        "{\"sed\":3}|sed|There is no field \"sed\": did you mean seed?",
        "{\"referense\":\"a.mp4\"}|referense|There is no field \"referense\": did you mean reference?"
      })
  void read_shouldSayTheLimitAndTheValue(String form, String where, String message) {
    assertThat(bad(form))
        .extracting(Issue::where, Issue::message)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(where, message));
  }

  @Test
  void read_shouldListTheFields_whenNoNameIsNear() {
    assertThat(bad("{\"prompt\":\"x\"}"))
        .singleElement()
        .extracting(Issue::message)
        .isEqualTo(
            "There is no field \"prompt\"; the fields are bodyControl, character, contentModeration, dryRun, expressionIntensity, model, publicFigureThreshold, ratio, reference, seed, tags.");
  }

  @Test
  void read_shouldRefuse_whenModerationIsGivenTwiceDifferently() {
    assertThat(
            bad(
                "{\"publicFigureThreshold\":\"auto\",\"contentModeration\":{\"publicFigureThreshold\":\"low\"}}"))
        .singleElement()
        .extracting(Issue::message)
        .isEqualTo(
            "publicFigureThreshold is given twice with different values, auto and low in contentModeration: keep one.");
  }

  @Test
  void read_shouldTellEverythingAtOnce() {
    assertThat(bad("{\"seed\":-1,\"ratio\":\"x\",\"expressionIntensity\":9,\"foo\":1}"))
        .extracting(Issue::where)
        .containsExactlyInAnyOrder("foo", "expressionIntensity", "ratio", "seed");
  }

  @Test
  void read_shouldShortenWhatItShows() {
    assertThat(bad("{\"ratio\":\"" + "x".repeat(5_000) + "\\n\"}").getFirst().message())
        .hasSizeLessThan(250)
        .doesNotContain("\n");
    assertThat(bad("{\"" + "y".repeat(5_000) + "\":1}").getFirst().message()).hasSizeLessThan(400);
  }

  @Test
  void read_shouldTakeAWholeNumberInAnyNotation() {
    assertThat(good("{\"expressionIntensity\":3.0}").expressionIntensity()).isEqualTo(3);
  }

  @Test
  void request_shouldRefuse_whatIsOutsideItsLimits() {
    assertThatIllegalArgumentException().isThrownBy(() -> request(0, 0, "act_two"));
    assertThatIllegalArgumentException().isThrownBy(() -> request(6, 0, "act_two"));
    assertThatIllegalArgumentException().isThrownBy(() -> request(1, -1, "act_two"));
    assertThatIllegalArgumentException().isThrownBy(() -> request(1, 1L << 32, "act_two"));
    assertThatIllegalArgumentException().isThrownBy(() -> request(1, 0, "gen4"));
  }

  private static PerformanceRequest request(int intensity, long seed, String model) {
    return new PerformanceRequest(
        CharacterType.IMAGE,
        true,
        intensity,
        Ratio.SQUARE_960_960,
        seed,
        PublicFigureThreshold.AUTO,
        model);
  }

  private static RequestDraft good(String form) {
    return switch (read(form)) {
      case RequestReading.Good good -> good.draft();
      case RequestReading.Bad bad -> throw new AssertionError(bad);
    };
  }

  private static List<Issue> bad(String form) {
    return switch (read(form)) {
      case RequestReading.Good good -> throw new AssertionError(good);
      case RequestReading.Bad bad -> bad.issues();
    };
  }

  private static RequestReading read(String form) {
    try {
      return RequestReader.read((ObjectNode) new JsonMapper().readTree(form), OTHER);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shown_shouldQuoteNoSecret_whereverItWasPut() {
    assertThat(RequestReader.shown(new TextNode("https://a.example.com/x.png?X-Amz-Signature=abc")))
        .isEqualTo("the text \"https://a.example.com/…\"");
    assertThat(
            RequestReader.shown(
                new JsonMapper()
                    .createObjectNode()
                    .put("uri", "https://a.example.com/x?token=abc")))
        .isEqualTo("{\"uri\":\"https://a.example.com/…\"}");
  }
}
