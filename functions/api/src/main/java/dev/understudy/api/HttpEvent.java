package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Events and answers of API Gateway's HTTP API, payload format 2.0 ("Create AWS Lambda proxy
 * integrations for HTTP APIs"), also as {@code sam local start-api} and emulators make them: header
 * names come in any case, and a body that is not there may be absent, null or empty.
 */
final class HttpEvent {

  private static final String DEFAULT_STAGE = "$default";

  /** What is not known is left out, whoever made the answer. */
  private static final ObjectMapper ANSWERS =
      Json.MAPPER
          .copy()
          .setDefaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

  private record Reply(
      int statusCode, Map<String, String> headers, String body, boolean isBase64Encoded) {}

  private HttpEvent() {}

  /**
   * Reads an event.
   *
   * @throws Refused when it is none, or its body is not what it says
   */
  static Request read(InputStream event) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(event.readAllBytes());
    } catch (IOException e) { // a text that is no JSON, or none in UTF-8
      throw unreadable();
    }
    var context = root.path("requestContext");
    var method = context.path("http").path("method").asText();
    if (method.isEmpty()) {
      throw unreadable();
    }
    var headers = lowerCase(texts(root.path("headers")));
    var stage = context.path("stage").asText(DEFAULT_STAGE);
    return new Request(
        method,
        withoutStage(root.path("rawPath").asText(), stage),
        texts(root.path("queryStringParameters")),
        headers,
        body(root),
        gateway(context.path("domainName").asText(), stage, headers));
  }

  private static Refused unreadable() {
    return new Refused(400, "The request cannot be read: send it through the API's address.");
  }

  private static byte[] body(JsonNode root) {
    var text = root.path("body").isTextual() ? root.path("body").textValue() : "";
    if (!root.path("isBase64Encoded").asBoolean()) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw unreadable();
    }
  }

  /** A named stage is part of the path on AWS; the stage $default is not, nor is any locally. */
  private static String withoutStage(String path, String stage) {
    var prefix = "/" + stage;
    if (path.equals(prefix) || path.startsWith(prefix + "/")) {
      return path.substring(prefix.length());
    }
    return path;
  }

  /** An emulator serves many APIs under one host, so its domain is not what was called. */
  private static String gateway(String domain, String stage, Map<String, String> headers) {
    if (domain.isEmpty() || !domain.equalsIgnoreCase(headers.get("host"))) {
      return "";
    }
    return "https://" + domain + (stage.equals(DEFAULT_STAGE) ? "" : "/" + stage);
  }

  private static Map<String, String> texts(JsonNode object) {
    var texts = new TreeMap<String, String>();
    object
        .properties()
        .forEach(field -> {
          if (field.getValue().isTextual()) {
            texts.put(field.getKey(), field.getValue().textValue());
          }
        });
    return texts;
  }

  private static Map<String, String> lowerCase(Map<String, String> headers) {
    var lower = new TreeMap<String, String>();
    headers.forEach(
        (name, value) -> lower.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + "," + b));
    return lower;
  }

  /** The answer as the gateway wants it. */
  static byte[] write(Answer answer) throws IOException {
    var headers = new TreeMap<>(answer.headers());
    headers.put("cache-control", "no-store");
    var body = "";
    if (answer.body() != null) {
      headers.put("content-type", "application/json");
      body = ANSWERS.writeValueAsString(answer.body());
    }
    // by way of a text: half a surrogate pair that somebody sent is then a '?', not a failure
    return ANSWERS
        .writeValueAsString(new Reply(answer.status(), headers, body, false))
        .getBytes(StandardCharsets.UTF_8);
  }
}
