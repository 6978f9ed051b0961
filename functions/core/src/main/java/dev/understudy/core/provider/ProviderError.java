package dev.understudy.core.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an error body says, in any of the shapes seen: OpenAI's {@code {error:{message,type,code}}},
 * the gateway's {@code {code,message,data}}, Runway's {@code {error,issues[]}}, CometAPI's older
 * {@code {code,msg}}, and Runway's inside the gateway's message.
 *
 * @param code the machine-readable code, null if there is none
 * @param message cleaned for people, null if there is none
 * @param validation whether it is Runway's list of what is wrong with the request
 */
record ProviderError(@Nullable String code, @Nullable String message, boolean validation) {

  static ProviderError of(@Nullable ObjectNode body) {
    if (body == null) {
      return new ProviderError(null, null, false);
    }
    ObjectNode error = ProviderJson.inner(body, "error");
    String code = ProviderJson.text(error, "code");
    if (code == null) {
      code = ProviderJson.text(body, "code");
    }
    // the gateway passes an upstream body on as the text of its own message (fail_to_fetch_task)
    ObjectNode passedOn = ProviderJson.inner(body, "message");
    if (passedOn == null) {
      passedOn = ProviderJson.inner(error, "message");
    }
    if (passedOn != null && !passedOn.has("message")) {
      ProviderError upstream = of(passedOn);
      return new ProviderError(
          upstream.code == null ? code : upstream.code, upstream.message, upstream.validation);
    }
    String message = ProviderJson.text(error, "message");
    if (message == null) {
      message = ProviderJson.text(body, "error", "message", "msg", "detail");
    }
    List<String> issues = issues(body);
    boolean validation = !issues.isEmpty() && body.path("error").isTextual();
    if (validation) {
      message = message + " (" + String.join("; ", issues) + ")";
    }
    return new ProviderError(
        code == null ? null : ProviderText.clean(code),
        message == null ? null : ProviderText.clean(message),
        validation);
  }

  boolean hasCode(String wanted) {
    return code != null && code.toLowerCase(Locale.ROOT).equals(wanted);
  }

  private static List<String> issues(ObjectNode body) {
    List<String> issues = new ArrayList<>();
    for (JsonNode issue : body.path("issues")) {
      List<String> path = new ArrayList<>();
      issue.path("path").forEach(step -> path.add(step.asText()));
      String message = issue.path("message").asText("");
      issues.add(path.isEmpty() ? message : String.join(".", path) + ": " + message);
    }
    return issues;
  }
}
