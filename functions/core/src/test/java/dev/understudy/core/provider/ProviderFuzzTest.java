package dev.understudy.core.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.understudy.core.testing.Mutations;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the provider answers, it is read as one of the outcomes: never an exception, nothing
 * secret in what is said, and never more believed than was answered. A seed that fails once fails
 * again.
 */
class ProviderFuzzTest {

  private static final int ROUNDS = 400;
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** Stands where a signature or key would. */
  private static final String SECRET = "c4n4ry0123456789";

  private static final List<String> WORDS =
      List.of(
          "id",
          "task_id",
          "data",
          "code",
          "message",
          "error",
          "issues",
          "status",
          "output",
          "url",
          "result_url",
          "video_url",
          "fail_reason",
          "failure",
          "failureCode",
          "progress",
          "createdAt",
          "task_not_exist",
          "invalid_request",
          "model_not_found",
          "SUCCESS",
          "COMPLETED",
          "RUNNING",
          "THROTTLED",
          "FAILURE",
          "CANCELLED",
          "SAFETY.INPUT.TEXT",
          "https://cdn.example.com/o.mp4?_jwt=" + SECRET,
          "https://cdn.example.com/o.mp4?X-Amz-Signature=" + SECRET + "&x=1",
          "Bearer " + SECRET,
          "sk-" + SECRET);

  private static final List<Integer> STATUSES =
      List.of(
          200, 200, 200, 201, 202, 204, 301, 302, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429,
          500, 502, 503, 504, 524, 529);

  static List<String> fixtures() {
    return Fixture.names();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void answers_shouldBeRead_whateverTheyAre(String name) {
    var fixture = Fixture.named(name).answer();
    assertTimeout(
        BOUND,
        () ->
            IntStream.range(0, ROUNDS)
                .forEach(round -> read(fixture, new Random(name.hashCode() * 31L + round), round)));
  }

  private static void read(Exchange.Answered fixture, RandomGenerator random, int round) {
    var body = new String(new Mutations(random, WORDS).of(fixture.body().getBytes(UTF_8)), UTF_8);
    var answer =
        new Exchange.Answered(
            random.nextInt(3) == 0
                ? STATUSES.get(random.nextInt(STATUSES.size()))
                : fixture.status(),
            random.nextInt(5) == 0 ? null : fixture.contentType(),
            fixture.retryAfter(),
            body,
            random.nextInt(20) == 0);
    try {
      judge(answer, Reading.of(answer));
      judge(answer, PostOutcome.of(answer));
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw new AssertionError("round " + round + " of status " + answer.status() + ": " + body, e);
    }
  }

  private static void judge(Exchange.Answered answer, Reading reading) {
    switch (reading) {
      case Reading.Working(_, var progress) ->
          assertThat(progress)
              .satisfiesAnyOf(p -> assertThat(p).isNull(), p -> assertThat(p).isBetween(0.0, 1.0));
      case Reading.Done(var output) -> {
        assertThat(answer.status()).isBetween(200, 299);
        assertThat(output.getScheme()).matches("(?i)https?");
        assertThat(output.getHost()).isNotNull();
        assertThat(reading.toString()).doesNotContain(SECRET);
      }
      case Reading.Failed(var code, var sentence) -> {
        assertThat(answer.status()).isBetween(200, 299);
        said(sentence);
        said(code == null ? "none" : code);
      }
      case Reading.NotYet(var reason, _, _) -> said(reason);
      case Reading.DoneWithoutOutput(), Reading.NotVisible() -> {}
    }
  }

  private static void judge(Exchange.Answered answer, PostOutcome outcome) {
    switch (outcome) {
      case PostOutcome.Accepted(var id) -> {
        assertThat(answer.status()).isBetween(200, 299);
        assertThat(id).hasSizeBetween(1, 191);
      }
      case PostOutcome.Rejected(_, var sentence) -> {
        assertThat(answer.status()).as("a 2xx may have been charged").isGreaterThanOrEqualTo(400);
        said(sentence);
      }
      case PostOutcome.Busy(var reason, _) -> {
        assertThat(answer.status()).isIn(429, 503);
        said(reason);
      }
      case PostOutcome.Blocked(_, var reason) -> {
        assertThat(answer.status()).isIn(301, 401, 402, 403, 404);
        said(reason);
      }
      case PostOutcome.Unknown(var reason) -> said(reason);
    }
  }

  /** For a log and for people: short, on one line, without what is secret. */
  private static void said(String text) {
    assertThat(text).isNotBlank().doesNotContain(SECRET, "\n", "\r", "\u0000", "\u001b");
    assertThat(text.length()).isLessThan(800);
  }
}
