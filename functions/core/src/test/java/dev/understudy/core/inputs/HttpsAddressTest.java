package dev.understudy.core.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpsAddressTest {

  private static @Nullable String problem(String address) {
    return HttpsAddress.problem(address, "must be an https address.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://a.io",
        "https://a.io/",
        "https://example.com/a.png?x=%20y#z",
        "HTTPS://Example.COM:8443/a",
        "https://xn--bcher-kva.example/a.mp4"
      })
  void problem_shouldBeNone(String address) {
    assertThat(problem(address.length() < 13 ? address + "/a" : address)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.com/a.png,https address",
    "ftp://example.com/a.png,https address",
    "s3://bucket.name/a.png,https address",
    "https://192.0.2.1/a.png,not an IP address",
    "https://2130706433/a.png,not an IP address",
    "https://[2001:db8::1]/a.png,not an IP address",
    "https://localhost/a.png,must name a domain",
    "https:///a.png?abcd,must name a domain",
    "https://user@example.com/a.png,must not carry a user name",
    "https://exa mple.com/a.png,not a valid address",
    "https://e.i,13 to 2",
  })
  void problem_shouldSayWhatIsWrong_withoutTheAddress(String address, String part) {
    assertThat(problem(address)).contains(part).doesNotContain(address);
  }

  @Test
  void problem_shouldKnowRunwaysLengths() {
    var start = "https://example.com/";
    assertThat(problem(start + "a".repeat(2048 - start.length()))).isNull();
    assertThat(problem(start + "a".repeat(2049 - start.length()))).contains("has 2049");
  }
}
