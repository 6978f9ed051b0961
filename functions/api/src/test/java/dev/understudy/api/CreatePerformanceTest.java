package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.performance.PerformanceDesk;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreatePerformanceTest {

  private static final String BODY =
      """
      {"model":"act_two",
       "character":{"type":"image","uri":"https://example.com/hero.png"},
       "reference":{"type":"video","uri":"https://example.com/scene.mp4"}}\
      """;
  private static final String SEEDED = BODY.replace("{\"model\"", "{\"seed\":7,\"model\"");
  private static final Caller CALLER = new Caller("studio", false, "12345678");

  private final TestStack stack = new TestStack();
  private final CreatePerformance create =
      new CreatePerformance(
          new PerformanceDesk(
              stack.table,
              stack.table,
              stack.bucket,
              "our-bucket",
              stack.admission,
              stack.settings,
              stack.clock,
              stack.random),
          stack.settings.priceCents());

  private Answer send(String body, Map<String, String> headers, Map<String, String> query) {
    return create.answer(
        new Call(
            "POST",
            "/character_performance",
            query,
            headers,
            body.getBytes(StandardCharsets.UTF_8)),
        CALLER,
        "");
  }

  private Answer send(String body, Map<String, String> headers) {
    return send(body, headers, Map.of());
  }

  private Refused refused(String body, Map<String, String> headers, Map<String, String> query) {
    return catchThrowableOfType(Refused.class, () -> send(body, headers, query));
  }

  private static JsonNode json(Answer answer) {
    return Json.MAPPER.valueToTree(answer.body());
  }

  @Test
  void answer_shouldBeRunways() {
    var answer = send(BODY, Map.of("x-stainless-retry-count", "0"));
    var id = stack.table.tasks().getFirst().id();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).isEmpty();
    assertThat(json(answer).toString())
        .isEqualTo("{\"id\":\"%s\",\"estimatedCost\":{\"credits\":40}}".formatted(id));
    assertThat(stack.task(id).tenant()).isEqualTo("studio");
  }

  @Test
  void answer_shouldNameTheSameTask_andSaySo_whenItIsARepeat() {
    var first = send(BODY, Map.of("x-stainless-retry-count", "0"));
    var again = send(BODY, Map.of("x-stainless-retry-count", "1"));
    assertThat(json(again)).isEqualTo(json(first));
    assertThat(again.headers()).containsExactly(Map.entry("idempotent-replayed", "true"));
    assertThat(json(send(BODY, Map.of("x-stainless-retry-count", "0")))).isNotEqualTo(json(first));
    assertThat(stack.table.tasks()).hasSize(2);
  }

  @Test
  void answer_shouldRefuseAKeyThatCameWithAnotherBody_forGood() {
    send(BODY, Map.of("idempotency-key", "k"));
    var refused = refused(SEEDED, Map.of("idempotency-key", "k"), Map.of());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.headers()).containsEntry("x-should-retry", "false");
  }

  @Test
  void answer_shouldNameAllIssues() {
    var refused = refused("{\"model\":\"act_two\"}", Map.of(), Map.of());
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.issues()).hasSize(2);
    assertThat(refused.sentence()).endsWith("(and 1 more: see issues)");
    var gone = BODY.replace("https://example.com/hero.png", "s3://our-bucket/uploads/studio/a");
    assertThat(refused(gone, Map.of(), Map.of()).issues().getFirst().path())
        .containsExactly("character", "uri");
  }

  @Test
  void answer_shouldBe402_overTheCap() {
    stack.table.cap("studio", 40);
    send(BODY, Map.of());
    assertThat(refused(BODY, Map.of(), Map.of()).status()).isEqualTo(402);
    assertThat(refused(BODY, Map.of(), Map.of("validate", "true")).status()).isEqualTo(402);
  }

  @Test
  void answer_shouldOnlySayWhatWouldHappen_whenAsked() {
    var ask = Map.of("validate", "true");
    var start = json(send(BODY, Map.of("idempotency-key", "k"), ask));
    assertThat(start.path("valid").booleanValue()).isTrue();
    assertThat(start.path("estimatedCost").path("credits").intValue()).isEqualTo(40);
    assertThat(start.path("understudy").path("would").textValue()).isEqualTo("START");
    assertThat(start.path("understudy").has("taskId")).isFalse();
    assertThat(start.path("understudy").path("warnings").isArray()).isTrue();
    assertThat(stack.table.tasks()).isEmpty();

    var id = json(send(BODY, Map.of("idempotency-key", "k"))).path("id").textValue();
    var replay = json(send(BODY, Map.of("idempotency-key", "k"), ask)).path("understudy");
    assertThat(replay.path("would").textValue()).isEqualTo("REPLAY");
    assertThat(replay.path("taskId").textValue()).isEqualTo(id);

    stack.control(c -> c.pausedByPerson(stack.clock.instant(), "a person", "a test"));
    var waits = json(send(BODY, Map.of(), ask)).path("understudy");
    assertThat(waits.path("would").textValue()).isEqualTo("WAIT");
    assertThat(waits.path("sentence").textValue()).contains("the stack is paused");
    assertThat(stack.table.tasks()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "TRUE", "yes"})
  void answer_shouldOrderNothing_whenValidateIsNeitherTrueNorFalse(String value) {
    assertThat(refused(BODY, Map.of(), Map.of("validate", value)).status()).isEqualTo(400);
    assertThat(stack.table.tasks()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "idempotency-key,''",
    "idempotency-key,' '",
    "x-stainless-retry-count,''",
    "x-stainless-retry-count,-1",
    "x-stainless-retry-count,1.0",
    "x-stainless-retry-count,'0,1'",
    "x-stainless-retry-count,9999999999",
  })
  void answer_shouldRefuseHeadersThatTellNothing(String header, String value) {
    assertThat(refused(BODY, Map.of(header, value), Map.of()).status()).isEqualTo(400);
    assertThat(stack.table.tasks()).isEmpty();
  }

  @Test
  void answer_shouldTakeKeysOf255Characters_andNoMore() {
    send(BODY, Map.of("idempotency-key", "k".repeat(255)));
    assertThat(refused(BODY, Map.of("idempotency-key", "k".repeat(256)), Map.of()).status())
        .isEqualTo(400);
  }

  @Test
  void answer_shouldNotBeRepeated_whenNothingWouldTellThatItIsARepeat() {
    stack.faults.failAt(Moment.AFTER, "write task");
    var unavailable = refused(BODY, Map.of(), Map.of());
    assertThat(unavailable.status()).isEqualTo(503);
    assertThat(unavailable.headers())
        .containsEntry("x-should-retry", "false")
        .containsKey("retry-after");

    stack.faults.at(
        Moment.BEFORE,
        "opening",
        () -> {
          throw new IllegalStateException("a bug");
        });
    var bug = refused(BODY, Map.of(), Map.of());
    assertThat(bug.status()).isEqualTo(500);
    assertThat(bug.headers()).containsEntry("x-should-retry", "false");
  }

  @ParameterizedTest
  @CsvSource({"idempotency-key,k", "x-stainless-retry-count,0"})
  void answer_shouldBeRepeated_whenTheRecordTells(String header, String value) {
    stack.faults.failAt(Moment.AFTER, "accept");
    assertThat(catchThrowable(() -> send(BODY, Map.of(header, value))))
        .isInstanceOf(Unavailable.class);
    send(BODY, Map.of(header, header.startsWith("x") ? "1" : value));
    assertThat(stack.table.tasks()).hasSize(1);
  }

  @Test
  void answer_shouldBeRepeated_whenTheBodyNamesASeed() {
    stack.faults.failAt(Moment.AFTER, "accept");
    assertThat(catchThrowable(() -> send(SEEDED, Map.of()))).isInstanceOf(Unavailable.class);
    send(SEEDED, Map.of());
    assertThat(stack.table.tasks()).hasSize(1);
  }
}
