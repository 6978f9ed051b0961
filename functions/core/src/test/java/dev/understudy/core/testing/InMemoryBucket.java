package dev.understudy.core.testing;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.ports.Bucket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bucket in memory, with S3's conditions. */
public final class InMemoryBucket implements Bucket {

  private final InstantSource clock;
  private final Map<String, Content> objects = new TreeMap<>();
  private final Map<Object, String> openUploads = new HashMap<>();

  private final Faults faults;

  /** An empty bucket. */
  public InMemoryBucket(InstantSource clock, Faults faults) {
    this.clock = clock;
    this.faults = faults;
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
    return openUploads.size();
  }

  private void store(
      String key, byte[] content, @Nullable String contentType, Map<String, String> metadata) {
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
    return faults.around(
        "head",
        () -> {
          return Optional.ofNullable(objects.get(key)).map(Content::object);
        });
  }

  @Override
  public Optional<Content> read(String key, int most) {
    return faults.around(
        "read",
        () -> {
          return Optional.ofNullable(objects.get(key))
              .map(c ->
                  new Content(
                      c.object(), Arrays.copyOf(c.content(), Math.min(most, c.content().length))));
        });
  }

  @Override
  public List<Stored> list(String prefix, int most) {
    return faults.around(
        "list",
        () -> {
          return objects.values().stream()
              .map(Content::object)
              .filter(o -> o.key().startsWith(prefix))
              .limit(most)
              .toList();
        });
  }

  @Override
  public ByteSource source(Stored object) {
    return faults.around(
        "source",
        () -> {
          return ByteSource.of(content(object));
        });
  }

  private byte[] content(Stored object) {
    var found = objects.get(object.key());
    if (found == null || !found.object().eTag().equals(object.eTag())) {
      throw new Unavailable("The object was replaced while it was read.");
    }
    return found.content();
  }

  @Override
  public boolean copy(Stored object, String toKey, String contentType) {
    return faults.around(
        "copy",
        () -> {
          var found = objects.get(object.key());
          if (found == null || !found.object().eTag().equals(object.eTag())) {
            return false;
          }
          store(toKey, found.content(), contentType, Map.of());
          return true;
        });
  }

  @Override
  public void put(String key, byte[] content, String contentType) {
    faults.around(
        "put",
        () -> {
          store(key, content, contentType, Map.of());
        });
  }

  @Override
  public boolean putIfUnchanged(
      String key, byte[] content, String contentType, @Nullable String eTag) {
    return faults.around(
        "putIfUnchanged",
        () -> {
          var found = objects.get(key);
          if (found == null ? eTag != null : !found.object().eTag().equals(eTag)) {
            return false;
          }
          store(key, content, contentType, Map.of());
          return true;
        });
  }

  @Override
  public void delete(String key) {
    faults.around(
        "delete",
        () -> {
          objects.remove(key);
        });
  }

  @Override
  public void abortUploads(String key) {
    faults.around(
        "abortUploads",
        () -> {
          openUploads.values().removeIf(key::equals);
        });
  }

  @Override
  public Upload upload(String key, String contentType, Map<String, String> metadata) {
    var bytes = new ByteArrayOutputStream();
    var upload =
        new Upload() {
          @Override
          public void write(byte[] buffer, int offset, int length) {
            assertOpen();
            bytes.write(buffer, offset, length);
          }

          @Override
          public boolean complete() {
            return faults.around(
                "complete",
                () -> {
                  assertOpen();
                  if (objects.containsKey(key)) {
                    return false;
                  }
                  store(key, bytes.toByteArray(), contentType, metadata);
                  openUploads.remove(this);
                  return true;
                });
          }

          private void assertOpen() {
            if (!openUploads.containsKey(this)) {
              throw new Unavailable("The upload was aborted.");
            }
          }

          @Override
          public void close() {
            if (!faults.dead()) {
              openUploads.remove(this);
            }
          }
        };
    openUploads.put(upload, key);
    return upload;
  }
}
