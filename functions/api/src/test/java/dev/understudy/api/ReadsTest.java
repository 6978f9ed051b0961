package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reading routes show. Every answer is validated against openapi.json on its way. */
class ReadsTest {

  private static final String SHA256 = "ab".repeat(32);

  private final TestApi api = new TestApi();

  private JsonNode shown(Task task) {
    var reply = api.get("/v1/tasks/" + task.id());
    assertThat(reply.status()).isEqualTo(200);
    return reply.json();
  }

  private static String status(JsonNode shown) {
    return shown.path("status").asText();
  }

  private Task succeeded() {
    return api.stack.change(
        api.stack.persisting().id(),
        t ->
            Changes.succeeded(
                t,
                api.stack.clock.instant(),
                new Output(t.deliverTo(), 1234, SHA256, t.reference().facts()),
                List.of("It has no sound.")));
  }

  private Task failed() {
    return api.stack.change(
        api.stack.submitted().id(),
        t ->
            Changes.failedByProvider(
                t,
                api.stack.clock.instant(),
                new Failure("SAFETY.INPUT.IMAGE", "Moderation refused it.")));
  }

  private Task edited(Consumer<ObjectNode> edit) {
    var json = (ObjectNode) Json.MAPPER.valueToTree(api.stack.newTask("default"));
    edit.accept(json);
    return api.stack.store(Json.MAPPER.convertValue(json, Task.class));
  }

  private TestApi.Reply query(String path, Map<String, String> parameters, String token) {
    var event = api.request("GET", path, token);
    var query = event.putObject("queryStringParameters");
    parameters.forEach(query::put);
    return api.send(event);
  }

  private TestApi.Reply list(Map<String, String> parameters) {
    return query("/v1/tasks", parameters, api.token);
  }

  private static List<String> ids(TestApi.Reply reply) {
    assertThat(reply.status()).isEqualTo(200);
    return reply.json().path("data").findValuesAsText("id");
  }

  // a task

  @ParameterizedTest
  @EnumSource(TaskStatus.class)
  void status_shouldBeOneOfRunways_whateverATaskIs(TaskStatus status) {
    for (var place : List.of(true, false)) {
      for (var said : List.of("PENDING", "THROTTLED", "RUNNING", "", "CANCELLED", "whatever")) {
        var shown = RunwayStatus.of(status, place, said);

        assertThat(shown.ours()).contains(status);
        assertThat(shown == RunwayStatus.CANCELLED).isEqualTo(status == TaskStatus.CANCELLED);
      }
      assertThat(RunwayStatus.of(status, place, null)).isNotNull();
    }
  }

  @Test
  void get_shouldShowThrottled_whenATaskWaits() {
    var task = api.stack.waiting();

    var shown = shown(task);

    assertThat(status(shown)).isEqualTo("THROTTLED");
    assertThat(shown.path("estimatedCost").path("credits").asInt()).isEqualTo(40);
    assertThat(shown.has("cost")).isFalse();
    assertThat(shown.path("createdAt").asText()).isEqualTo("2026-11-21T12:00:00.000Z");
    var more = shown.path("understudy");
    assertThat(more.path("status").asText()).isEqualTo("QUEUED");
    assertThat(more.path("waitingSince").asText()).isEqualTo("2026-11-21T12:00:00.000Z");
    assertThat(more.path("charged").asText()).isEqualTo("no");
    assertThat(more.path("sentence").asText()).isEqualTo(task.sentence());
    assertThat(more.path("character").path("key").asText()).isEqualTo(task.character().key());
    assertThat(more.path("character").path("facts").path("contentType").asText())
        .isEqualTo("image/png");
    assertThat(more.path("reference").path("facts").path("durationSeconds").asDouble())
        .isEqualTo(4);
  }

  @Test
  void get_shouldShowPending_whenATaskIsOnItsWay() {
    assertThat(status(shown(api.stack.admitted()))).isEqualTo("PENDING");
    assertThat(status(shown(api.stack.submitting()))).isEqualTo("PENDING");
    assertThat(status(shown(api.stack.submitted()))).isEqualTo("PENDING");
    var unknown = shown(api.stack.unknown());
    assertThat(status(unknown)).isEqualTo("PENDING");
    assertThat(unknown.path("understudy").path("charged").asText()).isEqualTo("unknown");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PENDING", "THROTTLED", "RUNNING"})
  void get_shouldShowWhatTheProviderSays_whenItHasTheTask(String said) {
    var task = edited(json -> json.put("status", "SUBMITTED").put("providerStatus", said));

    var shown = shown(task);

    assertThat(status(shown)).isEqualTo(said);
    assertThat(shown.has("progress")).isEqualTo(said.equals("RUNNING"));
  }

  @Test
  void get_shouldShowProgress_whenATaskRuns() {
    var rendering =
        edited(json ->
            json.put("status", "SUBMITTED").put("providerStatus", "RUNNING").put("progress", 0.4));

    assertThat(shown(rendering).path("progress").asDouble()).isEqualTo(0.4);
    var persisting = shown(api.stack.persisting());
    assertThat(status(persisting)).isEqualTo("RUNNING");
    assertThat(persisting.path("progress").asDouble()).isEqualTo(1);
  }

  @Test
  void get_shouldShowTheVideoUnderAFreshAddress_whenATaskHasSucceeded() {
    var task = succeeded();

    var first = shown(task);
    var second = shown(task);

    assertThat(status(first)).isEqualTo("SUCCEEDED");
    assertThat(first.path("output").path(0).asText()).contains(task.deliverTo());
    assertThat(second.path("output")).isNotEqualTo(first.path("output"));
    assertThat(first.path("cost").path("credits").asInt()).isEqualTo(40);
    assertThat(first.has("estimatedCost")).isFalse();
    var more = first.path("understudy");
    assertThat(more.path("output").path("bucket").asText()).isEqualTo(TestApi.BUCKET);
    assertThat(more.path("output").path("sha256").asText()).isEqualTo(SHA256);
    assertThat(more.path("warnings").path(0).asText()).isEqualTo("It has no sound.");
    assertThat(more.has("endedAt")).isTrue();
    assertThat(more.has("waitingSince")).isFalse();
  }

  @Test
  void get_shouldSayWhyAndWhatItCost_whenATaskHasFailed() {
    var shown = shown(failed());

    assertThat(status(shown)).isEqualTo("FAILED");
    assertThat(shown.path("failure").asText()).isEqualTo("Moderation refused it.");
    assertThat(shown.path("failureCode").asText()).isEqualTo("SAFETY.INPUT.IMAGE");
    assertThat(shown.path("cost").path("credits").asInt()).isEqualTo(40);
    assertThat(shown.has("estimatedCost")).isFalse();
    assertThat(shown.path("understudy").path("charged").asText()).isEqualTo("unknown");
  }

  @Test
  void get_shouldCostNothing_whenATaskWasRefusedBeforeItWasPaid() {
    var task =
        api.stack.change(
            api.stack.submitting().id(),
            t ->
                Changes.rejected(
                    t,
                    api.stack.clock.instant(),
                    new Failure(Failure.REQUEST_REJECTED, "It was refused.")));

    var shown = shown(task);

    assertThat(shown.path("cost").path("credits").asInt()).isZero();
    assertThat(shown.path("understudy").path("charged").asText()).isEqualTo("no");
  }

  @Test
  void get_shouldShowWhatStandsInTheWay_whenATaskIsStalled() {
    var task =
        api.stack.change(
            api.stack.persisting().id(),
            t ->
                Changes.stalled(
                    t,
                    api.stack.clock.instant(),
                    Stall.Reason.NOT_DELIVERED,
                    "The bucket refused it.",
                    api.stack.settings));

    var stall = shown(task).path("understudy").path("stall");

    assertThat(stall.path("reason").asText()).isEqualTo("NOT_DELIVERED");
    assertThat(stall.path("sentence").asText()).isEqualTo("The bucket refused it.");
  }

  @Test
  void get_shouldLeaveOutWhatIsNotKnown_whenInputsAreCallersAddresses() {
    var task =
        edited(json -> {
          json.putObject("character").put("name", "hero.png");
          json.putObject("reference").put("name", "scene.mp4");
          json.putObject("callerUris")
              .put("character", "https://example.com/hero.png?secret")
              .put("reference", "https://example.com/scene.mp4?secret");
        });

    var reply = api.get("/v1/tasks/" + task.id());

    assertThat(reply.json().path("understudy").path("character"))
        .isEqualTo(Json.MAPPER.createObjectNode().put("name", "hero.png"));
    assertThat(reply.body()).doesNotContain("secret").doesNotContain("example.com");
  }

  @Test
  void get_shouldAnswer404_whenATaskIsNotThereForTheCaller() {
    var hidden = edited(json -> json.put("hiddenAt", "2026-11-21T12:00:00.000Z"));
    var cancelled =
        api.stack.change(
            api.stack.waiting().id(), t -> Changes.cancelled(t, api.stack.clock.instant()));
    var anothers = api.stack.waiting("other");
    var none = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

    for (var what : List.of("", "/output", "/history")) {
      var missing = api.get("/v1/tasks/" + none + what);
      assertThat(missing.status()).isEqualTo(404);
      for (var task : List.of(hidden, cancelled, anothers)) {
        assertThat(api.get("/v1/tasks/" + task.id() + what)).isEqualTo(missing);
      }
      for (var task : List.of(hidden, cancelled)) {
        assertThat(api.call("GET", "/v1/tasks/" + task.id() + what, api.adminToken))
            .isEqualTo(missing);
      }
    }
  }

  @Test
  void get_shouldShowEveryTenantsTask_whenTheCallerIsAnAdministrator() {
    var task = api.stack.waiting("other");

    assertThat(api.call("GET", "/v1/tasks/" + task.id(), api.adminToken).status()).isEqualTo(200);
    assertThat(api.call("GET", "/v1/tasks/" + task.id(), api.otherToken).status()).isEqualTo(200);
  }

  @Test
  void get_shouldReadTheTableOnce_whenTheTokenIsKnown() {
    var task = api.stack.waiting();
    shown(task);
    api.stack.faults.reset();

    shown(task);

    assertThat(api.stack.faults.calls()).containsExactly("find");
  }

  // the link

  @Test
  void output_shouldLeadToTheVideo_whenItIsThere() {
    var task = succeeded();

    var reply = api.get("/v1/tasks/" + task.id() + "/output");

    assertThat(reply.status()).isEqualTo(302);
    assertThat(reply.headers().get("location")).contains(task.deliverTo());
    assertThat(api.get("/v1/tasks/" + task.id() + "/output").headers().get("location"))
        .isNotEqualTo(reply.headers().get("location"));
  }

  @Test
  void output_shouldSaySo_whenThereIsNone() {
    for (var task : List.of(api.stack.waiting(), failed())) {
      var reply = api.get("/v1/tasks/" + task.id() + "/output");

      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.headers()).containsEntry("x-should-retry", "false");
      assertThat(reply.json().path("error").asText()).contains(task.id());
    }
  }

  // lists

  @Test
  void list_shouldShowTheYoungestFirst_whenItIsPagedThrough() {
    var made = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(api.stack.waiting().id());
      api.stack.clock.advance(Duration.ofMillis(1));
    }
    api.stack.waiting("other");
    var seen = new ArrayList<String>();

    var page = list(Map.of("limit", "2"));
    while (page.json().has("nextCursor")) {
      seen.addAll(ids(page));
      api.stack.waiting();
      page = list(Map.of("limit", "2", "cursor", page.json().path("nextCursor").asText()));
    }
    seen.addAll(ids(page));

    assertThat(seen).containsExactlyElementsOf(made);
  }

  @Test
  void list_shouldShowATaskInShort_whenItIsListed() {
    var task = edited(json -> json.putArray("tags").add("pilot"));

    var entry = list(Map.of()).json().path("data").path(0);

    assertThat(status(entry)).isEqualTo("THROTTLED");
    assertThat(entry.path("understudy").path("status").asText()).isEqualTo("QUEUED");
    assertThat(entry.path("understudy").path("sentence").asText()).isEqualTo(task.sentence());
    assertThat(entry.path("understudy").path("tags").path(0).asText()).isEqualTo("pilot");
  }

  @Test
  void list_shouldBeFiltered_whenAStatusOrATagIsAskedFor() {
    var waiting = edited(json -> json.putArray("tags").add("pilot")).id();
    var admitted = api.stack.admitted().id();
    var running =
        edited(json -> json.put("status", "SUBMITTED").put("providerStatus", "RUNNING")).id();
    var succeeded = succeeded().id();

    assertThat(ids(list(Map.of("status", "THROTTLED")))).containsExactly(waiting);
    assertThat(ids(list(Map.of("status", "PENDING")))).containsExactly(admitted);
    assertThat(ids(list(Map.of("status", "RUNNING")))).containsExactly(running);
    assertThat(ids(list(Map.of("status", "SUCCEEDED")))).containsExactly(succeeded);
    assertThat(ids(list(Map.of("status", "CANCELLED")))).isEmpty();
    assertThat(ids(list(Map.of("status", "QUEUED")))).containsExactlyInAnyOrder(waiting, admitted);
    assertThat(ids(list(Map.of("tag", "pilot")))).containsExactly(waiting);
    assertThat(ids(list(Map.of("tag", "none")))).isEmpty();
  }

  @Test
  void list_shouldBeATenantsOwn_whenTheCallerIsNoAdministrator() {
    var anothers = api.stack.waiting("other").id();
    var own = api.stack.waiting().id();

    assertThat(ids(list(Map.of()))).containsExactly(own);
    assertThat(ids(list(Map.of("tenant", "default")))).containsExactly(own);
    assertThat(list(Map.of("tenant", "other")).status()).isEqualTo(403);
    assertThat(ids(query("/v1/tasks", Map.of("tenant", "other"), api.adminToken)))
        .containsExactly(anothers);
    assertThat(ids(query("/v1/tasks", Map.of(), api.adminToken))).isEmpty();
  }

  @Test
  void list_shouldBeReadOnce_whenTheTokenIsKnown() {
    list(Map.of());
    api.stack.faults.reset();

    list(Map.of("status", "PENDING"));

    assertThat(api.stack.faults.calls()).containsExactly("list");
  }

  @Test
  void list_shouldRefuseACursor_whenItIsAnothersOrMangled() {
    api.stack.waiting();
    api.stack.waiting("other");
    api.stack.waiting("other");
    var foreign =
        query("/v1/tasks", Map.of("limit", "1"), api.otherToken).json().path("nextCursor").asText();
    assertThat(foreign).isNotEmpty();
    var mangled = foreign.substring(1) + "A";

    for (var cursor : List.of(foreign, mangled, "", "A", "ä", "=", "x".repeat(10_000))) {
      var reply = list(Map.of("cursor", cursor));
      assertThat(reply.status()).as(cursor).isEqualTo(400);
      assertThat(reply.json().path("issues").path(0).path("path").path(0).asText())
          .isEqualTo("cursor");
    }
    assertThat(query("/v1/tasks", Map.of("cursor", foreign), api.otherToken).status())
        .isEqualTo(200);
  }

  @Test
  void list_shouldRefuseACursor_whenItsPositionIsForged() {
    for (var position :
        List.of("1 2", "x", "99999999999999999999 a", "1 " + "a".repeat(36) + " ")) {
      assertThat(list(Map.of("cursor", Cursor.of("tasks of default", position))).status())
          .isEqualTo(400);
    }
  }

  @Test
  void list_shouldRefuseParameters_whenTheyCannotBeUsed() {
    for (var limit : List.of("", "0", "101", "-1", "1.0", "1,2", "a", "٣", "9".repeat(10_000))) {
      assertThat(list(Map.of("limit", limit)).status()).as(limit).isEqualTo(400);
    }
    for (var status : List.of("", "queued", "DONE", "QUEUED,FAILED")) {
      assertThat(list(Map.of("status", status)).status()).as(status).isEqualTo(400);
    }
    assertThat(list(Map.of("tag", "")).status()).isEqualTo(400);
    assertThat(list(Map.of("tag", "x".repeat(65))).status()).isEqualTo(400);
    assertThat(query("/v1/tasks", Map.of("tenant", "A B"), api.adminToken).status()).isEqualTo(400);
  }

  // the history

  @Test
  void history_shouldTellEachChange_whenItIsPagedThrough() {
    var task = api.stack.submitted();
    var path = "/v1/tasks/" + task.id() + "/history";

    var first = query(path, Map.of("limit", "3"), api.token);
    var cursor = first.json().path("nextCursor").asText();
    var second = query(path, Map.of("limit", "3", "cursor", cursor), api.token);

    assertThat(first.json().path("data").findValuesAsText("status"))
        .containsExactly("QUEUED", "QUEUED", "SUBMITTING");
    assertThat(first.json().path("data").findValuesAsText("version"))
        .containsExactly("1", "2", "3");
    assertThat(second.json().path("data").findValuesAsText("status")).containsExactly("SUBMITTED");
    assertThat(second.json().has("nextCursor")).isFalse();
    assertThat(second.json().path("data").path(0).path("sentence").asText())
        .isEqualTo(task.sentence());
  }

  @Test
  void history_shouldRefuseACursor_whenItIsAnotherTasks() {
    var one = api.stack.submitted();
    var two = api.stack.submitted();
    var cursor =
        query("/v1/tasks/" + one.id() + "/history", Map.of("limit", "1"), api.token)
            .json()
            .path("nextCursor")
            .asText();

    assertThat(
            query("/v1/tasks/" + two.id() + "/history", Map.of("cursor", cursor), api.token)
                .status())
        .isEqualTo(400);
  }

  // money

  @Test
  void usage_shouldShowMoneyAndPlaces_whenTasksAreOnTheirWay() {
    api.stack.waiting();
    api.stack.submitted();
    api.stack.unknown();
    api.stack.waiting("other");

    var usage = api.get("/v1/usage");

    assertThat(usage.json().path("month").asText()).isEqualTo("2026-11");
    assertThat(usage.body())
        .contains(
            "\"capUsd\":100.00,\"reservedUsd\":0.40,\"chargedUsd\":0.40,\"unknownUsd\":0.40,\"remainingUsd\":98.80");
    assertThat(usage.json().path("places").toString())
        .isEqualTo("{\"inFlight\":1,\"waiting\":1,\"maxInFlight\":5}");
  }

  @Test
  void usage_shouldShowTheTenantsOwnLimits_whenItHasSome() {
    api.stack.table.cap("default", 50);
    api.stack.table.limit("default", 2);
    api.stack.waiting();

    var usage = api.get("/v1/usage").json();

    assertThat(usage.path("capUsd").asDouble()).isEqualTo(0.5);
    assertThat(usage.path("remainingUsd").asDouble()).isEqualTo(0.1);
    assertThat(usage.path("places").path("maxInFlight").asInt()).isEqualTo(2);
  }

  @Test
  void usage_shouldShowAnotherMonth_whenItIsAskedFor() {
    api.stack.waiting();

    var past = query("/v1/usage", Map.of("month", "2026-10"), api.token).json();

    assertThat(past.path("reservedUsd").asDouble()).isZero();
    for (var month : List.of("", "2026", "2026-13", "2026-1", "x".repeat(10_000), "2026-11#")) {
      assertThat(query("/v1/usage", Map.of("month", month), api.token).status())
          .as(month)
          .isEqualTo(400);
    }
  }
}
