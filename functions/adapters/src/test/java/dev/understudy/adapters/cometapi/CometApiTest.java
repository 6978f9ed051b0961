package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.understudy.core.provider.Exchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.ThrowingSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CometApiTest {
  private static final byte[] BODY = "{\"model\":\"act_two\"}".getBytes(UTF_8);
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** Long enough to connect on a busy machine. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  private static final Duration WELL_BELOW_THE_TESTS_TIMEOUT = Duration.ofSeconds(20);
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));
  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"id\":\"t1\"}";

  @Test
  void submit_shouldSendExactlyWhatTheProviderWants() {
    try (RawServer server = RawServer.http(answering(OK))) {
      Exchange exchange = api(server, "").submit(BODY, " key-1\n", BOUND);

      assertThat(exchange)
          .isEqualTo(Exchange.Answered.of(200, "application/json", "{\"id\":\"t1\"}"));
      assertThat(server.requests()).hasSize(1);
      assertThat(server.requests().getFirst())
          .startsWith("POST /runwayml/v1/character_performance HTTP/1.1\r\n")
          .contains("\r\nAuthorization: Bearer key-1\r\n")
          .contains("\r\nX-Runway-Version: 2024-11-06\r\n")
          .contains("\r\nContent-Type: application/json\r\n")
          .contains("\r\nAccept: application/json\r\n")
          .contains("\r\nUser-Agent: understudy\r\n")
          .contains("\r\nContent-Length: 19\r\n")
          .doesNotContain("Upgrade")
          .endsWith("\r\n\r\n{\"model\":\"act_two\"}");
    }
  }

  @Test
  void submit_shouldUseANewConnection_everyTime() {
    try (RawServer server =
        RawServer.http(connection -> {
          while (!connection.request().isEmpty()) {
            connection.send(OK);
          }
        })) {
      CometApi api = api(server, "");

      assertThat(api.submit(BODY, "key", BOUND)).isInstanceOf(Exchange.Answered.class);
      assertThat(api.submit(BODY, "key", BOUND)).isInstanceOf(Exchange.Answered.class);

      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void submit_shouldBeSentOnce_whenTheConnectionIsResetBeforeAnAnswer() {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.reset();
        })) {
      Exchange exchange = api(server, "").submit(BODY, "key", BOUND);

      assertThat(exchange).isInstanceOf(Exchange.Broken.class);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void task_shouldBeAskedForOnce_whenTheConnectionIsResetBeforeAnAnswer() {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.reset();
        })) {
      Exchange exchange = api(server, "").task("t", "key", BOUND);

      assertThat(exchange)
          .asInstanceOf(type(Exchange.Broken.class))
          .extracting(Exchange.Broken::reason, STRING)
          .doesNotContain("retries");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void submit_shouldBeSentOnce_whenTheConnectionIsClosedBeforeAnAnswer() {
    try (RawServer server = RawServer.http(RawServer.Connection::request)) {
      Exchange exchange = api(server, "").submit(BODY, "key", BOUND);

      assertThat(exchange).isInstanceOf(Exchange.Broken.class);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"id\":\"t1\"}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"id\":\"t1\"}\r\n",
        "SMTP ready\r\n\r\n"
      })
  void submit_shouldBeBroken_whenTheAnswerIsNotWhole(String answer) {
    try (RawServer server = RawServer.http(answering(answer))) {
      assertThat(api(server, "").submit(BODY, "key", BOUND)).isInstanceOf(Exchange.Broken.class);
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void submit_shouldKeepTheBound_whenNothingIsAnswered() {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.hang();
        })) {
      assertThat(inTime(() -> api(server, "").submit(BODY, "key", SHORT)))
          .isEqualTo(new Exchange.Broken("no whole answer from 127.0.0.1 within 2000 ms"));
      await().untilAsserted(() -> assertThat(server.open()).isZero());
    }
  }

  @Test
  void submit_shouldKeepTheBound_whenTheBodyDoesNotEnd() {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"id\"");
          connection.hang();
        })) {
      assertThat(inTime(() -> api(server, "").submit(BODY, "key", SHORT)))
          .isEqualTo(new Exchange.Broken("no whole answer from 127.0.0.1 within 2000 ms"));
    }
  }

  @Test
  void submit_shouldNotBeSent_whenNobodyListens() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }

    Exchange exchange = api("http://127.0.0.1:" + port).submit(BODY, "key", BOUND);

    assertThat(exchange).isInstanceOf(Exchange.NotSent.class);
  }

  @Test
  void submit_shouldNotBeSent_whenTheHostIsUnknown() {
    assertThat(api("https://provider.invalid").submit(BODY, "key", BOUND))
        .isEqualTo(new Exchange.NotSent("the host name provider.invalid cannot be resolved"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "ke\ny", "schlüssel"})
  void submit_shouldNotBeSent_whenTheKeyCannotBe(String key) {
    try (RawServer server = RawServer.http(answering(OK))) {
      assertThat(api(server, "").submit(BODY, key, BOUND))
          .isEqualTo(
              new Exchange.NotSent("the API key is empty or holds characters no header can carry"));
      assertThat(server.connections()).isZero();
    }
  }

  /** What the other side quotes of its request may end up in the words of the JDK. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s\r\n\r\n",
        "HTTP/1.1 2x0 %s\r\n\r\n",
        "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%s",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
        "HTTP/1.1 400 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"
      })
  void exchange_shouldQuoteNoSecret_whateverTheAnswerQuotes(String answer) {
    var quoted =
        "Bearer sk-canary-of-a-key https://b.example.com/i.mp4?X-Amz-Signature=canary-of-an-input";
    try (RawServer server = RawServer.http(answering(answer.formatted(quoted)))) {
      var body = "{\"uri\":\"%s\"}".formatted(quoted).getBytes(UTF_8);
      for (var exchange :
          List.of(
              api(server, "").submit(body, "sk-canary-of-a-key", BOUND),
              api(server, "").task("t", "sk-canary-of-a-key", BOUND))) {
        assertThat(exchange.toString()).doesNotContain("canary");
      }
    }
  }

  @Test
  void submit_shouldNotFollowRedirects() {
    try (RawServer server =
        RawServer.http(
            answering(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"))) {
      assertThat(api(server, "").submit(BODY, "key", BOUND))
          .isEqualTo(Exchange.Answered.of(307, null, ""));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void submit_shouldNotAnswerAChallenge() {
    try (RawServer server =
        RawServer.http(
            answering(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"))) {
      assertThat(api(server, "").submit(BODY, "key", BOUND))
          .isEqualTo(Exchange.Answered.of(401, null, ""));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void submit_shouldNotBeSent_whenTheCertificateIsNotTrusted() {
    try (RawServer server = RawServer.https(Tls.of("ip:127.0.0.1").server(), answering(OK))) {
      Exchange exchange = api(server, "").submit(BODY, "key", BOUND);

      assertThat(exchange).isInstanceOf(Exchange.NotSent.class);
      assertThat(server.requests()).allMatch(String::isEmpty);
    }
  }

  @Test
  void submit_shouldNotBeSent_whenTheOtherSideEndsTheHandshake() {
    try (RawServer server = RawServer.http(RawServer.Connection::reset)) {
      Exchange exchange =
          api(server.url("").toString().replace("http", "https")).submit(BODY, "key", BOUND);

      assertThat(exchange).isInstanceOf(Exchange.NotSent.class);
    }
  }

  @Test
  void submit_shouldNotBeSent_whenTheHandshakeTakesTooLong() {
    try (RawServer server = RawServer.http(RawServer.Connection::hang)) {
      CometApi api = api(server.url("").toString().replace("http", "https"));

      Exchange exchange = inTime(() -> api.submit(BODY, "key", SHORT));

      assertThat(exchange).isInstanceOf(Exchange.NotSent.class);
    }
  }

  @Test
  void submit_shouldBeAnswered_overTls() {
    Tls tls = Tls.of("ip:127.0.0.1");
    try (RawServer server = RawServer.https(tls.server(), answering(OK))) {
      CometApi api =
          new CometApi(
              server.url(""), "2024-11-06", CLOCK, builder -> builder.sslContext(tls.context()));

      assertThat(api.submit(BODY, "key", BOUND)).isInstanceOf(Exchange.Answered.class);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void submit_shouldBeBroken_whenTheConnectionIsResetOverTls() {
    Tls tls = Tls.of("ip:127.0.0.1");
    try (RawServer server =
        RawServer.https(
            tls.server(),
            connection -> {
              connection.request();
              connection.reset();
            })) {
      CometApi api =
          new CometApi(
              server.url(""), "2024-11-06", CLOCK, builder -> builder.sslContext(tls.context()));

      assertThat(api.submit(BODY, "key", BOUND)).isInstanceOf(Exchange.Broken.class);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void task_shouldLeaveNoThreadBehind() {
    try (RawServer server = RawServer.http(answering(OK))) {
      CometApi api = api(server, "");
      long before = clientThreads();
      for (int i = 0; i < 10; i++) {
        assertThat(api.task("t", "key", BOUND)).isInstanceOf(Exchange.Answered.class);
      }

      await().untilAsserted(() -> assertThat(clientThreads()).isLessThanOrEqualTo(before));
    }
  }

  @Test
  void task_shouldAskForTheTask_withItsIdEncoded() {
    try (RawServer server = RawServer.http(answering(OK))) {
      Exchange exchange = api(server, "").task("a/b c+d?e#f%", "key", BOUND);

      assertThat(exchange).isInstanceOf(Exchange.Answered.class);
      assertThat(server.requests().getFirst())
          .startsWith("GET /runwayml/v1/tasks/a%2Fb%20c%2Bd%3Fe%23f%25 HTTP/1.1\r\n")
          .contains("\r\nAuthorization: Bearer key\r\n")
          .contains("\r\nX-Runway-Version: 2024-11-06\r\n");
    }
  }

  @Test
  void task_shouldReadAnHttp10Answer() {
    try (RawServer server =
        RawServer.http(
            answering("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}"))) {
      assertThat(api(server, "").task("t", "key", BOUND))
          .isEqualTo(Exchange.Answered.of(200, "application/json", "{\"a\":1}"));
    }
  }

  @Test
  void task_shouldReadAChunkedAnswer() {
    try (RawServer server =
        RawServer.http(
            answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"))) {
      assertThat(api(server, "").task("t", "key", BOUND))
          .isEqualTo(Exchange.Answered.of(200, null, "{\"a\":1}"));
    }
  }

  @Test
  void task_shouldCutWhatIsTooLarge() {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.send("HTTP/1.1 502 Bad Gateway\r\n\r\n");
          while (true) {
            connection.send("x".repeat(65_536));
          }
        })) {
      Exchange exchange = api(server, "").task("t", "key", BOUND);

      assertThat(exchange)
          .isEqualTo(
              new Exchange.Answered(502, null, null, "x".repeat(CometApi.LARGEST_BODY), true));
    }
  }

  @Test
  void task_shouldNotCutWhatJustFits() {
    String body = "x".repeat(CometApi.LARGEST_BODY);
    try (RawServer server =
        RawServer.http(
            answering("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body))) {
      assertThat(api(server, "").task("t", "key", BOUND))
          .isEqualTo(Exchange.Answered.of(200, null, body));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7, PT7S",
    "0, PT0S",
    "999999999999, PT24H",
    "'Sun, 01 Mar 2026 12:01:30 GMT', PT90S",
    "'Sun, 01 Mar 2026 11:00:00 GMT', PT0S",
    "-5, ",
    "soon, "
  })
  void task_shouldReadRetryAfter(String header, @Nullable Duration expected) {
    try (RawServer server =
        RawServer.http(
            answering(
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: "
                    + header
                    + "\r\nContent-Length: 0\r\n\r\n"))) {
      assertThat(api(server, "").task("t", "key", BOUND))
          .isEqualTo(new Exchange.Answered(429, null, expected, "", false));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/runwayml", "/runwayml/", "/runwayml/v1", "/runwayml/v1/"})
  void baseUrl_shouldBeAcceptedInEveryForm(String path) {
    try (RawServer server = RawServer.http(answering(OK))) {
      var _ = api(server, path).task("t", "key", BOUND);

      assertThat(server.requests().getFirst()).startsWith("GET /runwayml/v1/tasks/t HTTP/1.1");
    }
  }

  @Test
  void baseUrl_shouldKeepItsOwnPath() {
    try (RawServer server = RawServer.http(answering(OK))) {
      var _ = api(server, "/comet/").task("t", "key", BOUND);

      assertThat(server.requests().getFirst())
          .startsWith("GET /comet/runwayml/v1/tasks/t HTTP/1.1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api.cometapi.com",
        "ftp://api.cometapi.com",
        "https://",
        "https:///x",
        "https://a?b=c",
        "https://a#b",
        "https://u:p@a",
        "/x"
      })
  void baseUrl_shouldBeRefused_whenItIsNotOne(String url) {
    assertThatIllegalArgumentException().isThrownBy(() -> api(url));
  }

  @Test
  void constructor_shouldRefuse_whenTheJvmRepeatsPosts() {
    System.setProperty("jdk.httpclient.enableAllMethodRetry", "");
    try {
      assertThatIllegalStateException().isThrownBy(() -> api("https://api.example.com"));
    } finally {
      System.clearProperty("jdk.httpclient.enableAllMethodRetry");
    }
  }

  private static RawServer.Script answering(String answer) {
    return connection -> {
      connection.request();
      connection.send(answer);
    };
  }

  private static CometApi api(RawServer server, String path) {
    return api(server.url(path).toString());
  }

  private static CometApi api(String baseUrl) {
    return new CometApi(URI.create(baseUrl), "2024-11-06", CLOCK);
  }

  private static Exchange inTime(ThrowingSupplier<Exchange> call) {
    return assertTimeout(WELL_BELOW_THE_TESTS_TIMEOUT, call);
  }

  private static long clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("HttpClient-"))
        .count();
  }
}
