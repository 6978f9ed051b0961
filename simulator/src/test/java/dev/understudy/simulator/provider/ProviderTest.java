package dev.understudy.simulator.provider;

import static dev.understudy.simulator.provider.World.answer;
import static dev.understudy.simulator.provider.World.json;
import static dev.understudy.simulator.provider.World.text;
import static dev.understudy.simulator.provider.World.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProviderTest {
  @Test
  void bareTask_shouldPassThroughRunwaysStatuses_whenNothingGoesWrong() {
    World world = new World();

    String id = json(world.submit(1)).get("id").asText();

    assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    assertThat(world.getJson(id).toString())
        .isEqualTo(
            "{\"id\":\"%s\",\"status\":\"PENDING\",\"createdAt\":\"2026-11-21T08:00:00Z\"}"
                .formatted(id));
    world.pass(2);
    assertThat(world.getJson(id).get("status").asText()).isEqualTo("RUNNING");
    assertThat(world.getJson(id).get("progress").asDouble()).isEqualTo(0.4);
    world.pass(3);
    JsonNode done = world.getJson(id);
    assertThat(done.get("status").asText()).isEqualTo("SUCCEEDED");
    Reply.Answer video = answer(world.provider.output(token(done.get("output").get(0))));
    assertThat(video.status()).isEqualTo(200);
    assertThat(video.headers()).containsEntry("Content-Type", "video/mp4");
    assertThat(text(video.body())).isEqualTo("a video of " + id);
  }

  @Test
  void wrappedTask_shouldKeepRunwaysTaskInside_whenTheShapeIsWrapped() {
    World world = new World("{\"shape\":\"wrapped\"}");
    String id = json(world.submit(1)).get("id").asText();
    assertThat(id).startsWith("task_");

    JsonNode queued = world.getJson(id);
    world.pass(2);
    JsonNode running = world.getJson(id);
    world.pass(3);
    JsonNode done = world.getJson(id);

    assertThat(queued.at("/code").asText()).isEqualTo("success");
    assertThat(queued.at("/data/task_id").asText()).isEqualTo(id);
    assertThat(queued.at("/data/status").asText()).isEqualTo("SUBMITTED");
    assertThat(queued.at("/data/finish_time").asLong()).isZero();
    assertThat(running.at("/data/status").asText()).isEqualTo("IN_PROGRESS");
    assertThat(running.at("/data/progress").asText()).isEqualTo("40%");
    assertThat(running.at("/data/data/progress").asDouble()).isEqualTo(0.4);
    assertThat(done.at("/data/status").asText()).isEqualTo("SUCCESS");
    assertThat(done.at("/data/data/status").asText()).isEqualTo("SUCCEEDED");
    assertThat(done.at("/data/data/id").asText()).isNotEqualTo(id);
    assertThat(done.at("/data/data/createdAt").asText()).endsWith("+08:00");
    assertThat(answer(world.provider.output(token(done.at("/data/data/output/0")))).status())
        .isEqualTo(200);
  }

  @Test
  void queue_shouldThrottleWhatIsAboveTheConcurrency_whenMoreComeThanItTakes() {
    World world = new World("{\"concurrency\":2}");
    String first = world.accepted(1);
    String second = world.accepted(2);
    world.pass(1);
    String third = world.accepted(3);
    String fourth = world.accepted(4);

    assertThat(statuses(world, first, second, third, fourth))
        .containsExactly("RUNNING", "RUNNING", "THROTTLED", "THROTTLED");
    world.pass(4);
    assertThat(statuses(world, first, second, third, fourth))
        .containsExactly("SUCCEEDED", "SUCCEEDED", "PENDING", "PENDING");
    assertThat(world.provider.ledger(null).maxConcurrent()).isEqualTo(4);
  }

  @Test
  void queue_shouldStartTasksAtTheMomentAPlaceCameFree_whenNobodyLookedForAWhile() {
    World world = new World("{\"concurrency\":1}");
    String first = world.accepted(1);
    String second = world.accepted(2);

    world.pass(100);

    List<Ledger.TaskEntry> tasks = world.provider.ledger(null).tasks();
    assertThat(tasks).extracting(Ledger.TaskEntry::id).containsExactly(first, second);
    assertThat(tasks.get(1).startedAt()).isEqualTo(tasks.get(0).finishedAt());
    assertThat(tasks.get(1).finishedAt()).isEqualTo(Instant.parse("2026-11-21T08:00:10Z"));
  }

  @Test
  void queue_shouldTakeMoreAtOnce_whenTheConcurrencyIsRaised() {
    World world = new World("{\"concurrency\":1}");
    String first = world.accepted(1);
    String second = world.accepted(2);
    world.pass(1);

    world.provider.change("{\"concurrency\":2}");
    world.pass(1);

    assertThat(statuses(world, first, second)).containsExactly("RUNNING", "RUNNING");
    assertThat(world.provider.ledger(2L).tasks().getFirst().startedAt())
        .isEqualTo(Instant.parse("2026-11-21T08:00:01Z"));
  }

  @Test
  void renderVariation_shouldDependOnTheSeedOnly_whenSet() {
    World one = new World("{\"renderVariation\":0.5,\"concurrency\":9}");
    World other = new World("{\"renderVariation\":0.5,\"concurrency\":9}");
    for (long seed = 1; seed <= 9; seed++) {
      one.accepted(seed);
      other.accepted(10 - seed);
    }
    one.pass(60);
    other.pass(60);

    List<Duration> times =
        one.provider.ledger(null).tasks().stream().map(ProviderTest::time).toList();
    assertThat(times).doesNotHaveDuplicates();
    assertThat(times).allMatch(t -> t.toMillis() >= 2500 && t.toMillis() <= 7500);
    assertThat(other.provider.ledger(null).tasks().reversed().stream().map(ProviderTest::time))
        .containsExactlyElementsOf(times);
  }

  @Test
  void get_shouldAnswerTaskNotExist_whenTheTaskIsUnknownOrNotVisibleYet() {
    World world = new World("{\"notVisibleSeconds\":10}");
    String id = world.accepted(1);

    assertThat(answer(world.get("nobody")).status()).isEqualTo(400);
    assertThat(text(answer(world.get(id)).body()))
        .isEqualTo("{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}");
    world.pass(10);
    assertThat(answer(world.get(id)).status()).isEqualTo(200);
    assertThat(world.provider.ledger(null).tasks().getFirst().gets()).hasSize(2);
  }

  @Test
  void success_shouldComeWithoutOutput_whenTheOutputIsLate() {
    World world = new World("{\"lateOutputSeconds\":3}");
    String id = world.accepted(1);
    world.pass(5);

    JsonNode early = world.getJson(id);
    world.pass(3);

    assertThat(early.get("status").asText()).isEqualTo("SUCCEEDED");
    assertThat(early.get("output")).isEmpty();
    assertThat(world.getJson(id).get("output")).hasSize(1);
  }

  @Test
  void outputUrl_shouldExpireAndBeFreshAtEachGet_whenItsLifeIsShort() {
    World world = new World("{\"urlLifeSeconds\":4}");
    String id = world.accepted(1);
    world.pass(5);
    String first = token(world.getJson(id).get("output").get(0));
    world.pass(4);
    String second = token(world.getJson(id).get("output").get(0));

    assertThat(first).isNotEqualTo(second);
    assertThat(answer(world.provider.output(first)).status()).isEqualTo(403);
    assertThat(answer(world.provider.output(second)).status()).isEqualTo(200);
    assertThat(answer(world.provider.output("made-up")).status()).isEqualTo(404);
    assertThat(world.provider.ledger(null).tasks().getFirst().downloads()).hasSize(2);
  }

  @Test
  void submit_shouldBeRefusedWithoutACharge_whenTheKeyIsWrongMissingOrRevoked() {
    World world = new World();
    Call wrong =
        new Call(Map.of("Authorization", "Bearer other"), World.BODY.formatted(1), "http://x");
    Call missing = new Call(Map.of(), World.BODY.formatted(1), "http://x");

    Reply.Answer refused = answer(world.provider.submit(wrong));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(json(refused).at("/error/type").asText()).isEqualTo("comet_api_error");
    assertThat(json(refused).at("/error/message").asText()).contains("(request id: ");
    assertThat(answer(world.provider.submit(missing)).status()).isEqualTo(401);
    world.provider.change("{\"keyRevoked\":true}");
    assertThat(answer(world.submit(1)).status()).isEqualTo(401);
    assertThat(answer(world.get("any")).status()).isEqualTo(401);

    Ledger ledger = world.provider.ledger(null);
    assertThat(ledger.charges()).isEmpty();
    assertThat(ledger.submits()).extracting(Ledger.Submit::outcome).containsOnly("refused 401");
    world.provider.change("{\"keyRevoked\":false}");
    assertThat(answer(world.submit(1)).status()).isEqualTo(200);
  }

  @Test
  void version_shouldBeRequiredOnPostAndCheckedOnGet_whenSent() {
    World world = new World();
    Map<String, String> key = Map.of("Authorization", "Bearer simulated-key");
    Map<String, String> old =
        Map.of("Authorization", "Bearer simulated-key", "X-Runway-Version", "2023-01-01");
    String id = world.accepted(1);

    assertThat(answer(world.provider.submit(new Call(key, World.BODY.formatted(2), ""))).status())
        .isEqualTo(400);
    assertThat(answer(world.provider.task(id, new Call(key, "", ""))).status()).isEqualTo(200);
    assertThat(answer(world.provider.task(id, new Call(old, "", ""))).status()).isEqualTo(400);
  }

  @Test
  void submit_shouldBeRefusedWithoutACharge_whenAnInputCannotBeFetched() {
    World world = new World();
    world.refusedInputs.put("/acting.mp4", "Failed to fetch asset. Received HTTP status 404.");

    Reply.Answer refused = answer(world.submit(1));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(json(refused).at("/issues/0/path").toString()).isEqualTo("[\"reference\",\"uri\"]");
    assertThat(json(refused).at("/issues/0/message").asText()).contains("404");
    assertThat(world.provider.ledger(null).charges()).isEmpty();
  }

  @Test
  void submit_shouldBeRefused_whenTheBodyIsNoJson() {
    World world = new World();

    assertThat(answer(world.provider.submit(World.call("{\"model\":"))).status()).isEqualTo(400);
    assertThat(answer(world.provider.submit(World.call(""))).status()).isEqualTo(400);
    assertThat(answer(world.provider.submit(World.call("[]"))).status()).isEqualTo(400);
    assertThat(world.provider.ledger(null).submits()).hasSize(3);
  }

  @Test
  void reference_shouldFailTheTaskAsInvalid_whenItIsTooShortOrTooLong() {
    for (int seconds : List.of(2, 31)) {
      World world = new World();
      world.length = Optional.of(Duration.ofSeconds(seconds));
      String id = world.accepted(1);
      world.pass(5);

      assertThat(world.getJson(id).get("status").asText()).isEqualTo("FAILED");
      assertThat(world.getJson(id).get("failureCode").asText()).isEqualTo("ASSET.INVALID");
      assertThat(world.provider.ledger(null).charges())
          .extracting(Ledger.Charge::refunded)
          .containsExactly(false);
    }
  }

  @Test
  void ledger_shouldShowChargesAndNothingSigned_whenTasksWereAccepted() {
    World world = new World();
    String id = world.accepted(17);
    var _ = world.submit(18);

    Ledger all = world.provider.ledger(null);
    Ledger mine = world.provider.ledger(17L);

    assertThat(all.charges()).hasSize(2);
    assertThat(mine.tasks()).hasSize(1);
    assertThat(mine.submits()).hasSize(1);
    assertThat(Json.write(mine.charges()))
        .isEqualTo(
            "[{\"providerTaskId\":\"%s\",\"seed\":17,\"at\":\"2026-11-21T08:00:00Z\",\"amountUsd\":0.40,\"refunded\":false}]"
                .formatted(id));
    assertThat(Json.write(all)).doesNotContain("X-Amz").contains("/acting.mp4");
  }

  @Test
  void charge_shouldBeRefundedAtTheTasksEnd_whenItFailsAndRefundsAreOn() {
    World world = new World("{\"refundOnFailure\":true}");
    world.fault("{\"seed\":1,\"on\":\"task\",\"action\":\"fail\"}");
    world.accepted(1);
    world.accepted(2);

    assertThat(world.provider.ledger(1L).charges().getFirst().refunded()).isFalse();
    world.pass(5);

    assertThat(world.provider.ledger(1L).charges().getFirst().refunded()).isTrue();
    assertThat(world.provider.ledger(2L).charges().getFirst().refunded()).isFalse();
  }

  @Test
  void reset_shouldForgetEverythingButTheSettings_whenAsked() {
    World world = new World("{\"renderSeconds\":1}");
    String id = world.accepted(1);
    world.fault("{\"on\":\"get\",\"action\":\"reset\",\"times\":-1}");

    world.provider.reset();

    assertThat(world.provider.ledger(null))
        .isEqualTo(new Ledger(List.of(), List.of(), List.of(), 0));
    assertThat(world.provider.faults()).isEmpty();
    assertThat(answer(world.get(id)).status()).isEqualTo(400);
    assertThat(world.provider.settings().renderSeconds()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void settings_shouldBeLeftAsTheyAre_whenAChangeIsNotValid() {
    World world = new World();

    for (String wrong :
        List.of(
            "{\"renderSecond\":1}",
            "{\"shape\":\"round\"}",
            "{\"concurrency\":0}",
            "{\"concurrency\":1.5}",
            "{\"urlLifeSeconds\":-1}",
            "[]",
            "")) {
      assertThatThrownBy(() -> world.provider.change(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(world.provider.settings()).isEqualTo(Settings.usual());
    assertThat(world.provider.change("{\"renderSeconds\":0.25}").renderSeconds())
        .isEqualTo(Duration.ofMillis(250));
  }

  private static Duration time(Ledger.TaskEntry task) {
    Instant started = task.startedAt();
    Instant finished = task.finishedAt();
    if (started == null || finished == null) {
      throw new AssertionError("The task has not ended: " + task);
    }
    return Duration.between(started, finished);
  }

  private static List<String> statuses(World world, String... ids) {
    return List.of(ids).stream().map(id -> world.getJson(id).get("status").asText()).toList();
  }

  @Test
  void usage_shouldHaveTheDocumentedShape_andCountWhatWasCharged() {
    World world = new World();
    world.accepted(1);
    world.fault("{\"on\":\"submit\",\"action\":\"rate-limit\"}");
    var _ = world.submit(2);
    world.fault("{\"on\":\"submit\",\"action\":\"reset-after-acceptance\"}");
    var _ = world.submit(3);
    world.pass(24 * 3600);
    world.accepted(4);

    Reply usage =
        world.provider.usage(
            "simulated-key", LocalDate.of(2026, 11, 21), LocalDate.of(2026, 11, 21));

    assertThat(World.json(usage))
        .isEqualTo(
            Json.parse(
                    """
                    {"username":"simulated","total_quota":-1,"total_used_quota":1.20,"request_count":3,
                     "keys":[{"name":"simulated","remain_quota":-1,"used_quota":1.20}],
                     "daily_quota":{"2026-11-21":[{"token_name":"simulated","quota_used":0.80,"request_count":2}]}}
                    """)
                .orElseThrow());
  }

  @Test
  void usage_shouldBeDenied_whenTheKeyIsAnother() {
    Reply usage =
        new World().provider.usage("another", LocalDate.of(2026, 11, 21), LocalDate.EPOCH);

    assertThat(World.answer(usage).status()).isEqualTo(401);
  }
}
