package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request.Method;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.ValidationReport;
import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** Whether an answer is one that {@code openapi.json} describes. */
final class Documented {

  static final JsonNode DOCUMENT = document();

  private static final OpenApiInteractionValidator VALIDATOR =
      OpenApiInteractionValidator.createForInlineApiSpecification(DOCUMENT.toString()).build();

  private static final Set<String> ROUTES = all();

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

  private Documented() {}

  private static JsonNode document() {
    try (InputStream in = ApiHandler.class.getResourceAsStream("openapi.json")) {
      return Json.MAPPER.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> all() {
    var routes = new TreeSet<String>();
    for (var path : DOCUMENT.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        if (!method.getKey().equals("parameters")) {
          routes.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return routes;
  }

  /** The documented routes, as {@code GET /v1/tasks/{id}}. */
  static Set<String> routes() {
    return ROUTES;
  }

  /** Fails for an answer that is not described. */
  static void check(String method, String path, TestApi.Reply reply) {
    assertThat(reply.headers()).containsEntry("cache-control", "no-store");
    if (reply.status() == 204 || reply.status() == 302) {
      assertThat(reply.body()).isEmpty();
    } else {
      assertThat(reply.headers()).containsEntry("content-type", "application/json");
      assertThat(reply.body()).doesNotContain("\tat ").doesNotContain("Exception");
      assertThat(holdsNull(reply.json())).as("no null in %s", reply.body()).isFalse();
    }
    var template = template(path);
    if (template.isEmpty()) {
      assertThat(reply.status()).as("%s of an unknown address", method).isIn(401, 404);
    } else if (!routes().contains(method + " " + template.get())) {
      assertThat(reply.status()).as("%s %s", method, template.get()).isIn(401, 405);
    } else {
      assertThat(validated(method, template.get(), reply).getMessages())
          .as("%s %s: %s", method, template.get(), reply)
          .isEmpty();
      return;
    }
    assertThat(reply.json().path("error").asText()).isNotEmpty();
  }

  private static ValidationReport validated(String method, String template, TestApi.Reply reply) {
    var response = SimpleResponse.Builder.status(reply.status());
    reply.headers().forEach(response::withHeader);
    if (!reply.body().isEmpty()) {
      response.withBody(reply.body());
    }
    return validated(method, template, response.build());
  }

  static ValidationReport validated(String method, String template, SimpleResponse response) {
    return VALIDATOR.validateResponse(
        template.replace("{id}", ID), Method.valueOf(method), response);
  }

  static SimpleResponse response(int status, JsonNode body, Map<String, String> headers) {
    var response =
        SimpleResponse.Builder.status(status)
            .withHeader("content-type", "application/json")
            .withBody(body.toString());
    headers.forEach(response::withHeader);
    return response.build();
  }

  /** The Python SDK takes a task that holds a null for another one. */
  private static boolean holdsNull(JsonNode node) {
    return node.isNull()
        || StreamSupport.stream(node.spliterator(), false).anyMatch(Documented::holdsNull);
  }

  /** The documented path that this one is, below any prefix. */
  private static Optional<String> template(String asked) {
    var whole = asked.endsWith("/") ? asked.substring(0, asked.length() - 1) : asked;
    var plain = whole.startsWith("/runwayml/v1/") ? whole.substring("/runwayml".length()) : whole;
    if (plain.equals("/v1/health") || plain.equals("/v1/openapi.json")) {
      return Optional.of(plain.substring("/v1".length()));
    }
    var segments = plain.split("/", -1);
    for (var route : ROUTES) {
      var path = route.substring(route.indexOf(' ') + 1);
      var pattern = path.split("/", -1);
      boolean same = pattern.length == segments.length;
      for (int i = 0; same && i < pattern.length; i++) {
        same = pattern[i].equals("{id}") || pattern[i].equals(segments[i]);
      }
      if (same) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }
}
