package dev.understudy.core.inputs;

import dev.understudy.core.ports.Bucket.Stored;

/** Where an input is. */
public sealed interface Source {

  /**
   * An object in the bucket, in one version.
   *
   * @param object that version
   */
  record InBucket(Stored object) implements Source {}

  /**
   * An https address of the caller, which the provider fetches itself.
   *
   * @param uri the address; it may carry a signature and is never logged
   * @param video whether it is said to be a video
   */
  record Elsewhere(String uri, boolean video) implements Source {
    @Override
    public String toString() {
      return "Elsewhere[withheld]";
    }
  }

  /**
   * Bytes that came with the request.
   *
   * @param content all of them
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Inline(byte[] content) implements Source {
    @Override
    public String toString() {
      return "Inline[%d bytes]".formatted(content.length);
    }
  }
}
