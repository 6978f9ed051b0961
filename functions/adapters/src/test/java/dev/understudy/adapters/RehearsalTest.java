package dev.understudy.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.task.TaskStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a rehearsal must not do; the handlers' tests say what each of them plays. */
class RehearsalTest {

  private static final RequestStreamHandler NOTHING = (input, output, context) -> {};

  /** Its lines would be metrics of tasks that are none. */
  @Test
  void rehearse_shouldBeSilent_whenThePartWritesToTheLog() throws IOException {
    var heard = new ByteArrayOutputStream();
    var out = System.out;
    System.setOut(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      new Rehearsal(_ -> NOTHING, TaskStatus.SUBMITTED, "{}").rehearse(1);
      System.out.print("heard again");
    } finally {
      System.setOut(out);
    }

    assertThat(heard.toString(StandardCharsets.UTF_8)).isEqualTo("heard again");
  }

  /**
   * As with SnapStart: a function's credentials are at an address, which is its own again after.
   */
  @Test
  void rehearse_shouldAskItsStageForCredentials() throws IOException {
    assertThat(new Rehearsal(_ -> NOTHING, TaskStatus.QUEUED, "{}").rehearse(2))
        .containsOnlyOnce("GET /credentials");

    assertThat(System.getProperty("aws.containerCredentialsFullUri")).isNull();
  }

  @Test
  void rehearse_shouldConnectToItsStageOnly() throws IOException {
    var asked = new ArrayList<URI>();
    var usual = ProxySelector.getDefault();
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            asked.add(uri);
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException why) {}
        });
    try {
      new Rehearsal(_ -> NOTHING, TaskStatus.PERSISTING, "{}").rehearse(1);
    } finally {
      ProxySelector.setDefault(usual);
    }

    assertThat(asked).isNotEmpty();
    assertThat(asked.stream().map(URI::getAuthority).distinct()).hasSize(1);
    assertThat(asked).allSatisfy(uri -> assertThat(uri.getHost()).isEqualTo("127.0.0.1"));
  }

  /** Nothing listens there: whatever reached something else would be answered. */
  @Test
  void parts_shouldReachNothingElse_whenTheStageIsGone() throws IOException {
    var wiring = Wiring.on(nobody());

    assertThat(wiring.provider().submit(new byte[0], "key", Duration.ofSeconds(5)))
        .isInstanceOf(Exchange.NotSent.class);
    assertThat(wiring.settings().baseUrl()).hasHost("127.0.0.1");
    assertThatThrownBy(() -> wiring.signer().sign("inputs/x")).hasMessageContaining("STS");
    assertThatThrownBy(() -> wiring.apiKey().current()).hasMessageContaining("Secrets Manager");
    assertThatThrownBy(() -> wiring.bucket().head("x")).hasMessageContaining("S3");
    assertThatThrownBy(() -> wiring.executions().start("x", 1))
        .hasMessageContaining("Step Functions");
  }

  private static URI nobody() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
