package dev.understudy.core.media;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges an MP4 while it streams by, so that an upload is completed only with a whole video: every
 * byte is counted, the top-level boxes are followed to their ends, and of their content only the
 * index (moov, up to 16 MB) is kept.
 *
 * <p>For one stream and one thread.
 */
public final class Mp4Stream {

  /** What is to be done with the stream. */
  public sealed interface Verdict permits Complete, Refused {}

  /**
   * It is a whole video.
   *
   * @param facts what was read from it; its length is the number of bytes received
   */
  public record Complete(MediaFacts facts) implements Verdict {}

  /**
   * It is not.
   *
   * @param reason one sentence, for people
   */
  public record Refused(String reason) implements Verdict {}

  /** What {@link #finish} is given when nobody said how long the stream is. */
  public static final long UNKNOWN_LENGTH = -1;

  private static final int SHORTEST_HEAD = 8;

  private final byte[] beginning = new byte[BoxHeader.MOST_BYTES];
  private final byte[] head = new byte[BoxHeader.MOST_BYTES];
  private int headBytes;
  private long received;
  private int boxes;
  private @Nullable BoxHeader box;
  private long contentLeft;
  private @Nullable ByteArrayOutputStream moov;
  private boolean pictures;
  private @Nullable String damage;

  /**
   * Takes the next bytes.
   *
   * @param buffer holds them; it is not kept
   * @param offset where they begin in it
   * @param length how many there are
   */
  public void accept(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (received < beginning.length) {
      int from = (int) received;
      System.arraycopy(buffer, offset, beginning, from, Math.min(length, beginning.length - from));
    }
    received += length;
    int at = offset;
    int end = offset + length;
    while (at < end && damage == null) {
      at += box == null ? head(buffer[at]) : content(box, buffer, at, end - at);
    }
  }

  /**
   * Judges what came, after the last byte.
   *
   * @param expectedBytes how many bytes were announced (Content-Length), or {@link #UNKNOWN_LENGTH}
   */
  public Verdict finish(long expectedBytes) {
    if (expectedBytes >= 0 && received != expectedBytes) {
      return new Refused(
          "The video came with %s bytes, and %s were announced."
              .formatted(Figures.count(received), Figures.count(expectedBytes)));
    }
    Optional<MediaFormat> format =
        MovieFile.format(Arrays.copyOf(beginning, (int) Math.min(received, beginning.length)));
    if (format.isEmpty()) {
      return new Refused(
          "What came is not an MP4: its %s bytes do not begin like one."
              .formatted(Figures.count(received)));
    }
    if (damage != null) {
      return new Refused(damage);
    }
    boolean withinBox = box != null && !box.reachesToTheEnd();
    if (headBytes > 0 || withinBox) {
      return new Refused(
          "The video is cut off: it ends within a box, after %s bytes."
              .formatted(Figures.count(received)));
    }
    if (moov == null) {
      return new Refused("The video has no index (moov).");
    }
    if (!pictures) {
      return new Refused("The video has no pictures (mdat).");
    }
    try {
      return new Complete(Movie.read(moov.toByteArray()).facts(format.get(), received));
    } catch (Unreadable e) {
      return new Refused("The video cannot be used: " + e.why() + ".");
    }
  }

  /** Takes one byte of a head, and enters the box with the last one. */
  private int head(byte next) {
    head[headBytes++] = next;
    if (headBytes >= SHORTEST_HEAD && headBytes == BoxHeader.headBytes(head, 0)) {
      headBytes = 0;
      enter(BoxHeader.read(head, 0));
    }
    return 1;
  }

  private void enter(BoxHeader entered) {
    if (++boxes > BoxHeader.MOST_IN_A_ROW) {
      damage = "The video is damaged: it has more than 10,000 boxes.";
      return;
    }
    if (!entered.possible()) {
      damage = "The video is damaged: one of its boxes has an impossible size.";
      return;
    }
    contentLeft = entered.reachesToTheEnd() ? Long.MAX_VALUE : entered.size() - entered.headBytes();
    if (entered.type().equals("moov")) {
      if (moov != null) {
        damage = "The video is damaged: it has two indexes (moov).";
        return;
      }
      moov = new ByteArrayOutputStream();
    }
    pictures |= entered.type().equals("mdat");
    box = contentLeft == 0 ? null : entered;
  }

  /** Takes what belongs to the box, and leaves it with its last byte. */
  private int content(BoxHeader open, byte[] buffer, int offset, int length) {
    int taken = (int) Math.min(length, contentLeft);
    if (moov != null && open.type().equals("moov")) {
      if (moov.size() + taken > SourceReader.MOST_AT_ONCE) {
        damage = "The video cannot be used: its index (moov) is over 16 MB.";
        return taken;
      }
      moov.write(buffer, offset, taken);
    }
    if (!open.reachesToTheEnd()) {
      contentLeft -= taken;
    }
    if (contentLeft == 0) {
      box = null;
    }
    return taken;
  }
}
