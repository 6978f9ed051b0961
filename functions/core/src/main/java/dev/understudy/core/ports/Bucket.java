package dev.understudy.core.ports;

import dev.understudy.core.media.ByteSource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stack's bucket. A bucket that does not answer after bounded retries throws {@link
 * dev.understudy.core.errors.Unavailable}.
 */
public interface Bucket {

  /** The metadata entry that says whose output an object is. */
  String TASK_ID = "understudy-task-id";

  /**
   * An object in the bucket.
   *
   * @param key its key
   * @param bytes its length
   * @param eTag its ETag, with quotes, as S3 gives it
   * @param contentType its content type, or null
   * @param lastModified when it was stored, whole seconds
   * @param metadata its own metadata
   */
  record Stored(
      String key,
      long bytes,
      String eTag,
      @Nullable String contentType,
      Instant lastModified,
      Map<String, String> metadata) {}

  /**
   * An object with its content.
   *
   * @param object the object
   * @param content its bytes, at most as many as asked for
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Content(Stored object, byte[] content) {}

  /** The object of this key. */
  Optional<Stored> head(String key);

  /**
   * The object of this key with its first bytes.
   *
   * @param most how many bytes to read at the most
   */
  Optional<Content> read(String key, int most);

  /** The keys below a prefix, in order. */
  List<Stored> list(String prefix, int most);

  /** The bytes of exactly this version of an object, read by ranges. */
  ByteSource source(Stored object);

  /**
   * Copies exactly this version of an object.
   *
   * @return false when another version lies there now
   */
  boolean copy(Stored object, String toKey, String contentType);

  /** Stores an object over whatever lies there. */
  void put(String key, byte[] content, String contentType);

  /**
   * Stores an object if what lies there is still what was read.
   *
   * @param eTag the ETag that was read, or null where there was nothing
   * @return false when something else lies there now
   */
  boolean putIfUnchanged(String key, byte[] content, String contentType, @Nullable String eTag);

  /** Deletes an object; one that is not there is no error. */
  void delete(String key);

  /** Aborts every unfinished upload of this key. */
  void abortUploads(String key);

  /** Begins a streamed upload. */
  Upload upload(String key, String contentType, Map<String, String> metadata);

  /** A streamed upload: nothing is visible before {@link #complete()}. */
  interface Upload extends AutoCloseable {

    /** Adds bytes. */
    void write(byte[] buffer, int offset, int length);

    /**
     * Makes the object visible if nothing lies at its key.
     *
     * @return false when something lies there
     */
    boolean complete();

    /** Aborts what was not completed. */
    @Override
    void close();
  }
}
