package dev.understudy.core.provider;

import static dev.understudy.core.provider.Reading.ProviderStatus.PENDING;
import static dev.understudy.core.provider.Reading.ProviderStatus.RUNNING;
import static dev.understudy.core.provider.Reading.ProviderStatus.THROTTLED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingTest {
  private static final URI OUTPUT =
      URI.create("https://cdn.example.net/outputs/5f0c2a.mp4?_jwt=secret.part.here");

  static Stream<Arguments> fixtures() {
    Reading done = new Reading.Done(OUTPUT);
    Reading notVisible = new Reading.NotVisible();
    return Stream.of(
        arguments("wrapped-queued", working(PENDING, 0.0)),
        arguments("wrapped-in-progress-around-throttled", working(THROTTLED, 0.3)),
        arguments("wrapped-success-output", done),
        arguments("wrapped-success-result-url", done),
        arguments("wrapped-success-fail-reason-url", done),
        arguments("wrapped-success-without-url", new Reading.DoneWithoutOutput()),
        arguments("wrapped-in-progress-around-succeeded", done),
        arguments(
            "wrapped-failure-with-code",
            failed(
                "ASSET.INVALID",
                FailureCodes.Kind.ASSET.sentence()
                    + " It said: The reference could not be decoded.")),
        arguments(
            "wrapped-failure-code-in-text",
            failed("SAFETY.INPUT.PERSON", FailureCodes.Kind.MODERATION.sentence())),
        arguments(
            "wrapped-failure-without-code",
            failed(
                null,
                FailureCodes.Kind.PROVIDER.sentence() + " It said: the render node went away.")),
        arguments("bare-pending", working(PENDING, null)),
        arguments("bare-throttled", working(THROTTLED, null)),
        arguments("bare-running", working(RUNNING, 0.42)),
        arguments("bare-succeeded", done),
        arguments(
            "bare-failed",
            failed(
                "INTERNAL.BAD_OUTPUT.CODE01",
                FailureCodes.Kind.QUALITY.sentence() + " It said: An internal error occurred.")),
        arguments(
            "bare-failed-moderation",
            failed("SAFETY.OUTPUT.IMAGE", FailureCodes.Kind.MODERATION.sentence())),
        arguments(
            "bare-cancelled", failed("PROVIDER.CANCELLED", FailureCodes.Kind.CANCELLED.sentence())),
        arguments(
            "bare-canceled", failed("PROVIDER.CANCELLED", FailureCodes.Kind.CANCELLED.sentence())),
        arguments("success-data-null", notYet("HTTP 200: an answer without a task in it")),
        arguments("not-exist-400-task-shape", notVisible),
        arguments("not-exist-400-error-shape", notVisible),
        arguments("not-exist-200-status", notVisible),
        arguments("not-exist-404", notVisible),
        arguments(
            "unknown-status", notYet("HTTP 200: a status that is not known here: REHEARSING")),
        arguments(
            "error-openai-style",
            notYet("HTTP 500: bad response status code 502 (request id: 2026030210140351)")),
        arguments(
            "error-at-200-is-no-failed-task",
            notYet("HTTP 200: a status that is not known here: error")),
        arguments(
            "error-runway-issues",
            notYet(
                "HTTP 400: Validation of body failed (character.uri: Invalid URL https://bucket.s3.amazonaws.com/…")),
        arguments("html-403", alarm("HTTP 403: a web page")),
        arguments("html-301", alarm("HTTP 301: a redirect")),
        arguments("html-200", notYet("HTTP 200: a web page instead of JSON")),
        arguments("truncated-json", notYet("HTTP 200: an answer that is not readable JSON")),
        arguments("progress-percent-text", working(RUNNING, 0.42)),
        arguments("progress-fraction", working(RUNNING, 0.42)),
        arguments("progress-whole-number", working(RUNNING, 0.42)),
        arguments("progress-absent", working(RUNNING, null)),
        arguments("ids-and-times-as-numbers", working(RUNNING, 0.1)),
        arguments("ids-and-times-as-text", working(RUNNING, 0.1)),
        arguments("output-as-text", done),
        arguments("output-as-list-of-texts", done),
        arguments("output-as-list-of-objects", done),
        arguments("error-401", alarm("HTTP 401: Invalid token: sk-… (request id: 2026)")),
        arguments(
            "error-429",
            new Reading.NotYet(
                "HTTP 429: You are sending requests too fast.", false, Duration.ofSeconds(7))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void of_shouldReadEachFixture(String name, Reading expected) {
    Reading reading = Reading.of(Fixture.named(name).answer());

    System.out.printf("%-40s %s%n", name, reading);
    assertThat(reading).isEqualTo(expected);
  }

  @Test
  void fixtures_shouldAllBeExpectedHere() {
    List<Object> expected = fixtures().map(arguments -> arguments.get()[0]).toList();

    assertThat(Fixture.names()).containsExactlyInAnyOrderElementsOf(texts(expected));
  }

  @Test
  void of_shouldLearnNothing_whenTheNetworkFailed() {
    assertThat(Reading.of(new Exchange.NotSent("connection refused")))
        .isEqualTo(notYet("connection refused"));
    assertThat(Reading.of(new Exchange.Broken("no answer within 20 s")))
        .isEqualTo(notYet("no answer within 20 s"));
  }

  @ParameterizedTest
  @CsvSource({
    "SUBMITTED, PENDING",
    "not_start, PENDING",
    "queued, PENDING",
    "running, RUNNING",
    "in_progress, RUNNING",
    "throttled, THROTTLED"
  })
  void of_shouldKnowStatusesByAnyLetterCase(String status, Reading.ProviderStatus expected) {
    assertThat(read("{\"id\":1,\"status\":\"" + status + "\"}")).isEqualTo(working(expected, null));
  }

  @Test
  void of_shouldTakeTheVideo_whenOnlyTheEnvelopeCallsItAFailure() {
    Reading reading =
        read(
            """
            {"code":"success","data":{"task_id":"t","status":"FAILURE","fail_reason":"timed out",
             "data":{"id":"t","status":"SUCCEEDED","output":["%s"]}}}\
            """
                .formatted(OUTPUT));

    assertThat(reading).isEqualTo(new Reading.Done(OUTPUT));
  }

  @Test
  void of_shouldFail_whenRunwaySaysSoAndTheEnvelopeHasNotCaughtUp() {
    Reading reading =
        read(
            """
            {"code":"success","data":{"task_id":"t","status":"IN_PROGRESS",
             "data":{"id":"t","status":"FAILED","failureCode":"INTERNAL"}}}\
            """);

    assertThat(reading).isEqualTo(failed("INTERNAL", FailureCodes.Kind.PROVIDER.sentence()));
  }

  @Test
  void of_shouldGoOnLooking_whenRunwaySucceededAndTheEnvelopeFailedWithoutAUrl() {
    Reading reading =
        read(
            """
            {"code":"success","data":{"task_id":"t","status":"FAILURE","fail_reason":"timed out",
             "data":{"id":"t","status":"SUCCEEDED","output":[]}}}\
            """);

    assertThat(reading).isEqualTo(new Reading.DoneWithoutOutput());
  }

  @Test
  void of_shouldReadTheTask_whenTheEnvelopeHoldsItAsText() {
    Reading reading =
        read(
            """
            {"code":"success","data":{"task_id":"t","status":"SUCCESS",
             "data":"{\\"id\\":\\"t\\",\\"status\\":\\"SUCCEEDED\\",\\"output\\":\\"%s\\"}"}}\
            """
                .formatted(OUTPUT));

    assertThat(reading).isEqualTo(new Reading.Done(OUTPUT));
  }

  @Test
  void of_shouldReadTheTask_whenTheEnvelopeHoldsItDirectly() {
    Reading reading =
        read(
            """
            {"code":200,"msg":"ok","data":{"id":"t","status":"SUCCEEDED","output":["%s"]}}\
            """
                .formatted(OUTPUT));

    assertThat(reading).isEqualTo(new Reading.Done(OUTPUT));
  }

  @Test
  void of_shouldPreferTheProvidersOutput_whenThereAreSeveralUrls() {
    Reading reading =
        read(
            """
            {"code":"success","data":{"task_id":"t","status":"SUCCESS",
             "fail_reason":"https://d.example.net/","result_url":"https://c.example.net/",
             "output":["https://b.example.net/"],
             "data":{"id":"t","status":"SUCCEEDED","output":["https://a.example.net/"]}}}\
            """);

    assertThat(reading).isEqualTo(new Reading.Done(URI.create("https://a.example.net/")));
  }

  @Test
  void of_shouldKeepSignaturesAsTheyAre_whenAUrlHoldsWhatNoUriMay() {
    Reading reading =
        read(
            """
            {"id":"t","status":"SUCCEEDED","output":["https://a.example.net/my take|1.mp4?s=a%2Bb+c&t={x}"]}\
            """);

    assertThat(reading)
        .isEqualTo(
            new Reading.Done(
                URI.create("https://a.example.net/my%20take%7C1.mp4?s=a%2Bb+c&t=%7Bx%7D")));
  }

  @Test
  void of_shouldWaitForAUrl_whenTheOutputIsNotOne() {
    assertThat(read("{\"id\":\"t\",\"status\":\"SUCCEEDED\",\"output\":[\"pending\", null, 5]}"))
        .isEqualTo(new Reading.DoneWithoutOutput());
    assertThat(read("{\"id\":\"t\",\"status\":\"SUCCEEDED\",\"output\":[\"file:///etc/passwd\"]}"))
        .isEqualTo(new Reading.DoneWithoutOutput());
  }

  @Test
  void of_shouldNotConclude_whenATaskComesWithAnErrorStatus() {
    Exchange answer =
        Exchange.Answered.of(
            500, "application/json", "{\"id\":\"t\",\"status\":\"FAILED\",\"failure\":\"x\"}");

    assertThat(Reading.of(answer)).isEqualTo(notYet("HTTP 500: no reason given"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"task_origin_not_exist", "TASK_NOT_FOUND", "task_not_exist"})
  void of_shouldBeNotVisible_whenTheGatewayDoesNotKnowTheTask(String code) {
    String body = "{\"code\":\"" + code + "\",\"message\":\"\",\"data\":null}";

    assertThat(Reading.of(Exchange.Answered.of(200, "application/json", body)))
        .isEqualTo(new Reading.NotVisible());
    assertThat(Reading.of(Exchange.Answered.of(500, "application/json", body)))
        .isEqualTo(new Reading.NotVisible());
  }

  @Test
  void of_shouldSurvive_whenTheAnswerIsNestedTooDeep() {
    String deep = "{\"data\":".repeat(100_000) + "1" + "}".repeat(100_000);

    assertThat(read(deep)).isEqualTo(notYet("HTTP 200: an answer that is not readable JSON"));
  }

  @Test
  void of_shouldSayTooLarge_whenTheAnswerWasCut() {
    Exchange answer =
        new Exchange.Answered(
            200, "application/json", null, "{\"id\":\"t\",\"status\":\"PENDING\"}", true);

    assertThat(Reading.of(answer))
        .isEqualTo(notYet("HTTP 200: an answer too large to be about a task"));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"150%\"', 1.0",
    "-3, 0.0",
    "'\"\"', ",
    "'\"soon\"', ",
    "'\"NaN\"', ",
    "'\"1e999\"', 1.0",
    "'{}', ",
    "0, 0.0",
    "1, 1.0",
    "100, 1.0",
    "'\"0.5\"', 0.5"
  })
  void of_shouldNormaliseProgress(String json, @Nullable Double expected) {
    assertThat(read("{\"id\":\"t\",\"status\":\"RUNNING\",\"progress\":" + json + "}"))
        .isEqualTo(working(RUNNING, expected));
  }

  @Test
  void toString_shouldNotShowTheSignedUrl_whenDone() {
    assertThat(new Reading.Done(OUTPUT).toString()).doesNotContain("secret");
    assertThat(Fixture.named("bare-succeeded").answer().toString()).doesNotContain("secret");
  }

  private static Reading read(String body) {
    return Reading.of(Exchange.Answered.of(200, "application/json", body));
  }

  private static Reading working(Reading.ProviderStatus status, @Nullable Double progress) {
    return new Reading.Working(status, progress);
  }

  private static Reading failed(@Nullable String code, String sentence) {
    return new Reading.Failed(code, sentence);
  }

  private static Reading notYet(String reason) {
    return new Reading.NotYet(reason, false, null);
  }

  private static Reading alarm(String reason) {
    return new Reading.NotYet(reason, true, null);
  }

  private static List<String> texts(List<Object> objects) {
    return objects.stream().map(Object::toString).toList();
  }
}
