package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever comes in, the answer is one that is documented: never an exception, never a 500, in
 * bounded time. A seed that fails once fails again.
 */
class ApiFuzzTest {

  private static final int ROUNDS = 500;
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> NASTY =
      List.of(
          "",
          " ",
          ".",
          "..",
          "/",
          "//",
          "a/../b",
          "%2e%2e%2f",
          "%00",
          "\u0000",
          "\u0007\u001b[31m",
          "\r\nx-injected: 1",
          "\ud83d",
          "\ude00x",
          "😀",
          "null",
          "-1",
          "1e999999999",
          "9".repeat(10_000),
          "x".repeat(10_000),
          "é".repeat(10_000),
          "../../outputs/other/secret.mp4",
          "https://user:pass@[::1]:99999/%zz",
          "https://example.com/a b?c#d",
          "s3://understudy-bucket/outputs/api/other/x.mp4",
          "s3://",
          "runway://7c9e6679-7425-40de-944b-e07fc1f90ae7/../x.png",
          "runway://x",
          "data:image/png;base64,AAAA",
          "data:,",
          "data:image/png;base64," + "A".repeat(100_000),
          "javascript:alert(1)",
          "{{7*7}}${jndi:ldap://x}",
          "'; DROP TABLE tasks; --");

  private static final List<String> NAMES =
      List.of(
          "model",
          "character",
          "reference",
          "type",
          "uri",
          "ratio",
          "bodyControl",
          "seed",
          "tags",
          "expressionIntensity",
          "contentModeration",
          "publicFigureThreshold",
          "decision",
          "why",
          "charged",
          "providerTaskId",
          "filename",
          "__proto__",
          "validate");

  private static final List<String> PARAMETERS =
      List.of("limit", "cursor", "status", "tag", "tenant", "month", "validate", "x");

  private static final List<String> HEADERS =
      List.of(
          "authorization",
          "Authorization",
          "content-type",
          "Content-Type",
          "idempotency-key",
          "x-stainless-retry-count",
          "host",
          "x-forwarded-proto",
          "content-length",
          "cookie",
          "é");

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/json; charset=utf-8",
          "text/plain",
          "multipart/form-data; boundary=x",
          "application/x-www-form-urlencoded",
          "application/json;".repeat(500),
          "/",
          ";");

  private final TestApi api = new TestApi();
  private final List<String> ids = new ArrayList<>();
  private final Set<Integer> statuses = new TreeSet<>();
  private Random random = new Random(0);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void handleRequest_shouldAnswerAsDocumented_whateverComesIn(long seed) {
    random = new Random(seed);
    for (var task :
        List.of(
            api.stack.waiting(),
            api.stack.submitted(),
            api.stack.unknown(),
            api.stack.persisting(),
            api.stack.waiting("other"))) {
      ids.add(task.id());
    }
    assertTimeout(
        BOUND,
        () -> {
          for (int round = 0; round < ROUNDS; round++) {
            if (random.nextInt(5) == 0) {
              assertRefused(bytes(), round);
            } else {
              assertDocumented(event(), round);
            }
          }
        });
    assertThat(statuses).as("answers that came").contains(200, 400, 401, 403, 404, 405, 415);
    api.stack.table.assertCountersAreRight();
  }

  private void assertDocumented(ObjectNode event, int round) {
    try {
      var reply = api.send(event);
      statuses.add(reply.status());
      assertThat(reply.status()).isLessThan(500);
    } catch (Throwable e) {
      throw new AssertionError("round %d: %s".formatted(round, shortened(event.toString())), e);
    }
  }

  /** What is not even an event of the gateway has no route that could document its answer. */
  private void assertRefused(byte[] event, int round) {
    try {
      var reply = api.send(event);
      assertThat(reply.status()).isBetween(200, 499);
      if (reply.status() >= 400) {
        assertThat(reply.json().path("error").asText()).isNotEmpty();
      }
    } catch (Throwable e) {
      var text = new String(event, StandardCharsets.ISO_8859_1);
      throw new AssertionError("round %d: %s".formatted(round, shortened(text)), e);
    }
  }

  private static String shortened(String text) {
    return text.length() > 3_000 ? text.substring(0, 3_000) + "…" : text;
  }

  // events

  private byte[] bytes() {
    var event = event();
    var parent = random.nextBoolean() ? event : (ObjectNode) event.path("requestContext");
    parent.set(one(names(parent)), value(2));
    var bytes = event.toString().getBytes(StandardCharsets.UTF_8);
    switch (random.nextInt(4)) {
      case 0 -> {
        bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
      }
      case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 2 -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      default -> {}
    }
    return bytes;
  }

  private ObjectNode event() {
    var route = one(List.copyOf(Documented.routes())).split(" ", 2);
    var event =
        api.request(
            random.nextInt(10) == 0
                ? one(List.of("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "get", "\u0000"))
                : route[0],
            path(route[1]),
            one(List.of(api.token, api.token, api.otherToken, api.adminToken, "", "x")));
    if (random.nextBoolean()) {
      var query = event.putObject("queryStringParameters");
      for (int i = random.nextInt(3); i >= 0; i--) {
        query.put(one(PARAMETERS), text());
      }
    }
    if (route[0].equals("POST") || random.nextInt(10) == 0) {
      header(event, "content-type", random.nextInt(8) == 0 ? one(TYPES) : "application/json");
      putBody(event);
    }
    for (int i = random.nextInt(6) - 4; i >= 0; i--) {
      header(event, one(HEADERS), random.nextBoolean() ? text() : one(TYPES));
    }
    return event;
  }

  private static void header(ObjectNode event, String name, String value) {
    ((ObjectNode) event.path("headers")).put(name, value);
  }

  private String path(String template) {
    var prefixed = random.nextInt(4) == 0 ? "/runwayml" + template : template;
    var path = prefixed.replace("{id}", random.nextInt(3) == 0 ? text() : one(ids));
    return switch (random.nextInt(20)) {
      case 0 -> path + "/";
      case 1 -> path + "/" + text();
      case 2 -> path.replace("/", "//");
      case 3 -> "/" + text() + path;
      case 4 -> path.toUpperCase(Locale.ROOT);
      case 5 -> text();
      default -> path;
    };
  }

  private void putBody(ObjectNode event) {
    switch (random.nextInt(10)) {
      case 0 -> event.put("body", "[".repeat(random.nextInt(100_000)));
      case 1 -> event.put("body", "{\"a\":".repeat(random.nextInt(50)) + "1" + "}".repeat(50));
      case 2 -> event.put("body", "{\"model\":\"act_two\",\"model\":\"act_two\"}");
      case 3 -> {
        var raw = new byte[random.nextInt(200)];
        random.nextBytes(raw);
        event.put("body", Base64.getEncoder().encodeToString(raw)).put("isBase64Encoded", true);
      }
      case 4 -> event.put("body", text());
      case 5 -> event.put("body", "{\"seed\":" + "7".repeat(10_000) + "}");
      case 6 -> {
        var text = body().toString();
        event.put("body", text.substring(0, random.nextInt(text.length())));
      }
      default -> event.put("body", body().toString());
    }
  }

  private ObjectNode body() {
    var body =
        one(
            List.of(
                    "/v1/character_performance",
                    "/v1/uploads",
                    "/v1/pause",
                    "/v1/tasks/{id}/resolve")
                .stream()
                .flatMap(path -> examples(path).stream())
                .toList());
    for (int i = random.nextInt(4) - 1; i >= 0; i--) {
      mutate(body);
    }
    return body;
  }

  private static List<ObjectNode> examples(String path) {
    var examples = new ArrayList<ObjectNode>();
    for (var example :
        Documented.DOCUMENT
            .path("paths")
            .path(path)
            .path("post")
            .path("requestBody")
            .path("content")
            .path("application/json")
            .path("examples")) {
      examples.add((ObjectNode) example.path("value").deepCopy());
    }
    return examples;
  }

  private static List<String> names(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  private void mutate(ObjectNode object) {
    var names = names(object);
    if (names.isEmpty() || random.nextInt(6) == 0) {
      object.set(one(NAMES), value(3));
      return;
    }
    var name = one(names);
    switch (object.get(name)) {
      case ObjectNode inner when random.nextBoolean() -> mutate(inner);
      default -> {
        if (random.nextInt(5) == 0) {
          object.remove(name);
        } else {
          object.set(name, value(3));
        }
      }
    }
  }

  private JsonNode value(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(random.nextInt(10));
      case 3 -> JSON.numberNode(random.nextDouble() * 1e30);
      case 4 -> JSON.numberNode(BigInteger.TEN.pow(random.nextInt(200)).negate());
      case 5, 6 -> JSON.textNode(text());
      case 7 -> {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(12); i > 0; i--) {
          array.add(value(depth - 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = JSON.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          object.set(one(NAMES), value(depth - 1));
        }
        yield object;
      }
    };
  }

  private String text() {
    return switch (random.nextInt(5)) {
      case 0 -> one(ids);
      case 1 -> {
        var text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
          text.append((char) random.nextInt(0x10000));
        }
        yield text.toString();
      }
      default -> one(NASTY);
    };
  }

  private <T> T one(List<T> many) {
    return many.get(random.nextInt(many.size()));
  }
}
