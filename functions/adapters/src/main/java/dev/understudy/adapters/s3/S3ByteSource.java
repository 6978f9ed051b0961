package dev.understudy.adapters.s3;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.ports.Bucket.Stored;
import java.util.Arrays;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Exactly one version of an object. Short reads fetch 64 KiB, and what was fetched last is kept, so
 * that reading a header field by field is one call. A version that is gone is {@link Unavailable}:
 * whoever reads has to look at the object anew.
 */
final class S3ByteSource implements ByteSource {

  static final int LEAST_FETCH = 64 << 10;

  private final S3Client s3;
  private final String bucket;
  private final Stored object;
  private byte[] window = new byte[0];
  private long windowStart;

  S3ByteSource(S3Client s3, String bucket, Stored object) {
    this.s3 = s3;
    this.bucket = bucket;
    this.object = object;
  }

  @Override
  public long size() {
    return object.bytes();
  }

  @Override
  public byte[] read(long offset, int length) {
    var end = Math.min(offset + length, size());
    if (offset >= end) {
      return new byte[0];
    }
    if (offset < windowStart || end > windowStart + window.length) {
      window = fetch(offset, Math.min(Math.max(end, offset + LEAST_FETCH), size()));
      windowStart = offset;
    }
    return Arrays.copyOfRange(window, (int) (offset - windowStart), (int) (end - windowStart));
  }

  private byte[] fetch(long from, long end) {
    try {
      return s3.getObjectAsBytes(request ->
              request
                  .bucket(bucket)
                  .key(object.key())
                  .ifMatch(object.eTag())
                  .range("bytes=%d-%d".formatted(from, end - 1)))
          .asByteArrayUnsafe();
    } catch (SdkException e) {
      if (S3Bucket.missing(e) || ServiceFailure.status(e) == 412) {
        throw new Unavailable(
            "'%s' was replaced or deleted while it was read: look at it again."
                .formatted(object.key()),
            e);
      }
      throw S3Bucket.failure(e, "read", object.key());
    }
  }
}
