package dev.understudy.core.media;

import com.drew.lang.SequentialReader;
import java.io.EOFException;
import java.util.Arrays;

/**
 * Lets metadata-extractor read a {@link ByteSource}: skipping costs nothing, what is read comes in
 * windows that grow while reading goes straight on, and nothing is allocated for bytes that are not
 * there or are more than {@link #MOST_AT_ONCE}.
 */
final class SourceReader extends SequentialReader {

  /** Nothing that is read here in one piece is larger: not the tables of a movie, not a still. */
  static final int MOST_AT_ONCE = 16 * 1024 * 1024;

  private static final int FIRST_WINDOW = 64 * 1024;
  private static final int LARGEST_WINDOW = 1024 * 1024;

  private final ByteSource source;
  private final long size;
  private long position;
  private byte[] window = new byte[0];
  private long windowStart;
  private int nextWindow = FIRST_WINDOW;

  SourceReader(ByteSource source) {
    this.source = source;
    this.size = source.size();
  }

  /** Goes on reading at an offset, which may be the end. */
  void seek(long offset) {
    position = offset;
  }

  /** How many bytes there are from here on. */
  long remaining() {
    return size - position;
  }

  @Override
  public long getPosition() {
    return position;
  }

  @Override
  public byte getByte() throws EOFException {
    if (!windowHolds(1)) {
      fill(1);
    }
    return window[(int) (position++ - windowStart)];
  }

  @Override
  public byte[] getBytes(int count) throws EOFException {
    if (count < 0 || count > remaining() || count > MOST_AT_ONCE) {
      throw new EOFException("There are not " + count + " bytes to read.");
    }
    if (!windowHolds(count)) {
      fill(count);
    }
    int from = (int) (position - windowStart);
    position += count;
    return Arrays.copyOfRange(window, from, from + count);
  }

  @Override
  public void getBytes(byte[] buffer, int offset, int count) throws EOFException {
    System.arraycopy(getBytes(count), 0, buffer, offset, count);
  }

  @Override
  public void skip(long n) throws EOFException {
    if (!trySkip(n)) {
      throw new EOFException("There are not " + n + " bytes to skip.");
    }
  }

  @Override
  public boolean trySkip(long n) {
    if (n < 0 || n > remaining()) {
      position = size;
      return false;
    }
    position += n;
    return true;
  }

  @Override
  public int available() {
    return (int) Math.min(remaining(), Integer.MAX_VALUE);
  }

  private boolean windowHolds(int count) {
    return position >= windowStart && position + count <= windowStart + window.length;
  }

  private void fill(int count) throws EOFException {
    long gap = position - (windowStart + window.length);
    boolean straightOn = window.length > 0 && Math.abs(gap) < FIRST_WINDOW;
    nextWindow = straightOn ? Math.min(nextWindow * 2, LARGEST_WINDOW) : FIRST_WINDOW;
    int length = (int) Math.min(Math.max(count, nextWindow), remaining());
    window = source.read(position, length);
    windowStart = position;
    if (window.length < count || count > length) {
      throw new EOFException("The source ends early.");
    }
  }
}
