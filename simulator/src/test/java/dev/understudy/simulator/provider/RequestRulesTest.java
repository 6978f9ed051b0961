package dev.understudy.simulator.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestRulesTest {
  private static final Settings STRICT = Settings.usual();

  @Test
  void check_shouldTakeEveryFieldAsSent_whenAllAreValid() {
    var checked = RequestRules.check(valid(), STRICT);

    assertThat(checked).isInstanceOf(RequestRules.Checked.Valid.class);
    PerformanceRequest request = ((RequestRules.Checked.Valid) checked).request();
    assertThat(request.seed()).isEqualTo(42L);
    assertThat(request.ratio()).isEqualTo(Ratio.WIDE);
    assertThat(request.characterKind()).isEqualTo(MediaKind.IMAGE);
  }

  @Test
  void check_shouldTellAllMistakesAtOnce_whenThereAreSeveral() {
    ObjectNode body = valid();
    body.put("extra", 1).put("ratio", "4:3").put("seed", -1).put("expressionIntensity", 6);
    body.remove("model");

    assertThat(issues(body))
        .extracting(issue -> String.join(".", issue.path()))
        .containsExactly("", "model", "expressionIntensity", "seed", "ratio");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          seed                | -1             | seed
          seed                | 4294967296     | seed
          seed                | 1.5            | seed
          seed                | 1.0            | seed
          seed                | "1"            | seed
          seed                | null           | seed
          expressionIntensity | 0              | expressionIntensity
          expressionIntensity | 6              | expressionIntensity
          expressionIntensity | 2.5            | expressionIntensity
          expressionIntensity | "3"            | expressionIntensity
          bodyControl         | "true"         | bodyControl
          bodyControl         | 1              | bodyControl
          ratio               | "1280x720"     | ratio
          ratio               | 16             | ratio
          model               | "gen4"         | model
          model               | 1              | model
          contentModeration   | {"publicFigureThreshold":"high"} | contentModeration.publicFigureThreshold
          contentModeration   | {"more":1}     | contentModeration
          contentModeration   | "auto"         | contentModeration
          character           | {"type":"audio","uri":"https://a.b/c.png"}           | character.type
          character           | {"type":"image"}                                     | character.uri
          character           | {"uri":"https://a.b/c.png"}                          | character.type
          character           | {"type":"image","uri":"https://a.b/c.png","role":1}  | character
          character           | "https://a.b/c.png"                                  | character
          reference           | {"type":"image","uri":"https://a.b/c.png"}           | reference.type
          reference           | {"type":"video","uri":"http://a.b/c.mp4"}            | reference.uri
          reference           | {"type":"video","uri":"https://10.0.0.1/c.mp4"}      | reference.uri
          reference           | {"type":"video","uri":"https://[::1]/c.mp4"}         | reference.uri
          reference           | {"type":"video","uri":"https://localhost/c.mp4"}     | reference.uri
          reference           | {"type":"video","uri":"ftp://a.b/c.mp4"}             | reference.uri
          reference           | {"type":"video","uri":"runway://abcdefghijk"}        | reference.uri
          reference           | {"type":"video","uri":"https:// a.b/c.mp4"}          | reference.uri
          reference           | {"type":"video","uri":7}                             | reference.uri
          """)
  void check_shouldNameTheField_whenItIsWrong(String field, String value, String path) {
    ObjectNode body = valid();
    body.set(field, Json.parse(value).orElseThrow());

    assertThat(issues(body))
        .extracting(issue -> String.join(".", issue.path()))
        .containsExactly(path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          seed                | 0
          seed                | 4294967295
          expressionIntensity | 1
          expressionIntensity | 5
          ratio               | "1584:672"
          contentModeration   | {"publicFigureThreshold":"low"}
          contentModeration   | {}
          character           | {"type":"video","uri":"https://a.b/c.mp4"}
          """)
  void check_shouldPass_whenTheValueIsAtItsLimit(String field, String value) {
    ObjectNode body = valid();
    body.set(field, Json.parse(value).orElseThrow());

    assertThat(RequestRules.check(body, STRICT)).isInstanceOf(RequestRules.Checked.Valid.class);
  }

  @Test
  void uri_shouldBeRefused_whenItIsLongerThan2048Characters() {
    String longest = "https://a.b/" + "x".repeat(2036);
    ObjectNode fits = valid();
    fits.putObject("character").put("type", "image").put("uri", longest);
    ObjectNode tooLong = valid();
    tooLong.putObject("character").put("type", "image").put("uri", longest + "x");

    assertThat(RequestRules.check(fits, STRICT)).isInstanceOf(RequestRules.Checked.Valid.class);
    assertThat(issues(tooLong)).extracting(Issue::code).containsExactly("too_big");
  }

  @Test
  void optionalFields_shouldBeRequired_onlyWhenTheSettingAsksForThem() {
    ObjectNode least = valid();
    least.remove(
        List.of("bodyControl", "expressionIntensity", "seed", "ratio", "contentModeration"));

    assertThat(RequestRules.check(least, STRICT)).isInstanceOf(RequestRules.Checked.Valid.class);
    Settings all = Json.merge(STRICT, "{\"requireAllFields\":true}", Settings.class);
    assertThat(RequestRules.check(least, all))
        .isInstanceOfSatisfying(
            RequestRules.Checked.Invalid.class, invalid -> assertThat(invalid.issues()).hasSize(5));
  }

  @Test
  void plainHttpAndAddresses_shouldPass_onlyWhenAllowed() {
    ObjectNode local = valid();
    local.putObject("reference").put("type", "video").put("uri", "http://127.0.0.1:4566/b/k.mp4");
    Settings allowed = Json.merge(STRICT, "{\"allowHttp\":true}", Settings.class);

    assertThat(issues(local)).hasSize(1);
    assertThat(RequestRules.check(local, allowed)).isInstanceOf(RequestRules.Checked.Valid.class);
  }

  private static ObjectNode valid() {
    return (ObjectNode) Json.parse(World.BODY.formatted(42)).orElseThrow();
  }

  private static List<Issue> issues(ObjectNode body) {
    return switch (RequestRules.check(body, STRICT)) {
      case RequestRules.Checked.Invalid invalid -> invalid.issues();
      case RequestRules.Checked.Valid valid ->
          throw new AssertionError("This passed: " + body + " as " + valid);
    };
  }
}
