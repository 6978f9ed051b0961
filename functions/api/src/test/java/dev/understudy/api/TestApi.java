package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.InMemoryTokens;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The whole api function over a stack in memory, called with events of API Gateway. */
final class TestApi {

  static final String BUCKET = "understudy-bucket";

  final TestStack stack = new TestStack();
  final InMemoryTokens tokens = new InMemoryTokens(stack.clock, stack.faults);
  final String token = tokens.issue("default", false);
  final String otherToken = tokens.issue("other", false);
  final String adminToken = tokens.issue("operators", true);

  /** The ids of tasks that requests named, as told to the log. */
  final List<String> named = new ArrayList<>();

  private int signed;

  final Routes.Parts parts =
      new Routes.Parts(
          stack.table,
          stack.table,
          stack.writer,
          stack.admission,
          stack.announcer,
          stack.bucket,
          BUCKET,
          key -> URI.create("https://%s/%s?X-Amz-Signature=%d".formatted(BUCKET, key, ++signed)),
          upload ->
              new UploadForms.Form(
                  URI.create("https://%s/".formatted(BUCKET)),
                  Map.of("key", upload.key(), "Content-Type", upload.contentType())),
          stack.settings,
          stack.clock,
          stack.random);

  private final ApiHandler handler;

  TestApi() {
    this(List.of());
  }

  /** With routes of a test's own, which are not documented. */
  TestApi(List<Route> more) {
    var routes = new ArrayList<>(Routes.of(parts));
    routes.addAll(more);
    handler = new ApiHandler(new Api(new Authentication(tokens, stack.clock), routes, named::add));
  }

  /** An answer as the gateway gets it. */
  record Reply(int status, Map<String, String> headers, String body) {

    JsonNode json() {
      try {
        return Json.MAPPER.readTree(body);
      } catch (IOException e) {
        throw new AssertionError(body, e);
      }
    }
  }

  /** An event of the folder {@code events}, to be changed. */
  static ObjectNode event(String name) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(FakeContext.event(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request without a body. */
  ObjectNode request(String method, String path, String token) {
    var event = event("api-get-task.json");
    event.put("rawPath", path);
    var http = (ObjectNode) event.path("requestContext").path("http");
    http.put("method", method).put("path", path);
    var headers = (ObjectNode) event.path("headers");
    if (token.isEmpty()) {
      headers.remove("authorization");
    } else {
      headers.put("authorization", "Bearer " + token);
    }
    return event;
  }

  Reply get(String path) {
    return send(request("GET", path, token));
  }

  Reply call(String method, String path, String token) {
    return send(request(method, path, token));
  }

  /** Sends an event; its answer must be one that is documented. */
  Reply send(JsonNode event) {
    var reply = send(event.toString().getBytes(StandardCharsets.UTF_8));
    Documented.check(
        event.path("requestContext").path("http").path("method").asText(),
        event.path("rawPath").asText(),
        reply);
    return reply;
  }

  Reply send(byte[] event) {
    var output = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event), output, new FakeContext());
      var reply = Json.MAPPER.readTree(output.toByteArray());
      var headers = new TreeMap<String, String>();
      reply
          .path("headers")
          .properties()
          .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
      assertThat(reply.path("isBase64Encoded").asBoolean()).isFalse();
      return new Reply(reply.path("statusCode").asInt(), headers, reply.path("body").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
