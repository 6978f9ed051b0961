package dev.understudy.adapters.s3;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.ports.Bucket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.TaggingDirective;

/**
 * A bucket on S3. Every method says which permission it needs. Reading also needs {@code
 * s3:ListBucket} on the bucket: without it S3 answers 403 instead of 404 for a key where nothing
 * lies, and that counts as a missing permission here.
 */
public final class S3Bucket implements Bucket {

  private final Supplier<S3Client> s3;
  private final String name;

  /**
   * @param s3 its client
   * @param name the bucket's name
   */
  public S3Bucket(S3Client s3, String name) {
    this(() -> s3, name);
  }

  /**
   * The same with a client that is built when it is first used.
   *
   * @param s3 gives the client, the same each time
   * @param name the bucket's name
   */
  public S3Bucket(Supplier<S3Client> s3, String name) {
    this.s3 = s3;
    this.name = name;
  }

  /** {@inheritDoc} Needs {@code s3:GetObject}. */
  @Override
  public Optional<Stored> head(String key) {
    try {
      var answer = s3.get().headObject(request -> request.bucket(name).key(key));
      return Optional.of(
          new Stored(
              key,
              answer.contentLength(),
              answer.eTag(),
              answer.contentType(),
              answer.lastModified(),
              answer.metadata()));
    } catch (SdkException e) {
      if (missing(e)) {
        return Optional.empty();
      }
      throw failure(e, "look at", key);
    }
  }

  /** {@inheritDoc} Needs {@code s3:GetObject}. */
  @Override
  public Optional<Content> read(String key, int most) {
    try {
      return Optional.of(content(key, get(key, "bytes=0-" + (most - 1))));
    } catch (SdkException e) {
      if (missing(e)) {
        return Optional.empty();
      }
      if (ServiceFailure.status(e) == 416) {
        return readEmpty(key, most);
      }
      throw failure(e, "read", key);
    }
  }

  /** S3 has no range for an object without bytes and answers 416. */
  private Optional<Content> readEmpty(String key, int most) {
    var now = head(key);
    if (now.isPresent() && now.get().bytes() > 0) {
      return read(key, most);
    }
    return now.map(object -> new Content(object, new byte[0]));
  }

  private ResponseBytes<GetObjectResponse> get(String key, String range) {
    return s3.get().getObjectAsBytes(request -> request.bucket(name).key(key).range(range));
  }

  private static Content content(String key, ResponseBytes<GetObjectResponse> answer) {
    var object = answer.response();
    return new Content(
        new Stored(
            key,
            wholeLength(object),
            object.eTag(),
            object.contentType(),
            object.lastModified(),
            object.metadata()),
        answer.asByteArrayUnsafe());
  }

  /** The length of the object, of which the answer may be a part: {@code bytes 0-9/1234}. */
  private static long wholeLength(GetObjectResponse answer) {
    var range = answer.contentRange();
    return range == null
        ? answer.contentLength()
        : Long.parseLong(range.substring(range.indexOf('/') + 1));
  }

  /** {@inheritDoc} Needs {@code s3:ListBucket}. Content type and metadata are not listed. */
  @Override
  public List<Stored> list(String prefix, int most) {
    try {
      return s3
          .get()
          .listObjectsV2Paginator(request ->
              request
                  .bucket(name)
                  .prefix(prefix)
                  .maxKeys(Math.min(most, 1000))
                  .encodingType(EncodingType.URL))
          .contents()
          .stream()
          .limit(most)
          .map(o -> new Stored(o.key(), o.size(), o.eTag(), null, o.lastModified(), Map.of()))
          .toList();
    } catch (SdkException e) {
      throw failure(e, "list", prefix);
    }
  }

  /** {@inheritDoc} Needs {@code s3:GetObject}. */
  @Override
  public ByteSource source(Stored object) {
    return new S3ByteSource(s3.get(), name, object);
  }

  /**
   * {@inheritDoc} Needs {@code s3:GetObject} on the source and {@code s3:PutObject} on the copy.
   * Tags of the source are not copied: that would need a permission more.
   */
  @Override
  public boolean copy(Stored object, String toKey, String contentType) {
    try {
      s3.get()
          .copyObject(request ->
              request
                  .sourceBucket(name)
                  .sourceKey(object.key())
                  .copySourceIfMatch(object.eTag())
                  .destinationBucket(name)
                  .destinationKey(toKey)
                  .metadataDirective(MetadataDirective.REPLACE)
                  .taggingDirective(TaggingDirective.REPLACE)
                  .contentType(contentType));
      return true;
    } catch (SdkException e) {
      if (missing(e) || ServiceFailure.status(e) == 412) {
        return false;
      }
      throw failure(e, "copy", object.key());
    }
  }

  /** {@inheritDoc} Needs {@code s3:PutObject}. */
  @Override
  public void put(String key, byte[] content, String contentType) {
    try {
      s3.get().putObject(to(key, contentType).build(), RequestBody.fromBytes(content));
    } catch (SdkException e) {
      throw failure(e, "write", key);
    }
  }

  /**
   * {@inheritDoc} Needs {@code s3:PutObject} and {@code s3:GetObject}. It may also answer false for
   * a write of its own that was stored but whose answer was lost; so the caller reads again.
   */
  @Override
  public boolean putIfUnchanged(
      String key, byte[] content, String contentType, @Nullable String eTag) {
    var request = to(key, contentType);
    if (eTag == null) {
      request.ifNoneMatch("*");
    } else {
      request.ifMatch(eTag);
    }
    try {
      s3.get().putObject(request.build(), RequestBody.fromBytes(content));
      return true;
    } catch (SdkException e) {
      if (missing(e) || refusedByCondition(e)) {
        return false;
      }
      throw failure(e, "write", key);
    }
  }

  private PutObjectRequest.Builder to(String key, String contentType) {
    return PutObjectRequest.builder().bucket(name).key(key).contentType(contentType);
  }

  /** {@inheritDoc} Needs {@code s3:DeleteObject}. */
  @Override
  public void delete(String key) {
    try {
      s3.get().deleteObject(request -> request.bucket(name).key(key));
    } catch (SdkException e) {
      throw failure(e, "delete", key);
    }
  }

  /**
   * {@inheritDoc} Needs {@code s3:ListBucketMultipartUploads} and {@code s3:AbortMultipartUpload}.
   */
  @Override
  public void abortUploads(String key) {
    try {
      s3
          .get()
          .listMultipartUploadsPaginator(
              request -> request.bucket(name).prefix(key).encodingType(EncodingType.URL))
          .uploads()
          .stream()
          .filter(upload -> upload.key().equals(key))
          .forEach(upload -> abort(key, upload.uploadId()));
    } catch (SdkException e) {
      throw failure(e, "abort unfinished uploads of", key);
    }
  }

  private void abort(String key, String uploadId) {
    try {
      s3.get().abortMultipartUpload(request -> request.bucket(name).key(key).uploadId(uploadId));
    } catch (SdkException e) {
      if (!missing(e)) {
        throw e;
      }
    }
  }

  /**
   * {@inheritDoc} Needs {@code s3:PutObject}, {@code s3:AbortMultipartUpload} and {@code
   * s3:GetObject}. Takes 16 MiB of memory whatever the length.
   */
  @Override
  public Upload upload(String key, String contentType, Map<String, String> metadata) {
    return new S3Upload(s3.get(), this, name, key, contentType, metadata);
  }

  /** True when the answer is that nothing lies there; the bucket itself does. */
  static boolean missing(SdkException e) {
    return ServiceFailure.status(e) == 404 && !ServiceFailure.code(e).equals("NoSuchBucket");
  }

  /** 412, or 409 ConditionalRequestConflict when another write was under way. */
  private static boolean refusedByCondition(SdkException e) {
    return ServiceFailure.status(e) == 412 || ServiceFailure.status(e) == 409;
  }

  static UnderstudyException failure(SdkException e, String verb, String key) {
    return ServiceFailure.of(e, "S3", "%s '%s'".formatted(verb, key));
  }
}
