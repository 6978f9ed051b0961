package dev.understudy.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.simulator.provider.Inputs.Fetched;
import dev.understudy.simulator.provider.Json;
import dev.understudy.simulator.provider.MediaKind;
import dev.understudy.simulator.provider.Settings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class HttpInputsTest {
  @TempDir Path folder;
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch testIsOver = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer media = started();
  private HttpInputs inputs;

  @BeforeEach
  void open() {
    inputs = new HttpInputs(folder);
  }

  @AfterEach
  void close() {
    testIsOver.countDown();
    inputs.close();
    media.stop(0);
    threads.close();
  }

  @Test
  void fetch_shouldKeepTheFile_whenAllIsWell() throws IOException {
    Fetched fetched = fetch("/acting.mp4", MediaKind.VIDEO, "{}");

    assertThat(fetched)
        .isInstanceOfSatisfying(
            Fetched.Kept.class, kept -> assertThat(kept.footage().length()).isPresent());
    assertThat(requests).containsExactly("GET /acting.mp4 RunwayML API/1.0 (simulated)");
    ((Fetched.Kept) fetched).footage().discard();
    assertThat(kept()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /missing.mp4   | VIDEO | HTTP status 404
          /redirect      | VIDEO | Redirects are not followed
          /octets        | VIDEO | Unsupported Content-Type "binary/octet-stream"
          /acting.mp4    | IMAGE | Unsupported Content-Type "video/mp4"
          /puppet.gif    | IMAGE | Unsupported Content-Type "image/gif"
          /untyped       | VIDEO | Unsupported Content-Type ""
          /chunked       | VIDEO | Content-Length
          /too-large.png | IMAGE | at most 16777216 bytes
          /too-large.mp4 | VIDEO | at most 33554432 bytes
          /empty         | VIDEO | 0 of 0 bytes
          /closed        | VIDEO | Failed to fetch asset
          """)
  void fetch_shouldRefuseWithTheReason_whenTheServerIsNotAsItShould(
      String path, MediaKind kind, String reason) throws IOException {
    assertThat(refusal(fetch(path, kind, "{}"))).contains(reason);
    assertThat(kept()).isZero();
  }

  @Test
  void fetch_shouldTakeTheLargestFile_whenItIsJustAtTheLimit() throws IOException {
    assertThat(fetch("/largest.png", MediaKind.IMAGE, "{}")).isInstanceOf(Fetched.Kept.class);
  }

  @Test
  void fetch_shouldGiveUp_whenTheServerIsSilent() throws IOException {
    assertThat(refusal(fetch("/silent", MediaKind.VIDEO, "{\"fetchTimeoutSeconds\":0.3}")))
        .contains("Timeout while fetching asset");
  }

  @Test
  void head_shouldBeAskedFor_onlyWhenItIsRequired() throws IOException {
    assertThat(refusal(fetch("/no-head", MediaKind.VIDEO, "{\"requireHead\":true}")))
        .contains("HEAD", "403");
    assertThat(fetch("/no-head", MediaKind.VIDEO, "{}")).isInstanceOf(Fetched.Kept.class);
    assertThat(fetch("/acting.mp4", MediaKind.VIDEO, "{\"requireHead\":true}"))
        .isInstanceOf(Fetched.Kept.class);
  }

  private Fetched fetch(String path, MediaKind kind, String settings) {
    return inputs.fetch(
        URI.create("http://127.0.0.1:" + media.getAddress().getPort() + path),
        kind,
        Json.merge(Settings.usual(), settings, Settings.class));
  }

  private long kept() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private static String refusal(Fetched fetched) {
    return switch (fetched) {
      case Fetched.Refused refused -> refused.reason();
      case Fetched.Kept kept -> throw new AssertionError("This was taken: " + kept);
    };
  }

  private HttpServer started() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", this::serve);
      server.start();
      return server;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(
        exchange.getRequestMethod()
            + " "
            + path
            + " "
            + exchange.getRequestHeaders().getFirst("User-Agent"));
    boolean head = exchange.getRequestMethod().equals("HEAD");
    try (exchange) {
      switch (path) {
        case "/redirect" -> {
          exchange.getResponseHeaders().set("Location", "/acting.mp4");
          exchange.sendResponseHeaders(302, -1);
        }
        case "/octets" -> send(exchange, "binary/octet-stream", Films.resource("acting.mp4"));
        case "/puppet.gif" -> send(exchange, "image/gif", new byte[100]);
        case "/untyped" -> send(exchange, "", Films.resource("acting.mp4"));
        case "/chunked" -> {
          exchange.getResponseHeaders().set("Content-Type", "video/mp4");
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(Films.resource("acting.mp4"));
        }
        case "/largest.png" -> send(exchange, "image/png", new byte[16 << 20]);
        case "/too-large.png" -> {
          announce(exchange, "image/png", (16 << 20) + 1);
          await();
        }
        case "/too-large.mp4" -> {
          announce(exchange, "video/mp4", (32 << 20) + 1);
          await();
        }
        case "/empty" -> {
          exchange.getResponseHeaders().set("Content-Type", "video/mp4");
          exchange.getResponseHeaders().set("Content-Length", "0");
          exchange.sendResponseHeaders(200, -1);
        }
        case "/closed" -> announce(exchange, "video/mp4", 1000);
        case "/silent" -> await();
        case "/no-head" -> {
          if (head) {
            exchange.sendResponseHeaders(403, -1);
          } else {
            send(exchange, "video/mp4", Films.resource("acting.mp4"));
          }
        }
        case "/acting.mp4" -> {
          if (head) {
            exchange.sendResponseHeaders(200, -1);
          } else {
            send(exchange, "video/mp4; charset=binary", Films.resource("acting.mp4"));
          }
        }
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private void await() throws IOException {
    try {
      testIsOver.await();
    } catch (InterruptedException e) {
      throw (IOException) new InterruptedIOException().initCause(e);
    }
  }

  private static void send(HttpExchange exchange, String type, byte[] bytes) throws IOException {
    announce(exchange, type, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void announce(HttpExchange exchange, String type, long length) throws IOException {
    if (!type.isEmpty()) {
      exchange.getResponseHeaders().set("Content-Type", type);
    }
    exchange.sendResponseHeaders(200, length);
    exchange.getResponseBody().flush();
  }
}
