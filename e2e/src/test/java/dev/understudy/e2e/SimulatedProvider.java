package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashMap;
import java.util.Map;

/** The simulated provider's back door: faults, settings and the ledger of charges. */
final class SimulatedProvider {
  /** The key that {@code make local} gives to the provider and to the stack. */
  static final String KEY = "understudy-local-key";

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI base;

  SimulatedProvider(URI base) {
    this.base = base;
  }

  int port() {
    return base.getPort();
  }

  /** Where it is. */
  URI uri() {
    return base;
  }

  /**
   * Something goes wrong once for requests and tasks with this seed.
   *
   * @param on submit, task, get or output
   * @param action as docs/simulator.md names it
   * @param more further fields of the fault, such as {@code "seconds", 5}
   */
  void fault(long seed, String on, String action, Object... more) {
    Map<String, Object> fault = new LinkedHashMap<>();
    fault.put("seed", seed);
    fault.put("on", on);
    fault.put("action", action);
    for (int i = 0; i < more.length; i += 2) {
      fault.put((String) more[i], more[i + 1]);
    }
    post("faults", fault);
  }

  void settings(Map<String, Object> changes) {
    post("settings", changes);
  }

  /** Forgets tasks, charges and faults. */
  void reset() {
    post("reset", Map.of());
  }

  /** What the provider knows: charges, tasks, submits, the most tasks that it had at once. */
  Ledger ledger() {
    return new Ledger(get("ledger"));
  }

  /** The same, only of one seed. */
  Ledger ledger(long seed) {
    return new Ledger(get("ledger?seed=" + seed));
  }

  private JsonNode get(String path) {
    return send(HttpRequest.newBuilder(admin(path)).GET().build());
  }

  private void post(String path, Object body) {
    send(
        HttpRequest.newBuilder(admin(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(Json.MAPPER.valueToTree(body).toString()))
            .build());
  }

  private URI admin(String path) {
    return base.resolve("/admin/" + path);
  }

  private JsonNode send(HttpRequest request) {
    try {
      HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
      JsonNode body = Stack.json(answer.body());
      if (answer.statusCode() != 200) {
        throw new AssertionError("The simulated provider says: " + body);
      }
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
