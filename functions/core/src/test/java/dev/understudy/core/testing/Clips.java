package dev.understudy.core.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/** Small pictures and videos, real ones. */
public final class Clips {

  private Clips() {}

  /** A PNG of 96x64 pixels. */
  public static byte[] png() {
    return resource("still.png");
  }

  /** A GIF. */
  public static byte[] gif() {
    return resource("still.gif");
  }

  /** An MP4 of 160x90 pixels, 24 frames per second, with sound, that says it plays so long. */
  public static byte[] mp4(Duration plays) {
    var bytes = resource("front.mp4");
    int at = indexOf(bytes, "mvhd") + 4 + 12; // version and flags, created, modified
    var buffer = ByteBuffer.wrap(bytes);
    long units = buffer.getInt(at) * plays.toMillis() / 1000;
    buffer.putInt(at + 4, (int) units);
    return bytes;
  }

  /** The same video with something after it that players ignore, so that it is another file. */
  public static byte[] mp4(Duration plays, String mark) {
    var video = mp4(plays);
    var free = mark.getBytes(StandardCharsets.UTF_8);
    var all = Arrays.copyOf(video, video.length + 8 + free.length);
    ByteBuffer.wrap(all, video.length, 8 + free.length)
        .putInt(8 + free.length)
        .put("free".getBytes(StandardCharsets.US_ASCII))
        .put(free);
    return all;
  }

  private static int indexOf(byte[] bytes, String box) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(box);
  }

  private static byte[] resource(String name) {
    try (InputStream in = Clips.class.getResourceAsStream("/media/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
