package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Calls of one action, without the routes around it. */
final class Calls {

  static final Caller USER = new Caller("default", false, "11111111");
  static final Caller STRANGER = new Caller("other", false, "22222222");
  static final Caller ADMIN = new Caller("operators", true, "1a2b3c4d");

  private Calls() {}

  /** A call with this body, in which {@code '} stands for {@code "}. */
  static Call with(String body) {
    return new Call(
        "POST", "/", Map.of(), Map.of(), body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /** The body of an answer as it is sent. */
  static JsonNode json(Answer answer) {
    assertThat(answer.status()).isEqualTo(200);
    return Json.MAPPER.valueToTree(answer.body());
  }

  /** How a call is refused. */
  static Refused refused(int status, Runnable call) {
    var refused = catchThrowableOfType(Refused.class, call::run);
    assertThat(refused).as("it is refused").isNotNull();
    assertThat(refused.status()).as(refused.sentence()).isEqualTo(status);
    assertThat(refused.sentence()).doesNotContain("null").isNotBlank();
    return refused;
  }
}
