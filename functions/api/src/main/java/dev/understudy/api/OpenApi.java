package dev.understudy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** GET /openapi.json: the description of all routes, for the address it was asked from. */
final class OpenApi implements Action {

  private @Nullable ObjectNode document;

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var answer = Json.MAPPER.createObjectNode();
    answer.setAll(document());
    var servers = answer.putArray("servers");
    servers.addObject().put("url", call.base());
    servers.addObject().put("url", call.base() + "/runwayml");
    return Answer.ok(answer);
  }

  /** Read when it is first asked for: no other route needs it. */
  private synchronized ObjectNode document() {
    var read = document;
    if (read == null) {
      read = read();
      document = read;
    }
    return read;
  }

  private static ObjectNode read() {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      return (ObjectNode) Json.MAPPER.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
