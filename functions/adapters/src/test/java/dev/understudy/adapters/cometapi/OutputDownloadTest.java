package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.provider.Download;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OutputDownloadTest {
  private static final Duration STALL = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final URI ELSEWHERE = URI.create("https://api.example.com");
  private static final String VIDEO =
      "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 5\r\n\r\nmovie";

  @Test
  void open_shouldGiveTheBytes_fromTheProvidersOwnHost() throws IOException {
    try (RawServer server = RawServer.http(answering(VIDEO))) {
      Download download = from(server).open(server.url("/out.mp4?signature=secret"));

      try (Download.Opened opened = opened(download)) {
        assertThat(opened.contentLength()).isEqualTo(5);
        assertThat(opened.contentType()).isEqualTo("video/mp4");
        assertThat(opened.body().readAllBytes()).isEqualTo("movie".getBytes(UTF_8));
      }
      assertThat(server.requests().getFirst())
          .startsWith("GET /out.mp4?signature=secret HTTP/1.1\r\n")
          .contains("\r\nAccept-Encoding: identity\r\n")
          .doesNotContain("Authorization");
    }
  }

  @Test
  void open_shouldGiveNoLength_whenTheAnswerIsChunked() throws IOException {
    try (RawServer server =
        RawServer.http(
            answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nmovie\r\n0\r\n\r\n"))) {
      try (Download.Opened opened = opened(from(server).open(server.url("/o")))) {
        assertThat(opened.contentLength()).isNull();
        assertThat(opened.contentType()).isNull();
        assertThat(opened.body().readAllBytes()).hasSize(5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 410})
  void open_shouldBeNotThere_whenTheUrlIsNotGoodAnyMore(int status) {
    try (RawServer server = RawServer.http(answering(empty(status)))) {
      assertThat(from(server).open(server.url("/o"))).isEqualTo(new Download.NotThere(status));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 206, 304, 416, 429, 500, 503})
  void open_shouldFail_whenTheAnswerIsNotTheFile(int status) {
    try (RawServer server = RawServer.http(answering(empty(status)))) {
      assertThat(from(server).open(server.url("/o?signature=secret")))
          .isEqualTo(
              new Download.Failed(
                  "The output's host 127.0.0.1 answered with HTTP " + status + "."));
    }
  }

  /** What the other side quotes of its request may end up in the words of the JDK. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s\r\n\r\n",
        "HTTP/1.1 2x0 %s\r\n\r\n",
        "HTTP/1.1 403 %s\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%s",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n"
      })
  void open_shouldQuoteNoSecret_whateverTheAnswerQuotes(String answer) throws IOException {
    var quoted = "https://cdn.example.com/o.mp4?_jwt=canary";
    try (RawServer server = RawServer.http(answering(answer.formatted(quoted)))) {
      switch (from(server).open(server.url("/o.mp4?_jwt=canary"))) {
        case Download.Opened opened -> {
          try (opened) {
            assertThatThrownBy(() -> opened.body().readAllBytes())
                .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("canary"));
          }
        }
        case Download.NotThere notThere -> assertThat(notThere.status()).isEqualTo(403);
        case Download.Failed failed -> assertThat(failed.toString()).doesNotContain("canary");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void open_shouldFail_whenItIsARedirect(int status) {
    try (RawServer inside = RawServer.http(answering(VIDEO));
        RawServer server =
            RawServer.http(
                answering(
                    "HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                        .formatted(status, inside.url("/meta-data?signature=secret"))))) {
      assertThat(from(server).open(server.url("/o")))
          .isEqualTo(
              new Download.Failed(
                  "The output's host 127.0.0.1 answered with a redirect (HTTP "
                      + status
                      + "), and none is followed."));
      assertThat(server.requests()).hasSize(1);
      assertThat(inside.connections()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1:%d/o",
        "https://localhost:%d/o",
        "https://[::1]:%d/o",
        "https://[::ffff:127.0.0.1]:%d/o",
        "https://0.0.0.0:%d/o",
        "https://2130706433:%d/o"
      })
  void open_shouldNotConnect_whenTheHostIsNotPublic(String url) {
    try (RawServer server = RawServer.http(answering(VIDEO))) {
      URI output = URI.create(url.formatted(server.port()) + "?signature=secret");

      Download download = new OutputDownload(ELSEWHERE, STALL).open(output);

      assertThat(download).isInstanceOf(Download.Failed.class);
      assertThat(download.toString())
          .containsAnyOf("not connected to", "names no host")
          .doesNotContain("secret");
      assertThat(server.connections()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:%d/o",
        "http://example.com/o",
        "ftp://127.0.0.1/o",
        "file:///etc/passwd",
        "http:opaque",
        "http://user@127.0.0.1:%d/o"
      })
  void open_shouldNotConnect_whenItIsNeitherHttpsNorTheProvider(String url) {
    try (RawServer server = RawServer.http(answering(VIDEO))) {
      assertThat(from(server).open(URI.create(url.formatted(server.port()))))
          .isInstanceOf(Download.Failed.class);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void open_shouldNotTakePlainHttp_whenTheProviderIsConfiguredWithHttps() {
    try (RawServer server = RawServer.http(answering(VIDEO))) {
      OutputDownload downloads = new OutputDownload(URI.create("https://127.0.0.1"), STALL);

      assertThat(downloads.open(server.url("/o"))).isInstanceOf(Download.Failed.class);
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void open_shouldNotConnect_whenItIsAnotherPortOfTheProvidersHost() {
    try (RawServer provider = RawServer.http(answering(VIDEO));
        RawServer beside = RawServer.http(answering(VIDEO))) {
      assertThat(from(provider).open(beside.url("/o"))).isInstanceOf(Download.Failed.class);
      assertThat(beside.connections()).isZero();
    }
  }

  @Test
  void open_shouldJudgeTheAddressItConnectsTo_andStillCheckTheCertificate() throws IOException {
    Tls tls = Tls.of("dns:video.127.0.0.1.resolves.test");
    List<InetAddress> judged = new ArrayList<>();
    try (RawServer server = RawServer.https(tls.server(), answering(VIDEO))) {
      OutputRule rule =
          new OutputRule(
              ELSEWHERE,
              server.port(),
              address -> {
                judged.add(address);
                return true;
              });
      OutputDownload downloads = new OutputDownload(rule, STALL, tls.client());

      try (Download.Opened opened =
          opened(downloads.open(TestNames.loopback("video", server.port())))) {
        assertThat(opened.body().readAllBytes()).hasSize(5);
      }
      assertThat(judged)
          .singleElement()
          .satisfies(address -> assertThat(address.isLoopbackAddress()).isTrue());
      // the certificate is for another name
      assertThat(downloads.open(TestNames.loopback("other", server.port())).toString())
          .contains("offers no TLS session");
    }
  }

  @Test
  void open_shouldFail_whenTheHeadersDoNotCome() {
    try (RawServer server = RawServer.http(RawServer.Connection::hang)) {
      assertThat(new OutputDownload(server.url(""), SHORT).open(server.url("/o")))
          .isEqualTo(new Download.Failed("The output's host 127.0.0.1 did not answer in time."));
    }
  }

  @Test
  void open_shouldFail_whenTheHostIsUnknown() {
    assertThat(
            new OutputDownload(ELSEWHERE, STALL)
                .open(URI.create("https://cdn.invalid/o?signature=secret")))
        .isEqualTo(new Download.Failed("The output's host cdn.invalid cannot be resolved."));
  }

  @Test
  void read_shouldFail_whenNoByteComesForTooLong() throws IOException {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nmo");
          connection.hang();
        })) {
      OutputDownload downloads = new OutputDownload(server.url(""), SHORT);
      try (Download.Opened opened = opened(downloads.open(server.url("/o")))) {
        assertThatThrownBy(() -> opened.body().readAllBytes())
            .isInstanceOf(IOException.class)
            .hasMessage("no byte of the output came for 2 s");
      }
    }
  }

  @Test
  void read_shouldFail_whenTheConnectionIsReset() throws IOException {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + "x".repeat(100_000));
          connection.reset();
        })) {
      try (Download.Opened opened = opened(from(server).open(server.url("/o?signature=secret")))) {
        assertThatThrownBy(() -> opened.body().readAllBytes())
            .isInstanceOf(IOException.class)
            .hasMessageStartingWith("the output broke off")
            .hasMessageNotContaining("secret");
      }
    }
  }

  @Test
  void close_shouldDropTheConnection_whenMuchIsStillToCome() throws IOException {
    try (RawServer server =
        RawServer.http(connection -> {
          connection.request();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n");
          while (true) {
            connection.send("x".repeat(65_536));
          }
        })) {
      Download.Opened opened = opened(from(server).open(server.url("/o")));

      assertThat(opened.body().read()).isEqualTo('x');
      opened.close();
    }
  }

  private static OutputDownload from(RawServer server) {
    return new OutputDownload(server.url(""), STALL);
  }

  private static Download.Opened opened(Download download) {
    return switch (download) {
      case Download.Opened opened -> opened;
      case Download.NotThere notThere -> throw new AssertionError(notThere);
      case Download.Failed failed -> throw new AssertionError(failed);
    };
  }

  private static RawServer.Script answering(String answer) {
    return connection -> {
      connection.request();
      connection.send(answer);
    };
  }

  private static String empty(int status) {
    return "HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n";
  }
}
