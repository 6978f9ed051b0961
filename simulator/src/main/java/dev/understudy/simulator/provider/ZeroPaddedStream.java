package dev.understudy.simulator.provider;

import java.io.InputStream;
import java.util.Arrays;

/** A head, then zeros up to a length. */
final class ZeroPaddedStream extends InputStream {
  private final byte[] head;
  private final long length;
  private long position;

  ZeroPaddedStream(byte[] head, long length) {
    this.head = head;
    this.length = length;
  }

  @Override
  public int read() {
    if (position >= length) {
      return -1;
    }
    long at = position++;
    return at < head.length ? head[(int) at] & 0xff : 0;
  }

  @Override
  public int read(byte[] target, int offset, int wanted) {
    if (position >= length) {
      return wanted == 0 ? 0 : -1;
    }
    int given = (int) Math.min(wanted, length - position);
    int ofHead = (int) Math.max(0, Math.min(given, head.length - position));
    if (ofHead > 0) {
      System.arraycopy(head, (int) position, target, offset, ofHead);
    }
    Arrays.fill(target, offset + ofHead, offset + given, (byte) 0);
    position += given;
    return given;
  }
}
