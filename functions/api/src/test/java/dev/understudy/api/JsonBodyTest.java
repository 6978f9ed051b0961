package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {

  private static Call call(byte[] body) {
    return new Call("POST", "/x", Map.of(), Map.of(), body);
  }

  private static Call call(String body) {
    return call(body.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(Call call, int status) {
    assertThatThrownBy(() -> JsonBody.object(call))
        .asInstanceOf(InstanceOfAssertFactories.type(Refused.class))
        .satisfies(e -> {
          assertThat(e.status()).isEqualTo(status);
          assertThat(e.sentence()).doesNotContain("jackson").hasSizeLessThan(300);
        });
  }

  @Test
  void object_shouldBeRead_whenItIsOne() {
    var text = "é\ud83d\ude00".repeat(5_000);

    var body = JsonBody.object(call("\n{\"a\": \"%s\", \"b\": [1, 2.5, null]}\n".formatted(text)));

    assertThat(body.path("a").asText()).isEqualTo(text);
    assertThat(body.path("b")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "1",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{]",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":1,}",
        "{} {}",
        "{}x",
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"\\u0062\":2}}",
        "{\"a\":\"\\ud83d\"}",
        "{\"\\ude00\":1}",
        "{\"a\":[\"\\ud83d\\ud83d\"]}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "// {}",
        "\ufeff{}x"
      })
  void object_shouldBeRefused_whenItIsNone(String body) {
    assertRefused(call(body), 400);
  }

  @Test
  void object_shouldBeRefused_whenItIsNotUtf8() {
    assertRefused(call(new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'}), 400);
    assertRefused(call("{}".getBytes(StandardCharsets.UTF_16)), 400);
    assertRefused(call(new byte[] {(byte) 0xff}), 400);
  }

  @Test
  void object_shouldBeRefused_whenItIsBeyondAllMeasure() {
    assertThat(JsonBody.object(call("{\"a\":" + "[".repeat(19) + "]".repeat(19) + "}"))).hasSize(1);
    assertRefused(call("{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}"), 400);
    assertRefused(call("[".repeat(1_000_000)), 400);
    assertRefused(call("{\"a\":".repeat(100_000)), 400);
    assertRefused(call("{\"a\":" + "1".repeat(10_000) + "}"), 400);
    assertRefused(call("{\"a\":1." + "1".repeat(10_000) + "}"), 400);
    assertRefused(call("{\"" + "a".repeat(10_001) + "\":1}"), 400);
  }

  @Test
  void object_shouldBeRefusedWithTheWayOut_whenItIsTooLong() {
    var frame = "{\"a\":\"\"}".length();
    assertThat(JsonBody.object(call("{\"a\":\"" + "x".repeat(4_500_000 - frame) + "\"}")))
        .hasSize(1);

    var tooLong = call("{\"a\":\"" + "x".repeat(4_500_001 - frame) + "\"}");

    assertRefused(tooLong, 413);
    assertThatThrownBy(() -> JsonBody.object(tooLong)).hasMessageContaining("POST /v1/uploads");
  }
}
