package dev.understudy.core.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "see https://a.example.com/x/y?token=1 now|see https://a.example.com/… now",
        "see http://user:pass@a.example.com:80/x|see http://a.example.com:80/…",
        "bad data:image/png;base64,AAAA here|bad data:… here",
        "Invalid token: sk-abcd****wxyz|Invalid token: sk-…",
        "Authorization: Bearer eyJhbGciOi.x.y|Authorization: Bearer …",
        "key_0123456789abcdef0123|key-…",
        "understudy_0123456789-abcdefghij_0123456789abcdefghij|understudy-…",
        "a key_frame is not|a key_frame is not",
        "understudy_local is not|understudy_local is not",
        "?X-Amz-Signature=abc&X-Amz-Expires=3600|?X-Amz-Signature=…&X-Amz-Expires=…",
        "keyframes and task-runners stay|keyframes and task-runners stay"
      })
  void clean_shouldLeaveNoSecret(String raw, String expected) {
    assertThat(ProviderText.clean(raw)).isEqualTo(expected);
  }

  @Test
  void clean_shouldBeOneBoundedLine() {
    assertThat(ProviderText.clean(" a\r\n\tb\u0000c ")).isEqualTo("a b c");
    assertThat(ProviderText.clean("😀".repeat(5_000))).isEqualTo("😀".repeat(300) + "…");
  }
}
