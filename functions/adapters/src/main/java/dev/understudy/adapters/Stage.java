package dev.understudy.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What stands in for AWS and the provider while a function rehearses: an HTTP server on this
 * machine's own address. It keeps the items that are put and gives them back, accepts whatever else
 * is asked, and forgets all of it when it is closed. It evaluates no condition and checks no
 * signature.
 */
final class Stage implements AutoCloseable {

  /** The path of a function's credentials, as Lambda has it with SnapStart. */
  static final String CREDENTIALS = "/credentials";

  private static final String JSON = "application/x-amz-json-1.0";
  private static final String ASSUMED =
      """
      <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>\
      <AccessKeyId>rehearsal</AccessKeyId><SecretAccessKey>rehearsal</SecretAccessKey><SessionToken>rehearsal</SessionToken>\
      <Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>\
      """;
  private static final String GIVEN =
      """
      {"AccessKeyId":"rehearsal","SecretAccessKey":"rehearsal","Token":"rehearsal","Expiration":"%s"}\
      """;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String NO_SUCH_KEY = "<Error><Code>NoSuchKey</Code></Error>";

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Map<String, JsonNode> items = new ConcurrentHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();

  Stage() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    run("stage", this::accept);
  }

  /** Where it is. */
  URI address() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** What was asked of it: an operation of AWS, or a method and a path. */
  List<String> calls() {
    return List.copyOf(calls);
  }

  /** Puts an item there beforehand; all its attributes are texts. */
  void put(Map<String, String> texts) {
    var item = Json.MAPPER.createObjectNode();
    texts.forEach((name, text) -> item.putObject(name).put("S", text));
    items.put(key(item), item);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var socket : open) {
      socket.close();
    }
  }

  private static void run(String name, Runnable task) {
    Thread.ofPlatform().daemon().name(name).start(task);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        open.add(socket);
        run("stage-connection", () -> serve(socket));
      } catch (IOException e) {
        return; // it was closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        var in = new BufferedInputStream(socket.getInputStream())) {
      socket.setTcpNoDelay(true);
      for (var line = line(in); line != null && !line.isEmpty(); line = line(in)) {
        var headers = headers(in);
        if (headers.containsKey("expect")) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        var body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        socket.getOutputStream().write(answer(line, headers.get("x-amz-target"), body));
      }
    } catch (IOException e) {
      // whoever asked has gone
    } finally {
      open.remove(socket);
    }
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    var headers = new HashMap<String, String>();
    for (var line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      var colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private byte[] answer(String requestLine, @Nullable String target, byte[] body)
      throws IOException {
    var words = requestLine.split(" ", 3);
    if (target != null) {
      calls.add(target);
      return http("200 OK", JSON, operation(target, Json.MAPPER.readTree(body)).toString());
    }
    calls.add(words[0] + " " + words[1].replaceAll("\\?.*", ""));
    if (words[1].startsWith("/runwayml/")) {
      return http(
          "200 OK",
          "application/json",
          words[0].equals("POST")
              ? "{\"id\":\"rehearsal\"}"
              : "{\"id\":\"rehearsal\",\"status\":\"RUNNING\",\"progress\":0.5}");
    }
    if (words[1].equals(CREDENTIALS)) {
      return http("200 OK", "application/json", GIVEN.formatted(Instant.now().plus(HOUR)));
    }
    return switch (words[0]) {
      case "POST" -> http("200 OK", "text/xml", ASSUMED.formatted(Instant.now().plus(HOUR)));
      case "PUT" -> http("200 OK", "application/xml", "");
      case "DELETE" -> http("204 No Content", "application/xml", "");
      default ->
          http("404 Not Found", "application/xml", words[0].equals("HEAD") ? "" : NO_SUCH_KEY);
    };
  }

  private static byte[] http(String status, String type, String body) {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var lines =
        List.of(
            "HTTP/1.1 " + status,
            "Content-Type: " + type,
            "ETag: \"rehearsal\"",
            "Content-Length: " + bytes.length,
            "",
            body);
    return String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode operation(String target, JsonNode request) {
    var answer = Json.MAPPER.createObjectNode();
    switch (target.substring(target.indexOf('.') + 1)) {
      case "GetItem" -> put(answer, "Item", request.path("Key"));
      case "BatchGetItem" -> batch(answer.putObject("Responses"), request.path("RequestItems"));
      case "PutItem" -> keep(request.path("Item"));
      case "UpdateItem" -> put(answer, "Attributes", request.path("Key"));
      case "TransactWriteItems" ->
          request.path("TransactItems").forEach(part -> keep(part.path("Put").path("Item")));
      case "Query" -> answer.put("Count", 0).putArray("Items");
      case "GetSecretValue" -> answer.put("SecretString", "rehearsal");
      case "PutEvents" -> answer.put("FailedEntryCount", 0).putArray("Entries");
      case "StartExecution" -> answer.put("executionArn", "rehearsal").put("startDate", 0);
      default -> {} // nothing of its answer is used
    }
    return answer;
  }

  private void batch(ObjectNode responses, JsonNode tables) {
    tables
        .properties()
        .forEach(table -> {
          var found = responses.putArray(table.getKey());
          for (var key : table.getValue().path("Keys")) {
            var item = items.get(key(key));
            if (item != null) {
              found.add(item);
            }
          }
        });
  }

  private void put(ObjectNode answer, String name, JsonNode key) {
    var item = items.get(key(key));
    if (item != null) {
      answer.set(name, item);
    }
  }

  private void keep(JsonNode item) {
    if (item.has("pk")) {
      items.put(key(item), item);
    }
  }

  private static String key(JsonNode item) {
    return item.path("pk").path("S").asText() + '\n' + item.path("sk").path("S").asText();
  }
}
