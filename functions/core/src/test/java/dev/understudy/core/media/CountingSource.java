package dev.understudy.core.media;

/** Counts what is read of another source. */
final class CountingSource implements ByteSource {

  private final ByteSource source;
  int reads;
  long bytes;
  int largest;

  CountingSource(ByteSource source) {
    this.source = source;
  }

  @Override
  public long size() {
    return source.size();
  }

  @Override
  public byte[] read(long offset, int length) {
    reads++;
    bytes += length;
    largest = Math.max(largest, length);
    return source.read(offset, length);
  }
}
