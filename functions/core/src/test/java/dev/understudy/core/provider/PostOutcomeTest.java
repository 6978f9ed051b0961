package dev.understudy.core.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostOutcomeTest {
  private static final String ID = "5f0c2a64-7c9e-4d0b-a1f2-0b9c6c1d2e3f";

  /** One answer for each definite refusal, and what it leads to. */
  private static final Map<DefiniteRefusal, Exchange.Answered> EXAMPLES =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(DefiniteRefusal.BAD_REQUEST, json(400, "{\"error\":\"bad ratio\"}")),
              Map.entry(DefiniteRefusal.BODY_TOO_LARGE, json(413, "<html>")),
              Map.entry(DefiniteRefusal.UNPROCESSABLE, json(422, "{}")),
              Map.entry(
                  DefiniteRefusal.INVALID_REQUEST,
                  json(500, "{\"error\":{\"message\":\"m\",\"code\":\"invalid_request\"}}")),
              Map.entry(DefiniteRefusal.RATE_LIMITED, json(429, "{\"error\":\"slow down\"}")),
              Map.entry(
                  DefiniteRefusal.NO_CHANNEL,
                  json(503, "{\"error\":{\"message\":\"m\",\"code\":\"model_not_found\"}}")),
              Map.entry(DefiniteRefusal.UNAUTHORIZED, json(401, "{}")),
              Map.entry(DefiniteRefusal.PAYMENT_REQUIRED, json(402, "{}")),
              Map.entry(DefiniteRefusal.FORBIDDEN, json(403, "<html>blocked</html>")),
              Map.entry(DefiniteRefusal.MOVED, json(301, "")),
              Map.entry(DefiniteRefusal.NOT_FOUND, json(404, "")),
              Map.entry(
                  DefiniteRefusal.VALIDATION,
                  json(
                      502,
                      "{\"error\":\"Validation of body failed\",\"issues\":[{\"path\":[\"seed\"],\"message\":\"too big\"}]}"))));

  @ParameterizedTest
  @EnumSource(DefiniteRefusal.class)
  void of_shouldBeARefusal_whenItIsOnTheList(DefiniteRefusal refusal) {
    PostOutcome outcome = PostOutcome.of(Objects.requireNonNull(EXAMPLES.get(refusal)));

    System.out.printf("%-16s %-11s %s%n", refusal, refusal.concerns(), refusal.source());
    Class<? extends PostOutcome> expected =
        switch (refusal.concerns()) {
          case THE_REQUEST -> PostOutcome.Rejected.class;
          case THE_MOMENT -> PostOutcome.Busy.class;
          case THE_ACCOUNT -> PostOutcome.Blocked.class;
        };
    assertThat(outcome).isInstanceOf(expected);
    assertThat(refusal.source()).isNotBlank();
  }

  @Test
  void refusals_shouldBeExactlyThese() {
    Map<DefiniteRefusal.Concerns, List<DefiniteRefusal>> byConcern =
        new EnumMap<>(DefiniteRefusal.Concerns.class);
    for (DefiniteRefusal.Concerns concerns : DefiniteRefusal.Concerns.values()) {
      byConcern.put(
          concerns,
          Arrays.stream(DefiniteRefusal.values())
              .filter(refusal -> refusal.concerns() == concerns)
              .toList());
    }

    assertThat(byConcern)
        .containsEntry(
            DefiniteRefusal.Concerns.THE_REQUEST,
            List.of(
                DefiniteRefusal.BAD_REQUEST,
                DefiniteRefusal.BODY_TOO_LARGE,
                DefiniteRefusal.UNPROCESSABLE,
                DefiniteRefusal.INVALID_REQUEST,
                DefiniteRefusal.VALIDATION))
        .containsEntry(
            DefiniteRefusal.Concerns.THE_MOMENT,
            List.of(DefiniteRefusal.RATE_LIMITED, DefiniteRefusal.NO_CHANNEL))
        .containsEntry(
            DefiniteRefusal.Concerns.THE_ACCOUNT,
            List.of(
                DefiniteRefusal.UNAUTHORIZED,
                DefiniteRefusal.PAYMENT_REQUIRED,
                DefiniteRefusal.FORBIDDEN,
                DefiniteRefusal.MOVED,
                DefiniteRefusal.NOT_FOUND));
  }

  static Stream<Integer> unlistedStatuses() {
    List<Integer> listed = List.of(301, 400, 401, 402, 403, 404, 413, 422, 429);
    return IntStream.range(100, 600)
        .filter(status -> status < 200 || status >= 300)
        .filter(status -> !listed.contains(status))
        .boxed();
  }

  @ParameterizedTest
  @MethodSource("unlistedStatuses")
  void of_shouldBeUnknown_whenTheStatusIsNotOnTheList(int status) {
    assertThat(PostOutcome.of(json(status, "{\"error\":{\"message\":\"m\",\"code\":\"\"}}")))
        .isInstanceOf(PostOutcome.Unknown.class);
  }

  static Stream<Arguments> acceptedBodies() {
    return Stream.of(
        arguments("{\"id\":\"" + ID + "\"}", ID),
        arguments("{\"id\":\"" + ID + "\",\"estimatedCost\":{\"credits\":50}}", ID),
        arguments("{\"id\":\"  " + ID + "\\n\"}", ID),
        arguments("{\"id\":88421300112233445566}", "88421300112233445566"),
        arguments("\uFEFF{\"id\":\"" + ID + "\"}", ID),
        arguments("{\"code\":\"success\",\"message\":\"\",\"data\":{\"task_id\":\"t1\"}}", "t1"),
        arguments(
            "{\"code\":\"success\",\"data\":{\"id\":884213,\"task_id\":\"task_x\",\"status\":\"NOT_START\"}}",
            "task_x"),
        arguments("{\"code\":\"success\",\"data\":\"task_y\"}", "task_y"),
        arguments("{\"code\":200,\"msg\":\"ok\",\"data\":{\"taskId\":\"t2\"}}", "t2"),
        arguments("{\"code\":\"success\",\"data\":\"{\\\"id\\\":\\\"t3\\\"}\"}", "t3"),
        arguments("{\"error\":null,\"id\":\"t4\"}", "t4"),
        arguments("{\"id\":\"" + "x".repeat(191) + "\"}", "x".repeat(191)));
  }

  @ParameterizedTest
  @MethodSource("acceptedBodies")
  void of_shouldBeAccepted_whenThereIsAnId(String body, String id) {
    assertThat(PostOutcome.of(json(200, body))).isEqualTo(new PostOutcome.Accepted(id));
  }

  static Stream<String> unreadableBodies() {
    return Stream.of(
        "",
        "{}",
        "null",
        "[]",
        "{\"id\":\"\"}",
        "{\"id\":\"  \"}",
        "{\"id\":null}",
        "{\"id\":0}",
        "{\"id\":1.5}",
        "{\"id\":true}",
        "{\"id\":{\"a\":1}}",
        "{\"id\":\"a\\u0000b\"}",
        "{\"id\":\"" + "x".repeat(192) + "\"}",
        "{\"id\":\"5f0c2a",
        "<html>thanks</html>",
        "{\"code\":\"fail_to_fetch_task\",\"message\":\"m\",\"data\":null}",
        "{\"code\":\"some_error\",\"data\":\"not-an-id\"}",
        "{\"error\":{\"message\":\"m\"},\"id\":\"request-1\"}",
        "{\"code\":\"success\",\"data\":null}");
  }

  @ParameterizedTest
  @MethodSource("unreadableBodies")
  void of_shouldBeUnknown_whenASuccessHasNoReadableId(String body) {
    assertThat(PostOutcome.of(json(200, body))).isInstanceOf(PostOutcome.Unknown.class);
  }

  @Test
  void of_shouldBeUnknown_whenASuccessWasCut() {
    Exchange cut =
        new Exchange.Answered(200, "application/json", null, "{\"id\":\"" + ID + "\"}", true);

    assertThat(PostOutcome.of(cut)).isInstanceOf(PostOutcome.Unknown.class);
  }

  @Test
  void of_shouldBeBusy_whenNothingWasSent() {
    assertThat(PostOutcome.of(new Exchange.NotSent("connection refused by api.example.com")))
        .isEqualTo(new PostOutcome.Busy("connection refused by api.example.com", null));
  }

  @Test
  void of_shouldBeUnknown_whenTheConnectionBroke() {
    assertThat(PostOutcome.of(new Exchange.Broken("no answer within 170 s")))
        .isEqualTo(new PostOutcome.Unknown("no answer within 170 s"));
  }

  @Test
  void of_shouldPassOnRetryAfter_whenBusy() {
    Exchange busy =
        new Exchange.Answered(
            429, "application/json", Duration.ofSeconds(9), "{\"error\":\"Too many.\"}", false);

    assertThat(PostOutcome.of(busy))
        .isEqualTo(new PostOutcome.Busy("HTTP 429: Too many", Duration.ofSeconds(9)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"error\":{\"code\":\"do_request_failed\"}}", "{\"issues\":[]}"})
  void of_shouldBeUnknown_whenAServerErrorProvesNothing(String body) {
    assertThat(PostOutcome.of(json(500, body))).isInstanceOf(PostOutcome.Unknown.class);
    assertThat(PostOutcome.of(json(503, body))).isInstanceOf(PostOutcome.Unknown.class);
  }

  @Test
  void of_shouldFindRunwaysValidation_whenTheGatewayPassesItOnAsText() {
    String body =
        """
        {"code":"fail_to_fetch_task","message":"{\\"error\\":\\"Validation of body failed\\",\\"issues\\":[{\\"path\\":[\\"reference\\",\\"uri\\"],\\"message\\":\\"too long\\"}]}","data":null}\
        """;

    assertThat(PostOutcome.of(json(500, body)))
        .isEqualTo(
            new PostOutcome.Rejected(
                "PROVIDER.REJECTED",
                "The provider refused this request and charged nothing: HTTP 500: Validation of body failed (reference.uri: too long). Mend what it names and order again."));
  }

  @Test
  void of_shouldNotRepeatSecrets_whenTheProviderQuotesThem() {
    String said =
        "Failed to fetch https://b.s3.eu-west-1.amazonaws.com/inputs/a.png?X-Amz-Credential=AKIA&X-Amz-Signature=abcdef with Bearer sk-live-123456";

    for (int status : new int[] {400, 401, 429, 500}) {
      assertThat(PostOutcome.of(json(status, "{\"error\":\"" + said + "\"}")).toString())
          .contains("b.s3.eu-west-1.amazonaws.com")
          .doesNotContain("AKIA")
          .doesNotContain("abcdef")
          .doesNotContain("123456");
    }
  }

  private static Exchange.Answered json(int status, String body) {
    return Exchange.Answered.of(status, "application/json", body);
  }
}
