package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * The smallest server that keeps CometAPI's documented contract: it takes an order, fetches both
 * inputs, is at work for two questions, and then names a video.
 */
final class ContractProvider implements AutoCloseable {
  private static final String ORDERS = "/runwayml/v1/character_performance";
  private static final String TASKS = "/runwayml/v1/tasks/";

  /** The two bodies that CometAPI's documentation shows for a task. */
  enum Shape {
    BARE,
    WRAPPED
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpServer server;
  private final Shape shape;
  private final String key;
  private final List<JsonNode> orders = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();

  ContractProvider(Shape shape, String key) throws IOException {
    this.shape = shape;
    this.key = key;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The orders taken, as they were sent. */
  List<JsonNode> orders() {
    return List.copyOf(orders);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (path.equals("/films/done.mp4")) {
        send(exchange, 200, "video/mp4", Media.reference());
      } else if (!("Bearer " + key)
          .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        send(
            exchange,
            401,
            "{\"error\":{\"message\":\"Invalid token\",\"type\":\"comet_api_error\",\"code\":\"\"}}");
      } else if (path.equals(ORDERS) && exchange.getRequestMethod().equals("POST")) {
        order(exchange);
      } else if (path.startsWith(TASKS)) {
        task(exchange, path.substring(TASKS.length()));
      } else {
        exchange.getResponseHeaders().set("Location", "/");
        send(exchange, 301, "text/html", new byte[0]);
      }
    }
  }

  private void order(HttpExchange exchange) throws IOException {
    JsonNode order = Json.MAPPER.readTree(exchange.getRequestBody());
    for (String input : List.of("character", "reference")) {
      if (!fetched(URI.create(order.path(input).path("uri").asText()))) {
        send(exchange, 400, "{\"error\":\"Failed to fetch asset\",\"issues\":[]}");
        return;
      }
    }
    orders.add(order);
    send(exchange, 200, "{\"id\":\"render-%d\"}".formatted(orders.size()));
  }

  private boolean fetched(URI input) throws IOException {
    try {
      return http.send(HttpRequest.newBuilder(input).build(), BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private void task(HttpExchange exchange, String id) throws IOException {
    boolean done = asked.merge(id, 1, Integer::sum) > 2;
    ObjectNode task = Json.MAPPER.createObjectNode();
    task.put("id", id)
        .put("status", done ? "SUCCEEDED" : "RUNNING")
        .put("createdAt", "2026-05-04T03:02:01Z");
    if (done) {
      task.putArray("output").add(uri() + "/films/done.mp4?token=abc");
    } else {
      task.put("progress", 0.42);
    }
    if (shape == Shape.BARE) {
      send(exchange, 200, task.toString());
      return;
    }
    ObjectNode envelope = Json.MAPPER.createObjectNode().put("code", "success").put("message", "");
    envelope
        .putObject("data")
        .put("task_id", id)
        .put("status", done ? "SUCCESS" : "IN_PROGRESS")
        .put("fail_reason", "")
        .put("progress", done ? "100%" : "42%")
        .set("data", task);
    send(exchange, 200, envelope.toString());
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    send(exchange, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    http.close();
  }
}
