package dev.understudy.core.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.understudy.core.testing.Mutations;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any bytes named task.json are a form that can be followed, or one that is told what is wrong. */
class OrderFormFuzzTest {

  private static final int ROUNDS = 1_500;

  private static final List<String> WORDS =
      List.of(
          "character",
          "reference",
          "type",
          "uri",
          "tags",
          "output",
          "dryRun",
          "ratio",
          "seed",
          "bodyControl",
          "expressionIntensity",
          "contentModeration",
          "publicFigureThreshold",
          "model",
          "1280:720",
          "hero.png",
          "../hero.png",
          "incoming/x/hero.png",
          "/hero.png",
          "take one",
          "status",
          "https://media.example.com/hero.png",
          "http://media.example.com/hero.png",
          "s3://other/hero.png");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"character\":\"hero.png\",\"reference\":\"take.mp4\",\"ratio\":\"1280:720\",\"seed\":7,\"tags\":[\"a\"],\"output\":\"shot\",\"dryRun\":true}",
        "{\"character\":{\"type\":\"video\",\"uri\":\"https://media.example.com/hero.mp4\"},\"reference\":{\"type\":\"video\",\"uri\":\"take.mp4\"},\"bodyControl\":true,\"expressionIntensity\":3,\"contentModeration\":{\"publicFigureThreshold\":\"low\"}}"
      })
  void read_shouldAnswer_whateverTheBytesAre(String form) {
    assertTimeout(
        Duration.ofSeconds(60),
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            var random = new Random(form.hashCode() * 31L + round);
            read(new Mutations(random, WORDS).of(form.getBytes(UTF_8)), round);
          }
        });
  }

  private static void read(byte[] bytes, int round) {
    try {
      switch (OrderForm.read(bytes, "incoming/scene/")) {
        case OrderForm.Read.Form(var form) -> {
          assertThat(form.canonical()).startsWith("{");
          assertThat(form.tags()).hasSizeLessThanOrEqualTo(10);
        }
        case OrderForm.Read.Wrong(var issues, _) ->
            assertThat(issues)
                .isNotEmpty()
                .allSatisfy(issue -> {
                  assertThat(issue.message()).isNotBlank();
                  assertThat(issue.message().length()).isLessThan(1_000);
                });
      }
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new AssertionError("round " + round + ": " + new String(bytes, UTF_8), e);
    }
  }
}
