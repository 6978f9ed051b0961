package dev.understudy.simulator.provider;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of a known length that can be read more than once. */
public interface Content {
  /** Nothing at all. */
  Content EMPTY = of(new byte[0]);

  /**
   * How many bytes {@link #open} gives.
   *
   * @return the length in bytes
   */
  long length();

  /**
   * Opens the bytes from their beginning.
   *
   * @return a stream that the caller closes
   * @throws IOException if they cannot be read
   */
  InputStream open() throws IOException;

  /**
   * Bytes in memory.
   *
   * @param bytes not changed afterwards by the caller
   * @return the content
   */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }
    };
  }

  /**
   * Text in UTF-8.
   *
   * @param text any text
   * @return the content
   */
  static Content of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A head followed by as many zeros as are missing to the given length, made while they are read:
   * this is how a body of gigabytes costs no memory.
   *
   * @param head the first bytes
   * @param length of the whole, in bytes, at least the head's
   * @return the content
   */
  static Content padded(byte[] head, long length) {
    if (length < head.length) {
      throw new IllegalArgumentException("A padded content cannot be shorter than its head.");
    }
    return new Content() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() {
        return new ZeroPaddedStream(head, length);
      }
    };
  }

  /**
   * The beginning of this content.
   *
   * @param bytes how many at most
   * @return the content, shorter if there is less
   */
  default Content first(long bytes) {
    Content whole = this;
    long kept = Math.min(bytes, length());
    return new Content() {
      @Override
      public long length() {
        return kept;
      }

      @Override
      public InputStream open() throws IOException {
        try (InputStream in = whole.open()) {
          return new ByteArrayInputStream(in.readNBytes(Math.toIntExact(kept)));
        }
      }
    };
  }
}
