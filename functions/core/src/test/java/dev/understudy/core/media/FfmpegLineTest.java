package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FfmpegLineTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain.gif",
        "two words.gif",
        "it's.gif",
        "''.gif",
        "$(touch pwned).gif",
        "`id`; rm -rf *.gif",
        "back\\slash.gif",
        "\"double\".gif",
        "new\nline.gif",
        "grün+weiß 演技.gif",
        "a*b?[c].gif",
        "!history.gif",
        "~.gif"
      })
  void quoted_shouldBeOneWordForTheShell_whateverTheName(String name) throws Exception {
    assertThat(echoed(FfmpegLine.quoted(name))).isEqualTo("[" + name + "]");
  }

  @ParameterizedTest
  @CsvSource({"-y.gif, ./-y.gif", "pipe:1.gif, ./pipe:1.gif", "http://a.gif, ./http://a.gif"})
  void quoted_shouldBeAPath_whenFfmpegWouldTakeItForSomethingElse(String name, String path)
      throws Exception {
    assertThat(echoed(FfmpegLine.quoted(name))).isEqualTo("[" + path + "]");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "a.gif, 'a.mended.png'",
        "a.b.gif, 'a.b.mended.png'",
        "a, 'a.mended.png'",
        ".gif, '.gif.mended.png'",
        "-a.gif, './-a.mended.png'"
      })
  void toPng_shouldNameTheMendedFileBesideTheOld_whateverTheName(String name, String mended) {
    assertThat(FfmpegLine.toPng(name)).endsWith(" " + mended);
  }

  private static String echoed(String word) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("/bin/sh", "-c", "printf '[%s]' " + word)
            .redirectErrorStream(true)
            .start();
    byte[] output = shell.getInputStream().readAllBytes();
    assertThat(shell.waitFor()).isZero();
    return new String(output, StandardCharsets.UTF_8);
  }
}
