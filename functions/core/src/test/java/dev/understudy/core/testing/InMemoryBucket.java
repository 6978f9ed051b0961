package dev.understudy.core.testing;

import dev.understudy.core.media.ByteSource;
import dev.understudy.core.ports.Bucket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bucket in memory, with S3's conditions. */
public final class InMemoryBucket implements Bucket {

  private final InstantSource clock;
  private final Map<String, Content> objects = new TreeMap<>();
  private int openUploads;

  /** An empty bucket. */
  public InMemoryBucket(InstantSource clock) {
    this.clock = clock;
  }

  /** Uploads as a user does. */
  public void upload(String key, byte[] content) {
    store(key, content, "binary/octet-stream", Map.of());
  }

  /** The text of an object. */
  public String text(String key) {
    var object = objects.get(key);
    if (object == null) {
      throw new AssertionError("nothing lies at " + key + "; there are " + objects.keySet());
    }
    return new String(object.content(), StandardCharsets.UTF_8);
  }

  /** The keys of all objects. */
  public List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  /** Uploads that were neither completed nor aborted. */
  public int openUploads() {
    return openUploads;
  }

  private void store(String key, byte[] content, @Nullable String contentType, Map<String, String> metadata) {
    var stored =
        new Stored(
            key,
            content.length,
            "\"%08x-%d\"".formatted(Arrays.hashCode(content), content.length),
            contentType,
            clock.instant().truncatedTo(ChronoUnit.SECONDS),
            metadata);
    objects.put(key, new Content(stored, content));
  }

  @Override
  public Optional<Stored> head(String key) {
    return Optional.ofNullable(objects.get(key)).map(Content::object);
  }

  @Override
  public Optional<Content> read(String key, int most) {
    return Optional.ofNullable(objects.get(key))
        .map(c -> new Content(c.object(), Arrays.copyOf(c.content(), Math.min(most, c.content().length))));
  }

  @Override
  public List<Stored> list(String prefix, int most) {
    return objects.values().stream()
        .map(Content::object)
        .filter(o -> o.key().startsWith(prefix))
        .limit(most)
        .toList();
  }

  @Override
  public ByteSource source(Stored object) {
    return ByteSource.of(content(object));
  }

  private byte[] content(Stored object) {
    var found = objects.get(object.key());
    if (found == null || !found.object().eTag().equals(object.eTag())) {
      throw new IllegalStateException("the object was replaced");
    }
    return found.content();
  }

  @Override
  public boolean copy(Stored object, String toKey, String contentType) {
    var found = objects.get(object.key());
    if (found == null || !found.object().eTag().equals(object.eTag())) {
      return false;
    }
    store(toKey, found.content(), contentType, Map.of());
    return true;
  }

  @Override
  public void put(String key, byte[] content, String contentType) {
    store(key, content, contentType, Map.of());
  }

  @Override
  public boolean putIfUnchanged(String key, byte[] content, String contentType, @Nullable String eTag) {
    var found = objects.get(key);
    if (found == null ? eTag != null : !found.object().eTag().equals(eTag)) {
      return false;
    }
    store(key, content, contentType, Map.of());
    return true;
  }

  @Override
  public void delete(String key) {
    objects.remove(key);
  }

  @Override
  public void abortUploads(String key) {
    openUploads = 0;
  }

  @Override
  public Upload upload(String key, String contentType, Map<String, String> metadata) {
    openUploads++;
    var bytes = new ByteArrayOutputStream();
    return new Upload() {
      private boolean open = true;

      @Override
      public void write(byte[] buffer, int offset, int length) {
        bytes.write(buffer, offset, length);
      }

      @Override
      public boolean complete() {
        if (objects.containsKey(key)) {
          return false;
        }
        store(key, bytes.toByteArray(), contentType, metadata);
        open = false;
        openUploads--;
        return true;
      }

      @Override
      public void close() {
        if (open) {
          open = false;
          openUploads--;
        }
      }
    };
  }
}
