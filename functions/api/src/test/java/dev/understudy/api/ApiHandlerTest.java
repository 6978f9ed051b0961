package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.testing.Faults.Moment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiHandlerTest {

  private static final Route ECHO =
      Route.tenant("POST", "/echo", (call, caller, id) -> Answer.ok(JsonBody.object(call)));
  private static final Route ADMINS =
      Route.admin("GET", "/admins", (call, caller, id) -> Answer.ok(Map.of("who", caller.who())));

  private final TestApi api = new TestApi(List.of(ECHO, ADMINS));

  private static String error(TestApi.Reply reply) {
    return reply.json().path("error").asText();
  }

  private TestApi.Reply undocumented(ObjectNode event) {
    return api.send(event.toString().getBytes(StandardCharsets.UTF_8));
  }

  // the gateway's events

  @Test
  void rehearsal_shouldOrderLookAtAndListTasksOfItsStage() throws IOException {
    assertThat(ApiHandler.rehearsal().rehearse(1))
        .contains(
            "DynamoDB_20120810.TransactWriteItems",
            "DynamoDB_20120810.GetItem",
            "DynamoDB_20120810.Query",
            "AWSStepFunctions.StartExecution");
  }

  @Test
  void handleRequest_shouldTakeTheOrder_whenTheEventIsTheGateways() {
    var reply = api.send(TestApi.event("api-create.json"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(api.stack.table.tasks())
        .singleElement()
        .satisfies(
            task -> assertThat(task.id()).isEqualTo(reply.json().path("id").asText()),
            task -> assertThat(task.request().seed()).isEqualTo(180_913));
  }

  @Test
  void handleRequest_shouldShowTheTask_whenTheEventIsTheGateways() {
    var task = api.stack.waiting();
    var event = TestApi.event("api-get-task.json");
    event.put("rawPath", "/v1/tasks/" + task.id());

    var reply = api.send(event);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("id").asText()).isEqualTo(task.id());
    assertThat(reply.json().path("status").asText()).isEqualTo("THROTTLED");
    assertThat(api.named).containsExactly(task.id());
  }

  @Test
  void handleRequest_shouldShowTheTask_whenTheEventIsSamLocals() {
    var task = api.stack.waiting();
    var event = api.request("GET", "/v1/tasks/" + task.id(), "");
    event.putObject("headers").put("Authorization", "Bearer " + api.token).put("Host", "x:3000");
    event.put("body", "").putNull("cookies").putNull("pathParameters");
    ((ObjectNode) event.path("requestContext")).remove("domainName");

    assertThat(api.send(event).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/runwayml/v1"})
  void handleRequest_shouldServeBothPrefixes_whenAClientHasEither(String prefix) {
    var task = api.stack.waiting();

    assertThat(api.get(prefix + "/tasks/" + task.id()).status()).isEqualTo(200);
    assertThat(api.get(prefix + "/tasks/" + task.id() + "/").status()).isEqualTo(200);
    assertThat(api.get(prefix + "/health").status()).isEqualTo(200);
  }

  @Test
  void handleRequest_shouldLeaveTheStageOut_whenItIsInThePath() {
    var task = api.stack.waiting();
    var event = api.request("GET", "/prod/v1/tasks/" + task.id(), api.token);
    ((ObjectNode) event.path("requestContext")).put("stage", "prod");

    assertThat(undocumented(event).status()).isEqualTo(200);
  }

  @Test
  void handleRequest_shouldReadTheBody_whenItComesInBase64() {
    var event = api.request("POST", "/v1/echo", api.token);
    ((ObjectNode) event.path("headers")).put("content-type", "application/json");
    event
        .put(
            "body",
            Base64.getEncoder().encodeToString("{\"ä\":1}".getBytes(StandardCharsets.UTF_8)))
        .put("isBase64Encoded", true);

    assertThat(undocumented(event).body()).isEqualTo("{\"ä\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "no json", "{\"requestContext\":{\"http\":1}}"})
  void handleRequest_shouldAnswer400_whenTheEventIsNone(String event) {
    var reply = api.send(event.getBytes(StandardCharsets.UTF_8));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(error(reply)).isNotEmpty();
  }

  // who calls

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "understudy_0000000000000000000000000000000000000000001",
        "Bearer sk-1234",
        "Bearer understudy_000000000000000000000000000000000000000000",
        "Bearer understudy_00000000000000000000000000000000000000000012",
        "Bearer understudy_000000000000000000000000000000000000000000!",
        "Bearer understudy_0000000000000000000000000000000000000000001, Bearer x",
        "Bearer\tunderstudy_0000000000000000000000000000000000000000001"
      })
  void handleRequest_shouldAnswer401WithoutALookup_whenTheHeaderIsNotAToken(String header) {
    var event = api.request("GET", "/v1/tasks", "");
    ((ObjectNode) event.path("headers")).put("authorization", header);

    var reply = api.send(event);

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.headers()).containsEntry("www-authenticate", "Bearer");
    assertThat(reply.body()).isEqualTo(api.call("GET", "/v1/none", "").body());
    assertThat(api.stack.faults.calls()).doesNotContain("token");
  }

  @Test
  void handleRequest_shouldAnswer401_whenTheTokenIsNotKnownOrBeyondAllLength() {
    var unknown = "understudy_" + "z".repeat(43);

    assertThat(api.call("GET", "/v1/tasks", unknown).status()).isEqualTo(401);
    assertThat(api.call("GET", "/v1/tasks", "understudy_" + "z".repeat(10_000)).status())
        .isEqualTo(401);
    assertThat(api.call("GET", "/v1/tasks", unknown).body()).doesNotContain("zzz");
  }

  @Test
  void handleRequest_shouldTakeTheScheme_whenItIsWrittenInAnyCase() {
    var event = api.request("GET", "/v1/tasks", "");
    ((ObjectNode) event.path("headers")).put("authorization", " bEARER  " + api.token + " ");

    assertThat(api.send(event).status()).isEqualTo(200);
  }

  @Test
  void handleRequest_shouldLookATokenUpOnce_whenItIsFoundAgainWithinAMinute() {
    api.get("/v1/tasks");
    api.stack.clock.advance(Duration.ofSeconds(59));
    api.get("/v1/tasks");
    assertThat(api.stack.faults.calls()).containsOnlyOnce("token");

    api.stack.clock.advance(Duration.ofSeconds(1));
    api.tokens.revoke(api.token);

    assertThat(api.get("/v1/tasks").status()).isEqualTo(401);
  }

  @Test
  void handleRequest_shouldLookUpEachTime_whenATokenIsNotThere() {
    var late = "understudy_" + "%043d".formatted(4);
    assertThat(api.call("GET", "/v1/tasks", late).status()).isEqualTo(401);

    assertThat(api.tokens.issue("late", false)).isEqualTo(late);

    assertThat(api.call("GET", "/v1/tasks", late).status()).isEqualTo(200);
  }

  @Test
  void handleRequest_shouldForgetTheEldest_whenManyTokensAreUsed() {
    var authentication = new Authentication(api.tokens, api.stack.clock);
    var first = Optional.of("Bearer " + api.token);
    authentication.caller(first);
    for (int i = 0; i < 1_000; i++) {
      authentication.caller(Optional.of("Bearer " + api.tokens.issue("many", false)));
    }
    api.stack.faults.reset();

    authentication.caller(first);

    assertThat(api.stack.faults.calls()).containsExactly("token");
  }

  @Test
  void handleRequest_shouldAnswer403_whenARouteIsForAdministrators() {
    assertThat(undocumented(api.request("GET", "/v1/admins", api.token)).status()).isEqualTo(403);
    assertThat(undocumented(api.request("GET", "/v1/admins", api.adminToken)).status())
        .isEqualTo(200);
  }

  @Test
  void handleRequest_shouldNeedNoToken_whenHealthOrTheDocumentIsAskedFor() {
    assertThat(api.call("GET", "/health", "").body()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(api.call("GET", "/openapi.json", "").json().path("openapi").asText())
        .startsWith("3.");
    assertThat(api.call("POST", "/health", "").status()).isEqualTo(401);
    assertThat(api.call("POST", "/health", api.token).status()).isEqualTo(405);
    assertThat(api.stack.faults.calls()).containsExactly("token");
  }

  // what is asked for

  @ParameterizedTest
  @ValueSource(strings = {"image_to_video", "text_to_image", "organization", "tasks/a/b/c/d"})
  void handleRequest_shouldSayWhatThisServiceDoes_whenARouteIsRunwaysOnly(String route) {
    var reply = api.call("POST", "/v1/" + route, api.token);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(error(reply)).contains("character_performance").contains("second client");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "", "/tasks", "/v2/tasks", "/v1", "/v1x/tasks", "//v1/tasks"})
  void handleRequest_shouldSayWhereRoutesAre_whenAnAddressIsNotBelowAPrefix(String path) {
    var reply = undocumented(api.request("GET", path, api.token));

    assertThat(reply.status()).isEqualTo(404);
    assertThat(error(reply)).contains("/v1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "PATCH", "HEAD", "OPTIONS", "get", "BREW"})
  void handleRequest_shouldNameTheMethods_whenAnotherIsUsed(String method) {
    var event = api.request(method, "/v1/usage", api.token);

    var reply = undocumented(event);

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.headers()).containsEntry("allow", "GET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "..",
        ".",
        "%2e%2e",
        "%2E",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7%00",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7\n",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7 ",
        "7C9E6679-7425-40DE-944B-E07FC1F90AE7",
        "{7c9e6679-7425-40de-944b-e07fc1f90ae7}",
        "7c9e6679742540de944be07fc1f90ae7",
        "TASK#1",
        "\u0000",
        "ééé",
        "\ud83d"
      })
  void handleRequest_shouldAnswer404WithoutALookup_whenAnIdIsNoUuid(String id) {
    var reply = api.get("/v1/tasks/" + id);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(api.stack.faults.calls()).doesNotContain("find");
    assertThat(api.get("/v1/tasks/" + "a".repeat(10_000)).body()).isEqualTo(reply.body());
    assertThat(api.get("/v1/tasks/a/../b").status()).isEqualTo(404);
    assertThat(api.named).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json, application/json"
      })
  void handleRequest_shouldAnswer415_whenABodyIsNotCalledJson(String type) {
    var event = api.request("POST", "/v1/echo", api.token).put("body", "{}");
    ((ObjectNode) event.path("headers")).put("content-type", type);

    assertThat(undocumented(event).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "Application/JSON ; charset=utf-8"})
  void handleRequest_shouldTakeTheBody_whenItIsCalledJson(String type) {
    var event = api.request("POST", "/v1/echo", api.token).put("body", "{}");
    ((ObjectNode) event.path("headers")).put("content-type", type);

    assertThat(undocumented(event).status()).isEqualTo(200);
  }

  @Test
  void handleRequest_shouldMindNoBody_whenTheRouteTakesNone() {
    var event = api.request("GET", "/v1/usage", api.token).put("body", "what?");
    ((ObjectNode) event.path("headers")).put("content-type", "text/plain");

    assertThat(api.send(event).status()).isEqualTo(200);
  }

  // what fails

  @Test
  void handleRequest_shouldAnswer503_whenTheTableDoesNotAnswer() {
    var task = api.stack.waiting();
    api.stack.faults.failAt(Moment.BEFORE, "find");

    var reply = api.get("/v1/tasks/" + task.id());

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.headers()).containsKey("retry-after");
  }

  @Test
  void handleRequest_shouldAnswer500WithTheRequestsId_whenThereIsABug() {
    var task = api.stack.waiting();
    api.stack.faults.at(
        Moment.BEFORE,
        "find",
        () -> {
          throw new IllegalStateException("what only the log may say");
        });

    var reply = api.get("/v1/tasks/" + task.id());

    assertThat(reply.status()).isEqualTo(500);
    assertThat(error(reply)).contains("request-1").doesNotContain("only the log");
  }
}
