package dev.understudy.simulator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.simulator.provider.Json;
import dev.understudy.simulator.provider.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole simulator over real connections, as a stranger's program meets it. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SimulatorServerTest {
  private static final String SUBMIT = "/runwayml/v1/character_performance";
  private final List<String> log = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer media;
  private SimulatorServer simulator;

  @BeforeEach
  void open() throws IOException {
    byte[] acting;
    try (InputStream in = SimulatorServerTest.class.getResourceAsStream("/media/acting.mp4")) {
      acting = in == null ? new byte[0] : in.readAllBytes();
    }
    media = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    media.createContext(
        "/",
        exchange -> {
          boolean video = exchange.getRequestURI().getPath().endsWith(".mp4");
          exchange.getResponseHeaders().set("Content-Type", video ? "video/mp4" : "image/png");
          byte[] bytes = video ? acting : new byte[100];
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    media.start();
    simulator =
        new SimulatorServer(
            "127.0.0.1",
            0,
            Optional.empty(),
            Json.merge(
                Settings.usual(),
                "{\"allowHttp\":true,\"renderSeconds\":0,\"concurrency\":100}",
                Settings.class),
            new Random(3),
            log::add);
  }

  @AfterEach
  void close() throws IOException {
    simulator.close();
    media.stop(0);
    client.shutdownNow();
  }

  @Test
  void performance_shouldBeRenderedAndCharged_whenOrderedOverHttp() throws Exception {
    String id = json(post(SUBMIT, order(17))).get("id").asText();
    JsonNode task = json(get("/runwayml/v1/tasks/" + id));
    HttpResponse<byte[]> video =
        client.send(
            HttpRequest.newBuilder(URI.create(task.at("/output/0").asText())).build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(task.get("status").asText()).isEqualTo("SUCCEEDED");
    assertThat(video.statusCode()).isEqualTo(200);
    assertThat(video.headers().firstValue("Content-Type")).contains("video/mp4");
    assertThat(video.body()).hasSizeGreaterThan(20_000);
    JsonNode ledger = json(get("/admin/ledger?seed=17"));
    assertThat(ledger.at("/charges/0/providerTaskId").asText()).isEqualTo(id);
    assertThat(ledger.at("/tasks/0/gets")).hasSize(1);
    assertThat(ledger.at("/maxConcurrent").asInt()).isEqualTo(1);
    assertThat(get("/").body()).contains("1 tasks, 1 charges, $0.40", id);
    assertThat(String.join("\n", log)).contains(SUBMIT + " -> 200").doesNotContain("_jwt");
  }

  @Test
  void output_shouldServeRangesAndHead_whenAskedFor() throws Exception {
    String id = json(post(SUBMIT, order(17))).get("id").asText();
    URI url = URI.create(json(get("/runwayml/v1/tasks/" + id)).at("/output/0").asText());
    byte[] whole = range(url, "GET", "").body();

    assertThat(range(url, "GET", "bytes=10-19").statusCode()).isEqualTo(206);
    assertThat(range(url, "GET", "bytes=0-3").body()).isEqualTo(new byte[] {0, 0, 0, whole[3]});
    assertThat(new String(range(url, "GET", "bytes=-36").body(), StandardCharsets.UTF_8))
        .isEqualTo(id);
    assertThat(range(url, "GET", "bytes=999999999-").statusCode()).isEqualTo(416);
    HttpResponse<byte[]> head = range(url, "HEAD", "");
    assertThat(head.headers().firstValueAsLong("Content-Length").orElse(0)).isEqualTo(whole.length);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void connection_shouldBeReset_whenTheFaultSaysSo() throws Exception {
    fault("{\"seed\":1,\"on\":\"submit\",\"action\":\"reset-before-acceptance\"}");
    fault("{\"seed\":2,\"on\":\"submit\",\"action\":\"reset-after-acceptance\"}");

    for (int seed : List.of(1, 2)) {
      try (Socket socket = connected()) {
        socket.getOutputStream().write(raw(order(seed)));
        assertThatThrownBy(() -> socket.getInputStream().read())
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("reset");
      }
    }
    assertThat(json(get("/admin/ledger?seed=1")).at("/charges")).isEmpty();
    assertThat(json(get("/admin/ledger?seed=2")).at("/charges")).hasSize(1);
  }

  @Test
  void answer_shouldEndInTheMiddle_whenTheFaultSaysSo() throws Exception {
    String id = json(post(SUBMIT, order(1))).get("id").asText();
    URI url = URI.create(json(get("/runwayml/v1/tasks/" + id)).at("/output/0").asText());
    fault("{\"on\":\"output\",\"action\":\"truncate\",\"bytes\":1000}");
    fault("{\"on\":\"submit\",\"action\":\"reset-in-answer\"}");

    assertThatThrownBy(() -> range(url, "GET", "")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> post(SUBMIT, order(2))).isInstanceOf(IOException.class);
    assertThat(json(get("/admin/ledger?seed=2")).at("/charges")).hasSize(1);
    assertThat(range(url, "GET", "").statusCode()).isEqualTo(200);
  }

  @Test
  void connection_shouldBeClosedWithoutAByte_whenATimeoutIsOver() throws Exception {
    fault("{\"on\":\"submit\",\"action\":\"timeout-after-acceptance\",\"seconds\":0.2}");

    try (Socket socket = connected()) {
      long before = System.nanoTime();
      socket.getOutputStream().write(raw(order(1)));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(System.nanoTime() - before).isGreaterThan(150_000_000L);
    }
    assertThat(json(get("/admin/ledger")).at("/charges")).hasSize(1);
  }

  @Test
  void output_shouldComeInChunks_whenItsLengthIsHidden() throws Exception {
    String id = json(post(SUBMIT, order(1))).get("id").asText();
    URI url = URI.create(json(get("/runwayml/v1/tasks/" + id)).at("/output/0").asText());
    fault("{\"on\":\"output\",\"action\":\"no-length\"}");

    HttpResponse<byte[]> chunked = range(url, "GET", "");

    assertThat(chunked.headers().firstValue("Content-Length")).isEmpty();
    assertThat(chunked.headers().firstValue("Transfer-Encoding")).contains("chunked");
    assertThat(chunked.body()).isEqualTo(range(url, "GET", "").body());
  }

  @Test
  void everyOrder_shouldBeChargedOnce_whenTwentyComeAtOnce() throws Exception {
    List<Callable<String>> orders = new ArrayList<>();
    for (int seed = 1; seed <= 20; seed++) {
      String order = order(seed);
      orders.add(() -> {
        String id = json(post(SUBMIT, order)).get("id").asText();
        String url = json(get("/runwayml/v1/tasks/" + id)).at("/output/0").asText();
        return new String(
            range(URI.create(url), "GET", "bytes=-36").body(), StandardCharsets.UTF_8);
      });
    }
    List<String> seen = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<String> one : threads.invokeAll(orders)) {
        seen.add(one.get());
      }
    }

    JsonNode ledger = json(get("/admin/ledger"));
    assertThat(ledger.get("charges")).hasSize(20);
    assertThat(new HashSet<>(ledger.get("charges").findValuesAsText("providerTaskId")))
        .containsExactlyInAnyOrderElementsOf(seen);
  }

  @Test
  void admin_shouldSayWhatIsWrong_whenARequestIsNotValid() throws Exception {
    assertThat(post("/admin/faults", "{\"on\":\"get\",\"action\":\"explode\"}").statusCode())
        .isEqualTo(400);
    assertThat(
            json(post("/admin/faults", "{\"on\":\"get\",\"action\":\"explode\"}"))
                .get("error")
                .asText())
        .contains("\"explode\" is not one of", "rate-limit");
    assertThat(json(post("/admin/settings", "{\"speed\":1}")).get("error").asText())
        .contains("speed");
    assertThat(json(get("/admin/ledger?seed=x")).get("error").asText()).contains("seed");
    assertThat(get("/admin/nonsense").statusCode()).isEqualTo(404);
    assertThat(json(get("/admin/health")).get("status").asText()).isEqualTo("ok");
  }

  @Test
  void faults_shouldBeListedAndRemoved_whenAsked() throws Exception {
    fault("[{\"on\":\"get\",\"action\":\"reset\"},{\"on\":\"submit\",\"action\":\"rate-limit\"}]");
    assertThat(get("/admin/faults").body())
        .isEqualTo(
            "{\"faults\":[{\"on\":\"get\",\"action\":\"reset\"},{\"on\":\"submit\",\"action\":\"rate-limit\"}]}");

    HttpResponse<String> cleared =
        client.send(
            request("/admin/faults").DELETE().build(), HttpResponse.BodyHandlers.ofString());

    assertThat(cleared.body()).isEqualTo("{\"faults\":[]}");
    assertThat(post("/admin/reset", "").statusCode()).isEqualTo(200);
  }

  @Test
  void path_shouldBeAnsweredWithARedirectToAPage_whenItIsNotKnown() throws Exception {
    assertThat(get("/v1/tasks/1").statusCode()).isEqualTo(301);
    assertThat(get("/runwayml/v1/character_performance").statusCode()).isEqualTo(301);
    assertThat(post("/runwayml/v1/video_upscale", "{}").statusCode()).isEqualTo(301);
  }

  @Test
  void request_shouldBeRefused_whenItIsNoHttp() throws Exception {
    for (String bad : List.of("nonsense\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n")) {
      assertThat(speak(bad)).startsWith("HTTP/1.1 400");
    }
    assertThat(speak("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
    assertThat(speak("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 431");
  }

  @Test
  void body_shouldBeRead_whenItComesInChunksAfterAContinue() throws Exception {
    String answer =
        speak(
            """
            POST /admin/faults HTTP/1.1\r
            Expect: 100-continue\r
            Transfer-Encoding: chunked\r
            Connection: close\r
            \r
            1\r
            {\r
            21;x=y\r
            "on":"get","action":"empty-data"}\r
            0\r
            \r
            """);

    assertThat(answer).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK");
  }

  private String speak(String text) throws IOException {
    try (Socket socket = connected()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private Socket connected() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), simulator.url().getPort());
  }

  private byte[] raw(String body) {
    return """
    POST %s HTTP/1.1
    Host: x
    Authorization: Bearer simulated-key
    X-Runway-Version: 2024-11-06
    Content-Length: %d

    %s\
    """
        .formatted(SUBMIT, body.length(), body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private String order(int seed) {
    String files = "http://127.0.0.1:" + media.getAddress().getPort();
    return """
    {"character":{"type":"image","uri":"%s/puppet.png"},"reference":{"type":"video","uri":"%s/acting.mp4"},"model":"act_two","seed":%d}
    """
        .formatted(files, files, seed);
  }

  private void fault(String json) throws Exception {
    assertThat(post("/admin/faults", json).statusCode()).isEqualTo(200);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(simulator.url().resolve(path))
        .header("Authorization", "Bearer simulated-key")
        .header("X-Runway-Version", "2024-11-06");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<byte[]> range(URI url, String method, String range)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).method(method, HttpRequest.BodyPublishers.noBody());
    if (!range.isEmpty()) {
      request.header("Range", range);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return Json.parse(response.body())
        .orElseThrow(() -> new AssertionError("This is no JSON: " + response.body()));
  }
}
