package dev.understudy.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.InMemoryBucket;
import dev.understudy.core.testing.InMemoryTokens;
import dev.understudy.simulation.Invocation.Function;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Programs and people with a token: they order through Runway's SDKs, which send a failing create
 * three times and tell the sends apart by nothing but a count, take back what they ordered, and
 * decide what only a person can.
 */
final class Clients {

  /** The sends of one call of an SDK. */
  private static final int SENDS = 3;

  private final World world;
  private final Functions functions;
  private final Watch watch;
  private final ProviderSide provider;
  private final InMemoryBucket bucket;
  private final Map<String, String> tokens = new HashMap<>();
  private final String admin;

  /** By tag, the calls that were made and the ids they were answered with. */
  private final Map<String, Integer> calls = new HashMap<>();

  private final Map<String, List<String>> answers = new HashMap<>();

  Clients(
      World world,
      Functions functions,
      Watch watch,
      ProviderSide provider,
      InMemoryBucket bucket,
      InMemoryTokens issued) {
    this.world = world;
    this.functions = functions;
    this.watch = watch;
    this.provider = provider;
    this.bucket = bucket;
    for (var tenant : List.of("acme", "beta")) {
      tokens.put(tenant, issued.issue(tenant, false));
    }
    this.admin = issued.issue("studio", true);
  }

  private static final Set<TaskStatus> ENDED_UNPAID =
      EnumSet.of(TaskStatus.FAILED, TaskStatus.CANCELLED);

  /** One call of the SDK's create, or two of the very same. */
  void order(int number) {
    var tenant = world.fate.nextBoolean() ? "acme" : "beta";
    var tag = "call%d".formatted(number);
    boolean inBucket = world.chance(0.3);
    if (inBucket) {
      bucket.upload("incoming/api/%s/%s.png".formatted(tenant, tag), Clips.png());
    }
    var body = Json.MAPPER.createObjectNode();
    body.put("model", "act_two");
    body.putObject("character")
        .put("type", "image")
        .put(
            "uri",
            inBucket
                ? "s3://understudy/incoming/api/%s/%s.png".formatted(tenant, tag)
                : theirs(tag + ".png"));
    body.putObject("reference").put("type", "video").put("uri", theirs(tag + ".mp4"));
    body.putArray("tags").add(tag);
    if (world.chance(0.2)) {
      body.put("seed", number);
    }
    boolean keyed = world.chance(0.2);
    int times = body.has("seed") || keyed ? 1 : 1 + world.fate.nextInt(2);
    for (int i = 0; i < times; i++) {
      calls.merge(tag, 1, Integer::sum);
      world.in(
          world.upTo(Duration.ofSeconds(20)), () -> send(tenant, tag, body, keyed ? tag : null, 0));
    }
  }

  /** An address that a caller has signed. */
  static String theirs(String file) {
    return "https://media.example.org/%s?%s%s".formatted(file, Canaries.SIGNED, Canaries.CALLERS);
  }

  private void send(
      String tenant, String tag, JsonNode body, @Nullable String idempotencyKey, int count) {
    var headers = Json.MAPPER.createObjectNode();
    headers.put("authorization", "Bearer " + tokens.get(tenant));
    headers.put("content-type", "application/json");
    headers.put("x-stainless-retry-count", String.valueOf(count));
    if (idempotencyKey != null) {
      headers.put("idempotency-key", idempotencyKey);
    }
    call(
        "POST",
        "/v1/character_performance",
        headers,
        body.toString(),
        null,
        (status, answer) -> {
          world.say(() -> "create %s send %d answered %d".formatted(tag, count, status));
          if (status == 200) {
            var id = content(answer).path("id").asText();
            answers.computeIfAbsent(tag, t -> new ArrayList<>()).add(id);
            if (world.chance(0.4)) {
              var patience = Duration.ofMinutes(world.fate.nextBoolean() ? 1 : 6);
              world.in(world.upTo(patience), () -> delete(tenant, id));
            }
            return;
          }
          boolean again =
              (status >= 500 || status == 408 || status == 409 || status == 429)
                  && !answer.path("headers").path("x-should-retry").asText().equals("false");
          if (again && count + 1 < SENDS) {
            world.in(
                Duration.ofMillis(400).plus(world.upTo(Duration.ofSeconds(2))),
                () -> send(tenant, tag, body, idempotencyKey, count + 1));
          }
        });
  }

  private void delete(String tenant, String id) {
    var headers = Json.MAPPER.createObjectNode();
    headers.put("authorization", "Bearer " + tokens.get(tenant));
    call(
        "DELETE",
        "/v1/tasks/" + id,
        headers,
        null,
        id,
        (status, _) -> world.say(() -> "delete of %s answered %d".formatted(id, status)));
  }

  /** A person looks at the tasks that wait for one, and decides about some. */
  void decide(double share, boolean calm) {
    for (var task : List.copyOf(watch.tasks.values())) {
      boolean unknown = task.status() == TaskStatus.SUBMISSION_UNKNOWN;
      boolean stalled = task.stall() != null;
      if ((unknown || stalled) && world.chance(share)) {
        decide(task, unknown, calm);
      }
    }
  }

  private void decide(Task task, boolean unknown, boolean calm) {
    var decision = Json.MAPPER.createObjectNode().put("why", "looked at it");
    if (!unknown) {
      decision.put("decision", "try_again");
    } else {
      var accepted =
          provider.charges.entrySet().stream()
              .filter(c -> c.getValue().task().equals(task.id()))
              .filter(c -> c.getValue().attempt() == task.attempt())
              .map(Map.Entry::getKey)
              .filter(
                  id -> task.attempts().stream().map(Attempt::providerTaskId).noneMatch(id::equals))
              .findFirst();
      if (accepted.isPresent() && world.chance(calm ? 0.9 : 0.5)) {
        decision.put("decision", "attach").put("providerTaskId", accepted.get());
      } else if (world.chance(0.6)) {
        decision.put("decision", "new_attempt");
      } else {
        // one word for all attempts of which nobody knows, so it has to be true of each
        long unknowns = task.attempts().stream().filter(a -> a.charge() == Charge.UNKNOWN).count();
        long paid =
            provider.charges.values().stream().filter(p -> p.task().equals(task.id())).count();
        decision
            .put("decision", "give_up")
            .put("charged", accepted.isPresent() && unknowns == paid ? "yes" : "unknown");
      }
    }
    var headers = Json.MAPPER.createObjectNode();
    headers.put("authorization", "Bearer " + admin);
    headers.put("content-type", "application/json");
    call(
        "POST",
        "/v1/tasks/%s/resolve".formatted(task.id()),
        headers,
        decision.toString(),
        task.id(),
        (status, _) ->
            world.say(
                () -> "decision %s of %s answered %d".formatted(decision, task.id(), status)));
  }

  /** The stop switch. */
  void pause(boolean paused) {
    var headers = Json.MAPPER.createObjectNode();
    headers.put("authorization", "Bearer " + admin);
    headers.put("content-type", "application/json");
    call(
        "POST",
        paused ? "/v1/pause" : "/v1/resume",
        headers,
        "{\"why\":\"to look at something\"}",
        null,
        (status, _) ->
            world.say(() -> "%s answered %d".formatted(paused ? "pause" : "resume", status)));
  }

  private void call(
      String method,
      String path,
      ObjectNode headers,
      @Nullable String body,
      @Nullable String task,
      BiConsumer<Integer, JsonNode> answered) {
    var event = Json.MAPPER.createObjectNode();
    event.put("version", "2.0").put("routeKey", "$default").put("rawPath", path);
    event.set("headers", headers);
    event
        .putObject("requestContext")
        .put("stage", "$default")
        .putObject("http")
        .put("method", method)
        .put("path", path);
    if (body != null) {
      event.put("body", body);
    }
    functions.invoke(
        Function.API,
        event,
        task,
        outcome -> {
          if (outcome instanceof Outcome.Answered(var answer, var _)) {
            answered.accept(answer.path("statusCode").asInt(500), answer);
          } else { // API Gateway's own answer to a function that failed
            answered.accept(500, Json.MAPPER.createObjectNode());
          }
        });
  }

  private static JsonNode content(JsonNode answer) {
    try {
      return Json.MAPPER.readTree(answer.path("body").asText());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads all that can be read, and asks for what is refused: nothing in it may be a secret. */
  void look() {
    for (var tenant : List.of("acme", "beta")) {
      var headers = Json.MAPPER.createObjectNode();
      headers.put("authorization", "Bearer " + tokens.get(tenant));
      headers.put("content-type", "application/json");
      for (var path : List.of("/v1/tasks", "/v1/usage", "/v1/nothing")) {
        ask("GET", path, headers, null);
      }
      for (var task : watch.tasks.values()) {
        for (var more : List.of("", "/history", "/output")) {
          ask("GET", "/v1/tasks/" + task.id() + more, headers, null);
        }
      }
      ask("POST", "/v1/uploads", headers, "{\"filename\":\"a.png\",\"type\":\"ephemeral\"}");
      for (var uri :
          List.of(
              theirs("a.png").replace("https:", "http:"),
              theirs("a.png").replace("media.example.org", "10.0.0.1"),
              theirs("a.png").replace("media", "me dia"),
              theirs("a.png").replace("//", "//user:" + Canaries.KEY + "@"),
              theirs("a".repeat(2100)),
              "s3://another/" + tokens.get(tenant))) {
        var body = Json.MAPPER.createObjectNode().put("model", uri).put("ratio", uri);
        body.putObject("character").put("type", uri).put("uri", uri);
        body.putObject("reference").put("type", "video").put("uri", uri);
        ask("POST", "/v1/character_performance", headers, body.toString());
        ask("POST", "/v1/character_performance", headers, body.toString().replace(":", uri));
      }
      headers.put("authorization", "Bearer " + tokens.get(tenant) + "x");
      ask("GET", "/v1/tasks", headers, null);
    }
  }

  private void ask(String method, String path, ObjectNode headers, @Nullable String body) {
    call(method, path, headers, body, null, (_, _) -> {});
  }

  /** Tasks against the calls that were made. */
  void check(Invariants invariants) {
    calls.forEach((tag, made) -> {
      // one that failed without a charge or was cancelled before it was sent may be ordered anew
      long tasks =
          watch.tasks.values().stream()
              .filter(t -> t.tags().contains(tag))
              .filter(t -> !(ENDED_UNPAID.contains(t.status()) && t.charged().equals("no")))
              .count();
      invariants.oneTaskPerCall(tag, made, tasks);
      answers
          .getOrDefault(tag, List.of())
          .forEach(id -> invariants.whatIsAnsweredIsStored(tag, id));
    });
  }
}
