package dev.understudy.simulator.provider;

import static dev.understudy.simulator.provider.World.answer;
import static dev.understudy.simulator.provider.World.json;
import static dev.understudy.simulator.provider.World.text;
import static dev.understudy.simulator.provider.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every action at every point where it can happen; a test sees to it that none is missing. */
class FaultsTest {
  /** What a case does with a world in which its fault is due. */
  private interface Check extends BiConsumer<World, String> {}

  record Case(String point, String action, String parameters, Check check) {
    String fault() {
      return "{\"seed\":17,\"on\":\"%s\",\"action\":\"%s\"%s}".formatted(point, action, parameters);
    }

    @Override
    public String toString() {
      return point + " " + action + parameters;
    }
  }

  // Submits: what the caller gets, and whether the task was charged.

  private static Case refused(String action, String parameters, BiConsumer<World, Reply> then) {
    return new Case(
        "submit",
        action,
        parameters,
        (world, _) -> {
          then.accept(world, world.submit(17));
          assertThat(world.provider.ledger(null).charges()).isEmpty();
          assertThat(world.provider.ledger(null).submits().getFirst().outcome()).isEqualTo(action);
          assertThat(answer(world.submit(17)).status()).isEqualTo(200);
        });
  }

  private static Case charged(String action, String parameters, BiConsumer<World, Reply> then) {
    return new Case(
        "submit",
        action,
        parameters,
        (world, _) -> {
          then.accept(world, world.submit(17));
          Ledger ledger = world.provider.ledger(null);
          assertThat(ledger.charges()).hasSize(1);
          assertThat(ledger.submits().getFirst().outcome()).isEqualTo(action);
          assertThat(ledger.submits().getFirst().providerTaskId())
              .isEqualTo(ledger.tasks().getFirst().id());
          world.pass(5);
          assertThat(world.provider.ledger(null).tasks().getFirst().status())
              .isEqualTo(ProviderStatus.SUCCEEDED);
        });
  }

  /** GETs of a task that has succeeded; the fault happens to the first one only. */
  private static Case onGet(String action, String parameters, BiConsumer<World, Reply> then) {
    return new Case(
        "get",
        action,
        parameters,
        (world, _) -> {
          String id = world.accepted(17);
          world.pass(5);
          then.accept(world, world.get(id));
          assertThat(world.getJson(id).get("output")).hasSize(1);
        });
  }

  private static Case onTask(String action, String parameters, BiConsumer<World, String> then) {
    return new Case(
        "task", action, parameters, (world, _) -> then.accept(world, world.accepted(17)));
  }

  /** Downloads of a task that has succeeded; the fault happens to the first one only. */
  private static Case onOutput(String action, String parameters, BiConsumer<World, Reply> then) {
    return new Case(
        "output",
        action,
        parameters,
        (world, _) -> {
          String id = world.accepted(17);
          world.pass(5);
          String token = token(world.getJson(id).get("output").get(0));
          then.accept(world, world.provider.output(token));
          assertThat(text(answer(world.provider.output(token)).body()))
              .isEqualTo("a video of " + id);
        });
  }

  private static BiConsumer<World, Reply> status(int status, String bodyPart) {
    return (_, reply) -> {
      assertThat(answer(reply).status()).isEqualTo(status);
      assertThat(text(answer(reply).body())).contains(bodyPart);
    };
  }

  private static BiConsumer<World, Reply> exactly(Reply expected) {
    return (_, reply) -> assertThat(reply).isEqualTo(expected);
  }

  private static void assertNoJson(World world, Reply reply) {
    assertThat(answer(reply).status()).isEqualTo(200);
    assertThat(Json.parse(text(answer(reply).body()))).isEmpty();
  }

  private static void assertCut(World world, Reply reply) {
    assertThat(reply)
        .isInstanceOfSatisfying(
            Reply.Cut.class,
            cut -> assertThat(cut.bytes()).isBetween(1L, cut.answer().body().length() - 1));
  }

  private static void assertHuge(World world, Reply reply) {
    assertThat(answer(reply).body().length()).isEqualTo(5_000_000);
  }

  static List<Case> cases() {
    Reply silence = new Reply.Held(Duration.ofSeconds(3), Reply.Dropped.CLOSED);
    String three = ",\"seconds\":3";
    return List.of(
        refused(
            "rate-limit",
            three,
            (_, reply) -> {
              assertThat(answer(reply).status()).isEqualTo(429);
              assertThat(answer(reply).headers()).containsEntry("Retry-After", "3");
            }),
        refused("error-before-acceptance", "", status(500, "comet_api_error")),
        refused(
            "error-before-acceptance",
            ",\"status\":503,\"code\":\"model_not_found\",\"style\":\"task\"",
            status(503, "\"code\":\"model_not_found\"")),
        refused(
            "error-before-acceptance",
            ",\"status\":403,\"code\":\"insufficient_user_quota\"",
            status(403, "\"code\":\"insufficient_user_quota\"")),
        refused(
            "error-before-acceptance",
            ",\"status\":400,\"message\":\"no\",\"style\":\"compat\"",
            status(400, "\"msg\":\"no\"")),
        refused(
            "error-before-acceptance", ",\"status\":524,\"style\":\"html\"", status(524, "<html>")),
        refused("error-before-acceptance", ",\"style\":\"empty\"", status(500, "")),
        refused("reset-before-acceptance", "", exactly(Reply.Dropped.RESET)),
        new Case(
            "inputs",
            "elsewhere",
            ",\"value\":\"http://127.0.0.1:8000\"",
            (world, _) -> {
              assertThat(answer(world.submit(17)).status()).isEqualTo(200);
              assertThat(world.fetched)
                  .extracting(URI::toString)
                  .containsExactly(
                      "http://127.0.0.1:8000/puppet.png", "http://127.0.0.1:8000/acting.mp4");
              assertThat(answer(world.submit(17)).status()).isEqualTo(200);
              assertThat(world.fetched.getLast()).hasHost("media.example.com");
            }),
        refused("timeout-before-acceptance", three, exactly(silence)),
        refused("html-403", "", status(403, "<html>")),
        refused("moved-301", "", status(301, "<html>")),
        charged("error-after-acceptance", "", status(502, "comet_api_error")),
        charged(
            "error-after-acceptance", ",\"status\":504,\"style\":\"html\"", status(504, "<html>")),
        charged("reset-after-acceptance", "", exactly(Reply.Dropped.RESET)),
        charged("reset-in-answer", "", FaultsTest::assertCut),
        charged("timeout-after-acceptance", three, exactly(silence)),
        charged(
            "slow-answer",
            three,
            (_, reply) -> {
              assertThat(((Reply.Held) reply).time()).isEqualTo(Duration.ofSeconds(3));
              assertThat(json(((Reply.Held) reply).then()).has("id")).isTrue();
            }),
        charged("truncated-json", "", FaultsTest::assertNoJson),
        charged("no-id", "", status(200, "{}")),
        charged("empty-answer", "", FaultsTest::assertNoJson),
        charged("huge-answer", ",\"bytes\":5000000", FaultsTest::assertHuge),
        onGet("rate-limit", "", status(429, "error")),
        onGet("error", "", status(500, "comet_api_error")),
        onGet(
            "error",
            ",\"status\":500,\"code\":\"get_task_failed\",\"style\":\"task\"",
            status(500, "get_task_failed")),
        onGet("error", ",\"status\":502,\"style\":\"runway\"", status(502, "{\"error\":\"")),
        onGet("reset", "", exactly(Reply.Dropped.RESET)),
        onGet("reset-in-answer", "", FaultsTest::assertCut),
        onGet("timeout", three, exactly(silence)),
        onGet("slow-answer", three, (_, reply) -> assertThat(reply).isInstanceOf(Reply.Held.class)),
        onGet("html-403", "", status(403, "<html>")),
        onGet("moved-301", "", status(301, "<html>")),
        onGet("truncated-json", "", FaultsTest::assertNoJson),
        onGet("empty-answer", "", FaultsTest::assertNoJson),
        onGet("huge-answer", ",\"bytes\":5000000", FaultsTest::assertHuge),
        onGet(
            "empty-data", "", status(200, "{\"code\":\"success\",\"message\":\"\",\"data\":null}")),
        onGet("not-exist", "", status(400, "{\"code\":\"task_not_exist\"")),
        onGet("not-exist", ",\"style\":\"openai\"", status(400, "\"code\":\"task_not_exist\"")),
        onGet("not-exist", ",\"style\":\"status\"", status(200, "{\"status\":\"task_not_exist\"")),
        onGet("not-exist", ",\"status\":404,\"style\":\"html\"", status(404, "task_not_exist")),
        onGet("status-backwards", "", status(200, "\"PENDING\"")),
        onGet("unknown-status", "", status(200, "\"REVIEWING\"")),
        onGet("unknown-status", ",\"value\":\"DREAMING\"", status(200, "\"DREAMING\"")),
        onGet("no-output", "", status(200, "\"output\":[]")),
        onGet("wrapper-behind", "", status(200, "\"SUCCEEDED\"")),
        onGet("shape", ",\"value\":\"wrapped\"", status(200, "\"status\":\"SUCCESS\"")),
        onGet(
            "output-form",
            ",\"value\":\"string\"",
            (_, reply) -> assertThat(json(reply).get("output").isTextual()).isTrue()),
        onTask(
            "fail",
            ",\"code\":\"SAFETY.INPUT.TEXT\"",
            (world, id) -> {
              world.pass(5);
              JsonNode task = world.getJson(id);
              assertThat(task.get("status").asText()).isEqualTo("FAILED");
              assertThat(task.get("failureCode").asText()).isEqualTo("SAFETY.INPUT.TEXT");
              assertThat(task.get("failure").asText()).contains("moderation");
            }),
        onTask(
            "fail",
            ",\"code\":\"null\",\"message\":\"Sorry.\"",
            (world, id) -> {
              world.pass(5);
              assertThat(world.getJson(id).has("failureCode")).isFalse();
              assertThat(world.getJson(id).get("failure").asText()).isEqualTo("Sorry.");
            }),
        onTask(
            "cancel",
            "",
            (world, id) -> {
              world.pass(5);
              assertThat(world.getJson(id).get("status").asText()).isEqualTo("CANCELLED");
            }),
        onTask(
            "not-visible",
            ",\"seconds\":20",
            (world, id) -> {
              world.pass(19);
              assertThat(answer(world.get(id)).status()).isEqualTo(400);
              world.pass(1);
              assertThat(answer(world.get(id)).status()).isEqualTo(200);
            }),
        onTask(
            "throttle",
            ",\"seconds\":20",
            (world, id) -> {
              world.pass(19);
              assertThat(world.getJson(id).get("status").asText()).isEqualTo("THROTTLED");
              world.pass(6);
              assertThat(world.getJson(id).get("status").asText()).isEqualTo("SUCCEEDED");
            }),
        onTask(
            "late-output",
            ",\"seconds\":20",
            (world, id) -> {
              world.pass(24);
              assertThat(world.getJson(id).get("output")).isEmpty();
              world.pass(1);
              assertThat(world.getJson(id).get("output")).hasSize(1);
            }),
        onTask(
            "render",
            ",\"seconds\":1",
            (world, id) -> {
              world.pass(1);
              assertThat(world.getJson(id).get("status").asText()).isEqualTo("SUCCEEDED");
            }),
        onTask(
            "never-finish",
            "",
            (world, id) -> {
              world.pass(86_400 * 300.0);
              assertThat(world.getJson(id).get("status").asText()).isNotEqualTo("SUCCEEDED");
            }),
        onTask(
            "url-life",
            ",\"seconds\":2",
            (world, id) -> {
              world.pass(5);
              String token = token(world.getJson(id).get("output").get(0));
              world.pass(2);
              assertThat(answer(world.provider.output(token)).status()).isEqualTo(403);
            }),
        onTask(
            "stale-url",
            "",
            (world, id) -> {
              world.pass(5);
              assertThat(world.getJson(id).get("output"))
                  .isEqualTo(world.getJson(id).get("output"));
            }),
        onTask(
            "shape",
            ",\"value\":\"wrapped\"",
            (world, id) ->
                assertThat(world.getJson(id).at("/data/task_id").asText()).isEqualTo(id)),
        onTask(
            "output-form",
            ",\"value\":\"objects\"",
            (world, id) -> {
              world.pass(5);
              assertThat(world.getJson(id).at("/output/0/url").asText()).startsWith("http");
            }),
        onOutput("error", "", status(500, "InternalError")),
        onOutput("reset", "", exactly(Reply.Dropped.RESET)),
        onOutput("timeout", three, exactly(silence)),
        onOutput(
            "slow-answer", three, (_, reply) -> assertThat(reply).isInstanceOf(Reply.Held.class)),
        onOutput("truncate", "", FaultsTest::assertCut),
        onOutput(
            "truncate",
            ",\"bytes\":7",
            (_, reply) -> assertThat(((Reply.Cut) reply).bytes()).isEqualTo(7)),
        onOutput(
            "short-file",
            ",\"bytes\":7",
            (_, reply) -> assertThat(text(answer(reply).body())).isEqualTo("a video")),
        onOutput("empty", "", (_, reply) -> assertThat(answer(reply).body().length()).isZero()),
        onOutput("wrong-content", "", status(200, "<html>")),
        onOutput(
            "wrong-content",
            ",\"value\":\"text/html\"",
            (_, reply) ->
                assertThat(answer(reply).headers()).containsEntry("Content-Type", "text/html")),
        onOutput(
            "no-video", "", (world, _) -> assertThat(world.rendered.getLast().picture()).isFalse()),
        onOutput(
            "silent", "", (world, _) -> assertThat(world.rendered.getLast().sound()).isFalse()),
        onOutput(
            "wrong-pixels",
            "",
            (world, _) -> assertThat(world.rendered.getLast().ratio()).isEqualTo(Ratio.SQUARE)),
        onOutput(
            "oversized",
            "",
            (_, reply) ->
                assertThat(answer(reply).body().length()).isGreaterThan(Integer.MAX_VALUE)),
        onOutput(
            "oversized",
            ",\"bytes\":99,\"value\":\"no-length\"",
            (_, reply) -> {
              assertThat(answer(reply).lengthSaid()).isFalse();
              assertThat(answer(reply).body().length()).isEqualTo(99);
            }),
        onOutput(
            "redirect",
            ",\"value\":\"http://169.254.169.254/\"",
            (_, reply) -> {
              assertThat(answer(reply).status()).isEqualTo(302);
              assertThat(answer(reply).headers())
                  .containsEntry("Location", "http://169.254.169.254/");
            }),
        onOutput("not-found", "", status(404, "NoSuchKey")),
        onOutput("expired", "", status(403, "Request has expired")),
        onOutput("no-length", "", (_, reply) -> assertThat(answer(reply).lengthSaid()).isFalse()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fault_shouldDoWhatItSays_whenItIsDue(Case one) {
    World world = new World();
    world.fault(one.fault());
    // A fault of another seed and a task of another seed change nothing.
    world.fault(
        "{\"seed\":99,\"on\":\"%s\",\"action\":\"%s\"%s}"
            .formatted(one.point(), one.action(), one.parameters()));

    one.check().accept(world, "");

    assertThat(world.provider.faults()).as("the fault was used up").hasSize(1);
  }

  @Test
  void cases_shouldCoverEveryActionAtEveryPoint_whenOneIsAdded() {
    Map<String, Long> tested =
        cases().stream()
            .collect(
                Collectors.groupingBy(c -> c.point() + " " + c.action(), Collectors.counting()));

    assertThat(
            Arrays.stream(Point.values())
                .flatMap(point ->
                    Arrays.stream(Action.values())
                        .filter(action -> action.happensAt(point))
                        .map(action -> point.label() + " " + action.label())))
        .allMatch(tested::containsKey);
  }

  @Test
  void fault_shouldHappenAsOftenAsItSays_whenTimesAndSkipAreGiven() {
    World world = new World();
    world.fault("{\"on\":\"get\",\"action\":\"error\",\"times\":2,\"skip\":1}");
    String id = world.accepted(1);

    assertThat(Stream.generate(() -> answer(world.get(id)).status()).limit(4))
        .containsExactly(200, 500, 500, 200);
  }

  @Test
  void fault_shouldHappenForEver_whenTimesIsMinusOne() {
    World world = new World();
    world.fault("{\"on\":\"submit\",\"action\":\"rate-limit\",\"times\":-1}");

    assertThat(Stream.generate(() -> answer(world.submit(1)).status()).limit(5)).containsOnly(429);
    world.provider.clearFaults();
    assertThat(answer(world.submit(1)).status()).isEqualTo(200);
  }

  @Test
  void faultAfterAcceptance_shouldWaitForTheNextRequest_whenThisOneIsRefused() {
    World world = new World();
    world.fault("{\"on\":\"submit\",\"action\":\"reset-after-acceptance\"}");
    world.refusedInputs.put("/acting.mp4", "no");

    assertThat(answer(world.submit(1)).status()).isEqualTo(400);
    world.refusedInputs.clear();
    assertThat(world.submit(1)).isEqualTo(Reply.Dropped.RESET);
  }

  @Test
  void severalFaultsOfATask_shouldAllApply_whenTheyAreOfOneSeed() {
    World world = new World();
    world.fault("{\"seed\":5,\"on\":\"task\",\"action\":\"shape\",\"value\":\"wrapped\"}");
    world.fault(
        "{\"seed\":5,\"on\":\"task\",\"action\":\"fail\",\"code\":\"ASSET.INVALID\",\"nested\":false}");
    String id = world.accepted(5);
    world.pass(5);

    JsonNode task = world.getJson(id);

    assertThat(task.at("/data/status").asText()).isEqualTo("FAILURE");
    assertThat(task.at("/data/fail_reason").asText()).contains("ASSET.INVALID");
    assertThat(task.at("/data/data").isNull()).isTrue();
  }

  @Test
  void wrappedFailure_shouldCarryTheCodeInside_whenItIsNested() {
    World world = new World("{\"shape\":\"wrapped\"}");
    world.fault("{\"on\":\"task\",\"action\":\"fail\",\"code\":\"INTERNAL.BAD_OUTPUT.CODE01\"}");
    String id = world.accepted(5);
    world.pass(5);

    JsonNode task = world.getJson(id);

    assertThat(task.at("/data/fail_reason").asText()).doesNotContain("CODE01");
    assertThat(task.at("/data/data/failureCode").asText()).isEqualTo("INTERNAL.BAD_OUTPUT.CODE01");
  }

  @Test
  void wrappedOutput_shouldLieWhereTheFormSays_whenItIsNotTheUsualOne() {
    for (Map.Entry<String, String> form :
        Map.of(
                "list", "/data/data/output/0",
                "string", "/data/data/output",
                "objects", "/data/data/output/0/url",
                "result-url", "/data/result_url",
                "video-url", "/data/video_url",
                "fail-reason", "/data/fail_reason")
            .entrySet()) {
      World world = new World("{\"shape\":\"wrapped\"}");
      world.fault(
          "{\"on\":\"task\",\"action\":\"output-form\",\"value\":\"%s\"}".formatted(form.getKey()));
      String id = world.accepted(5);
      world.pass(5);

      assertThat(world.getJson(id).at(form.getValue()).asText())
          .as(form.getKey())
          .startsWith("http://provider/outputs/");
    }
  }

  @Test
  void wrapperBehind_shouldShowTheOutputUnderAnUnfinishedEnvelope_whenTheShapeIsWrapped() {
    World world = new World("{\"shape\":\"wrapped\"}");
    world.fault("{\"on\":\"get\",\"action\":\"wrapper-behind\"}");
    String id = world.accepted(5);
    world.pass(5);

    JsonNode task = world.getJson(id);

    assertThat(task.at("/data/status").asText()).isEqualTo("IN_PROGRESS");
    assertThat(task.at("/data/data/output")).hasSize(1);
  }

  @Test
  void fault_shouldBeRefusedWithASentence_whenItMakesNoSense() {
    for (String wrong :
        List.of(
            "{\"on\":\"submit\"}",
            "{\"action\":\"reset\"}",
            "{\"on\":\"submit\",\"action\":\"explode\"}",
            "{\"on\":\"submit\",\"action\":\"truncate\"}",
            "{\"on\":\"get\",\"action\":\"error\",\"times\":0}",
            "{\"on\":\"get\",\"action\":\"error\",\"skip\":-1}",
            "{\"on\":\"get\",\"action\":\"error\",\"status\":99}",
            "{\"on\":\"get\",\"action\":\"error\",\"style\":\"baroque\"}",
            "{\"on\":\"get\",\"action\":\"shape\"}",
            "{\"on\":\"task\",\"action\":\"throttle\"}",
            "{\"on\":\"task\",\"action\":\"output-form\",\"value\":\"song\"}",
            "{\"on\":\"output\",\"action\":\"wrong-pixels\",\"value\":\"4:3\"}",
            "{\"on\":\"get\",\"action\":\"error\",\"sed\":1}",
            "nonsense")) {
      assertThatThrownBy(() -> Json.read(wrong, Fault.class))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .isNotBlank();
    }
  }
}
