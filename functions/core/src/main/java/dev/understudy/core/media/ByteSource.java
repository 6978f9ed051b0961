package dev.understudy.core.media;

import java.util.Arrays;

/** The bytes of one object, read by ranges. */
public interface ByteSource {

  /** How many bytes there are. */
  long size();

  /**
   * Reads a range.
   *
   * @param offset from here, 0 or more
   * @param length this many bytes; fewer only where the source ends
   * @return the bytes, none from its end on
   * @throws dev.understudy.core.errors.Unavailable or {@link java.io.UncheckedIOException} when the
   *     bytes cannot be had now: it says nothing about what they are
   */
  byte[] read(long offset, int length);

  /** Bytes that are already in memory. */
  static ByteSource of(byte[] bytes) {
    return new ByteSource() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public byte[] read(long offset, int length) {
        int from = (int) Math.min(offset, bytes.length);
        return Arrays.copyOfRange(bytes, from, from + Math.min(length, bytes.length - from));
      }
    };
  }
}
