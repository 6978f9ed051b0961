package dev.understudy.adapters.webhook;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.ports.Receiver.Answer;
import dev.understudy.core.ports.Receiver.Answer.Answered;
import dev.understudy.core.ports.Receiver.Answer.Unanswered;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpReceiverTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(500);

  @RegisterExtension
  static final WireMockExtension SERVER =
      WireMockExtension.newInstance()
          .options(options().dynamicPort().bindAddress("127.0.0.1"))
          .build();

  /**
   * Its own for each test: what a test gave up waiting for may still arrive during the next one.
   */
  private final String path = "/hooks/%d?token=t0p-secret".formatted(TESTS.incrementAndGet());

  private Answer post(Duration bound) {
    return HttpReceiver.at("http://127.0.0.1:" + SERVER.getPort() + path)
        .post("{\"type\":\"t\"}".getBytes(UTF_8), Map.of("webhook-id", "1"), bound);
  }

  private static void answering(ResponseDefinitionBuilder response) {
    SERVER.stubFor(any(anyUrl()).willReturn(response));
  }

  @Test
  void post_shouldSendTheDocumentAndItsHeaders() {
    answering(aResponse().withStatus(204));

    assertThat(post(BOUND)).isEqualTo(new Answered(204));
    SERVER.verify(
        1,
        postRequestedFor(urlEqualTo(path))
            .withHeader("Content-Type", equalTo("application/json"))
            .withHeader("User-Agent", equalTo("understudy"))
            .withHeader("webhook-id", equalTo("1"))
            .withRequestBody(equalToJson("{\"type\":\"t\"}")));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void post_shouldFollowNobody(int status) {
    answering(
        aResponse().withStatus(status).withHeader("Location", SERVER.baseUrl() + "/elsewhere"));

    assertThat(post(BOUND)).isEqualTo(new Answered(status));
    SERVER.verify(1, postRequestedFor(urlEqualTo(path)));
    SERVER.verify(0, anyRequestedFor(urlEqualTo("/elsewhere")));
  }

  @Test
  void post_shouldEndInTime_whenNobodyAnswers() {
    answering(aResponse().withFixedDelay(30_000));

    assertThat(post(SHORT)).isInstanceOf(Unanswered.class).asString().doesNotContain("t0p-secret");
  }

  @Test
  void post_shouldEndInTime_whenTheBodyTrickles() {
    answering(aResponse().withStatus(200).withBody("...").withChunkedDribbleDelay(3, 30_000));

    assertThat(post(SHORT)).isInstanceOf(Unanswered.class).asString().doesNotContain("t0p-secret");
  }

  @Test
  void post_shouldSendOnce_whenTheConnectionBreaks() {
    answering(aResponse().withFault(Fault.EMPTY_RESPONSE));

    assertThat(post(BOUND)).isInstanceOf(Unanswered.class).asString().doesNotContain("t0p-secret");
    SERVER.verify(1, postRequestedFor(urlEqualTo(path)));
  }

  @Test
  void post_shouldNotNameTheAddress_whenNobodyListens() throws IOException {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }

    var answer =
        HttpReceiver.at("http://127.0.0.1:%d%s".formatted(free, path))
            .post(new byte[0], Map.of(), BOUND);

    assertThat(answer).isEqualTo(new Unanswered("ConnectException"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.example.com/understudy?token=t",
        "https://10.0.0.1:8443",
        "http://127.0.0.1:9000/x",
        "http://localhost"
      })
  void at_shouldTakeHttps_andThisMachine(String address) {
    assertThat(HttpReceiver.at(address)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://hooks.example.com/secret",
        "http://127.0.0.1.example.com/secret",
        "https://user:secret@example.com",
        "https://example.com/#secret",
        "https://exa mple.com/secret",
        "ftp://example.com/secret",
        "secret"
      })
  void at_shouldRefuseWithoutQuotingIt(String address) {
    assertThatThrownBy(() -> HttpReceiver.at(address))
        .isInstanceOf(Misconfigured.class)
        .hasNoCause()
        .message()
        .doesNotContain("secret");
  }
}
