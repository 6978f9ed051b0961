package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * The head of an MP4 or QuickTime box (ISO/IEC 14496-12, 4.2).
 *
 * @param type its four characters
 * @param size its length in bytes with this head; {@link #TO_THE_END} when it reaches to the end of
 *     the file
 * @param headBytes 8, or 16 for a box with a 64-bit size
 */
record BoxHeader(String type, long size, int headBytes) {

  static final long TO_THE_END = 0;

  /** The longest head. */
  static final int MOST_BYTES = 16;

  /** More boxes than this are not a movie's: half a minute in fragments of a frame has 1,500. */
  static final int MOST_IN_A_ROW = 10_000;

  private static final int SIZE_FOLLOWS = 1;

  /** What an MP4 or a QuickTime file can begin with. */
  private static final Set<String> FIRST =
      Set.of("ftyp", "moov", "mdat", "free", "skip", "wide", "pnot");

  /** How many bytes the head has, by its first four. */
  static int headBytes(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).getInt(offset) == SIZE_FOLLOWS ? MOST_BYTES : 8;
  }

  /**
   * Reads a whole head.
   *
   * @return a size that is impossible (less than the head, or negative) is given as it stands: see
   *     {@link #possible()}
   */
  static BoxHeader read(byte[] bytes, int offset) {
    ByteBuffer head = ByteBuffer.wrap(bytes);
    String type = new String(bytes, offset + 4, 4, ISO_8859_1);
    int headBytes = headBytes(bytes, offset);
    long size =
        headBytes == MOST_BYTES
            ? head.getLong(offset + 8)
            : Integer.toUnsignedLong(head.getInt(offset));
    // a 64-bit size of 0 does not mean "to the end"
    return new BoxHeader(type, headBytes == MOST_BYTES && size == 0 ? -1 : size, headBytes);
  }

  boolean possible() {
    return size == TO_THE_END || size >= headBytes;
  }

  boolean reachesToTheEnd() {
    return size == TO_THE_END;
  }

  /** Whether a file that begins with this box can be an MP4 or a QuickTime file. */
  boolean beginsMovie() {
    return possible() && FIRST.contains(type);
  }
}
