package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Error answers in the shapes in which they were seen. */
final class Errors {
  private static final String JSON = "application/json; charset=utf-8";
  private static final String HTML = "text/html; charset=utf-8";

  private Errors() {}

  /** An error; the request id ends the message of the gateway's own style, as it does there. */
  static Reply.Answer of(
      ErrorStyle style, int status, String code, String message, String requestId) {
    return switch (style) {
      case OPENAI -> {
        ObjectNode error = Json.object();
        error
            .putObject("error")
            .put("message", message + " (request id: " + requestId + ")")
            .put("type", "comet_api_error")
            .put("param", "")
            .put("code", code);
        yield json(status, error);
      }
      case TASK ->
          json(status, Json.object().put("code", code).put("message", message).putNull("data"));
      case RUNWAY -> json(status, Json.object().put("error", message));
      case COMPAT ->
          json(
              status,
              Json.object()
                  .put("code", status)
                  .put("msg", message)
                  .putNull("data")
                  .put("exec_time", 0.01));
      case STATUS ->
          json(
              200,
              Json.object().put("status", code.isEmpty() ? message : code).put("message", message));
      case HTML -> html(status, message);
      case EMPTY -> new Reply.Answer(status, Map.of(), Content.EMPTY, true);
    };
  }

  static Reply.Answer invalid(List<Issue> issues) {
    ObjectNode body = Json.object().put("error", "Validation of body failed");
    ArrayNode list = body.putArray("issues");
    for (Issue issue : issues) {
      ObjectNode one = list.addObject().put("code", issue.code());
      ArrayNode path = one.putArray("path");
      issue.path().forEach(path::add);
      one.put("message", issue.message());
    }
    body.put("docUrl", "https://docs.dev.runwayml.com/api");
    return json(400, body);
  }

  static Reply.Answer taskNotExist(ErrorStyle style, int status, String requestId) {
    return of(style, status, "task_not_exist", "task_not_exist", requestId);
  }

  static Reply.Answer rateLimited(long retryAfterSeconds) {
    Reply.Answer answer =
        json(429, Json.object().put("error", "You have exceeded the rate limit."));
    return retryAfterSeconds > 0
        ? answer.with("Retry-After", Long.toString(retryAfterSeconds))
        : answer;
  }

  static Reply.Answer moved() {
    return html(301, "301 Moved Permanently").with("Location", "/");
  }

  static Reply.Answer html(int status, String text) {
    return Reply.Answer.of(
        status,
        HTML,
        Content.of(
            "<!DOCTYPE html><html><head><title>%1$s</title></head><body><h1>%1$s</h1></body></html>"
                .formatted(text)));
  }

  /** What a CDN says about a URL that it does not serve (any more). */
  static Reply.Answer xml(int status, String code, String message) {
    return Reply.Answer.of(
        status,
        "application/xml",
        Content.of(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
                .formatted(code, message)));
  }

  static Reply.Answer json(int status, ObjectNode body) {
    return Reply.Answer.of(status, JSON, Content.of(Json.write(body)));
  }
}
