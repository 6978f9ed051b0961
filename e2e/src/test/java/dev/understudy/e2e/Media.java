package dev.understudy.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Footage for orders: the sample that ships with the project, and what is made of it. */
final class Media {
  private static final Path SAMPLE = Path.of("local", "sample");
  private static final Path FIXTURES =
      Path.of("functions", "core", "src", "test", "resources", "media");

  private Media() {}

  /** An image of 1280x720. */
  static byte[] character() {
    return read(SAMPLE.resolve("character.png"));
  }

  /** Four seconds of 1280x720 with sound. */
  static byte[] reference() {
    return read(SAMPLE.resolve("reference.mp4"));
  }

  /** A file of the media fixtures. */
  static byte[] fixture(String name) {
    return read(FIXTURES.resolve(name));
  }

  /** The reference, but its header says that it plays for so long. */
  static byte[] referenceOf(Duration length) {
    byte[] film = reference();
    ByteBuffer header = ByteBuffer.wrap(film).position(find(film, "mvhd"));
    // after the box's type: version and flags, created, modified, time scale, duration
    int at = header.position() + 4 + 4 + 4 + 4;
    header.putInt(at + 4, Math.toIntExact(length.toMillis() * header.getInt(at) / 1000));
    return film;
  }

  /** The reference with a box of nothing at its end, so that it has so many bytes. */
  static byte[] referenceOfBytes(int bytes) {
    byte[] film = reference();
    byte[] larger = Arrays.copyOf(film, bytes);
    ByteBuffer.wrap(larger)
        .position(film.length)
        .putInt(bytes - film.length)
        .put("free".getBytes(StandardCharsets.US_ASCII));
    return larger;
  }

  /** The character with nothing after its end, so that it has so many bytes. */
  static byte[] characterOfBytes(int bytes) {
    return Arrays.copyOf(character(), bytes);
  }

  private static int find(byte[] film, String box) {
    byte[] type = box.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < film.length - type.length; i++) {
      if (Arrays.equals(film, i, i + type.length, type, 0, type.length)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no box " + box);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
