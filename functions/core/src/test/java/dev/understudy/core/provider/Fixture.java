package dev.understudy.core.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One recorded answer: a status line, headers, an empty line, the body. */
record Fixture(String name, Exchange.Answered answer) {

  static Fixture named(String name) {
    try {
      String text = Files.readString(folder().resolve(name + ".http"), UTF_8);
      int end = text.indexOf("\n\n");
      List<String> head = text.substring(0, end).lines().toList();
      int status = Integer.parseInt(head.getFirst().split(" ", 3)[1]);
      String retryAfter = header(head, "Retry-After");
      return new Fixture(
          name,
          new Exchange.Answered(
              status,
              header(head, "Content-Type"),
              retryAfter == null ? null : Duration.ofSeconds(Long.parseLong(retryAfter)),
              text.substring(end + 2),
              false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> names() {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".http"))
          .map(file -> file.substring(0, file.length() - ".http".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    try {
      return Path.of(
              Objects.requireNonNull(Fixture.class.getResource("/provider/bare-pending.http"))
                  .toURI())
          .resolveSibling(".")
          .normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable String header(List<String> head, String name) {
    return head.stream()
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElse(null);
  }
}
