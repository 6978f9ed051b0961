package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.provider.Download;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The corpus of URLs in urls/, each opened by the very code that opens outputs. */
@Timeout(60)
class OutputRuleTest {
  private static final Duration STALL = Duration.ofSeconds(20);
  private static final URI PROVIDER = URI.create("https://api.cometapi.com");

  static List<String> refused() {
    return corpus("refused.txt");
  }

  static List<String> open() {
    return corpus("public.txt");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void open_shouldNotConnect_whenTheUrlIsOfTheCorpus(String url) {
    URI output;
    try {
      output = new URI(url);
    } catch (URISyntaxException e) {
      return; // the reading of the provider's answer takes only what is a URI
    }
    var wouldConnect = new ArrayList<InetAddress>();

    var download = downloads(wouldConnect).open(output);

    assertThat(download).isInstanceOf(Download.Failed.class);
    assertThat(download.toString())
        .containsAnyOf("is not connected to", "names no host")
        .doesNotContain("password", "o.mp4");
    assertThat(wouldConnect).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("open")
  void open_shouldConnect_whenTheHostIsPublic(String url) throws IOException {
    var wouldConnect = new ArrayList<InetAddress>();

    downloads(wouldConnect).open(URI.create(url));

    assertThat(wouldConnect).containsExactly(InetAddress.getByName(URI.create(url).getHost()));
  }

  @Test
  void corpus_shouldHoldAtLeastSixtyRefusedUrls() {
    assertThat(refused()).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:8701/o",
        "https://127.0.0.1:8700/o",
        "http://localhost:8700/o",
        "http://user@127.0.0.1:8700/o"
      })
  void refusal_shouldBeGiven_whenItIsNotQuiteTheProvider(String url) {
    assertThat(new OutputRule(URI.create("http://127.0.0.1:8700")).refusal(URI.create(url)))
        .isNotNull();
  }

  @Test
  void refusal_shouldNotBeGiven_whenItIsTheProvider() {
    assertThat(
            new OutputRule(URI.create("http://127.0.0.1:8700"))
                .refusal(URI.create("http://127.0.0.1:8700/outputs/o.mp4")))
        .isNull();
  }

  /** Stops where the connection would be made, and notes it: these addresses are other people's. */
  private static OutputDownload downloads(List<InetAddress> wouldConnect) {
    var rule =
        new OutputRule(
            PROVIDER,
            443,
            address -> {
              if (PublicAddress.is(address)) {
                wouldConnect.add(address);
              }
              return false;
            });
    return new OutputDownload(rule, STALL, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  private static List<String> corpus(String name) {
    try (var in = OutputRuleTest.class.getResourceAsStream("/urls/" + name)) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
