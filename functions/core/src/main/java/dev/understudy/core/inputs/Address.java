package dev.understudy.core.inputs;

/**
 * Where a caller of the API says that an input is: an https address, a file in the stack's own
 * bucket, an upload of the API, or the bytes themselves.
 */
public sealed interface Address {

  /** The longest data URI (Runway's limit, 5 MB). */
  int LONGEST_DATA = 5 * 1024 * 1024;

  /**
   * An https address, which the provider fetches itself.
   *
   * @param uri as given
   */
  record Https(String uri) implements Address {
    @Override
    public String toString() {
      return "Https[withheld]";
    }
  }

  /**
   * A key in the bucket that the tenant may read.
   *
   * @param key the key
   */
  record Key(String key) implements Address {}

  /**
   * The bytes of a data URI.
   *
   * @param content decoded
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Data(byte[] content) implements Address {
    @Override
    public String toString() {
      return "Data[%d bytes]".formatted(content.length);
    }
  }

  /** A place in the bucket at which there is nothing for this tenant, whatever lies there. */
  record Nothing() implements Address {}

  /**
   * No address at all.
   *
   * @param why to follow the name of its field
   */
  record Malformed(String why) implements Address {}

  /** What is said of a file that is not there, and of one that is not the caller's. */
  String NOTHING_THERE =
      "names no file that is there for you: upload it first, with POST /v1/uploads or into the bucket, and name it as given there.";

  /**
   * Reads an address.
   *
   * @param uri as the caller wrote it
   * @param tenant who calls
   * @param bucket the name of the stack's bucket
   */
  static Address of(String uri, String tenant, String bucket) {
    return AddressReader.read(uri, tenant, bucket);
  }
}
