package dev.understudy.adapters.s3;

import dev.understudy.core.ports.Bucket;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A streamed upload in parts; what fits into one part is put at once. While one part is sent, the
 * next is filled: two buffers of up to 8 MiB, the second only for what is longer. 8 MiB are enough
 * for 80 GB in the 10,000 parts that S3 takes.
 *
 * <p>Each body goes with its CRC-32 in its head. Left to itself, the SDK computes the same and
 * sends it behind the body, for which it cuts the body into chunks and copies each.
 */
final class S3Upload implements Bucket.Upload {

  static final int PART_BYTES = 8 << 20;

  /** A buffer grows with what comes: usual videos have a few megabytes. */
  private static final int FIRST_BYTES = 512 << 10;

  /** The metadata entry by which an upload knows its own object after a lost answer. */
  static final String UPLOAD_NONCE = "understudy-upload";

  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

  private final S3Client s3;
  private final Bucket bucket;
  private final String bucketName;
  private final String key;
  private final String contentType;
  private final String nonce = UUID.randomUUID().toString();
  private final Map<String, String> metadata;
  private final List<CompletedPart> parts = new ArrayList<>();
  private byte[] part = new byte[FIRST_BYTES];
  private int filled;
  private @Nullable Sending underWay;
  private @Nullable String uploadId;

  /** A part on its way, and the buffer that is free again once it has arrived. */
  private record Sending(FutureTask<CompletedPart> part, byte[] buffer) {}

  S3Upload(
      S3Client s3,
      Bucket bucket,
      String bucketName,
      String key,
      String contentType,
      Map<String, String> metadata) {
    this.s3 = s3;
    this.bucket = bucket;
    this.bucketName = bucketName;
    this.key = key;
    this.contentType = contentType;
    var all = new HashMap<>(metadata);
    all.put(UPLOAD_NONCE, nonce);
    this.metadata = Map.copyOf(all);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) {
    var from = offset;
    var end = offset + length;
    try {
      while (from < end) {
        if (filled == PART_BYTES) {
          sendPart();
        } else if (filled == part.length) {
          part = Arrays.copyOf(part, Math.min(2 * filled, PART_BYTES));
        }
        var taken = Math.min(end - from, part.length - filled);
        System.arraycopy(buffer, from, part, filled, taken);
        filled += taken;
        from += taken;
      }
    } catch (SdkException e) {
      throw S3Bucket.failure(e, "take a part of", key);
    }
  }

  /** Sends what is filled on a thread of its own, once the part before it has arrived. */
  private void sendPart() {
    var id = uploadId == null ? begin() : uploadId;
    var free = arrived();
    var full = part;
    var number = parts.size() + 1;
    var sending = new FutureTask<>(() -> send(id, number, full, full.length));
    underWay = new Sending(sending, full);
    Thread.ofPlatform().name("upload").daemon().start(sending);
    part = free == null ? new byte[PART_BYTES] : free;
    filled = 0;
  }

  private CompletedPart send(String id, int number, byte[] bytes, int length) {
    var checksum = crc32(bytes, length);
    var answer =
        s3.uploadPart(
            request ->
                request
                    .bucket(bucketName)
                    .key(key)
                    .uploadId(id)
                    .partNumber(number)
                    .checksumCRC32(checksum),
            body(bytes, length));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(answer.eTag())
        .checksumCRC32(checksum)
        .build();
  }

  /**
   * Waits until the part that is under way, if any, has arrived.
   *
   * @return its buffer
   */
  private byte @Nullable [] arrived() {
    var sending = underWay;
    if (sending == null) {
      return null;
    }
    underWay = null;
    try {
      parts.add(sending.part().get());
      return sending.buffer();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SdkException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AbortedException.create("Interrupted while a part was sent.", e);
    }
  }

  private String begin() {
    var id =
        s3.createMultipartUpload(request ->
                request
                    .bucket(bucketName)
                    .key(key)
                    .contentType(contentType)
                    .metadata(metadata)
                    .checksumAlgorithm(ChecksumAlgorithm.CRC32))
            .uploadId();
    uploadId = id;
    return id;
  }

  private static String crc32(byte[] bytes, int length) {
    var checksum = new CRC32();
    checksum.update(bytes, 0, length);
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }

  /** Reads the buffer where it lies: {@code RequestBody.fromBytes} would copy it. */
  private static RequestBody body(byte[] bytes, int length) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream");
  }

  @Override
  public boolean complete() {
    var id = uploadId;
    if (id != null) {
      sendLastPart(id);
    }
    try {
      if (id == null) {
        putWhole();
      } else {
        completeParts(id);
      }
    } catch (SdkException e) {
      if (!liesThereAsOurs(e)) {
        close();
        return false;
      }
    }
    uploadId = null;
    return true;
  }

  private void sendLastPart(String id) {
    try {
      arrived();
      parts.add(send(id, parts.size() + 1, part, filled));
    } catch (SdkException e) {
      throw S3Bucket.failure(e, "take a part of", key);
    }
  }

  private void putWhole() {
    s3.putObject(
        request ->
            request
                .bucket(bucketName)
                .key(key)
                .contentType(contentType)
                .metadata(metadata)
                .checksumCRC32(crc32(part, filled))
                .ifNoneMatch("*"),
        body(part, filled));
  }

  private void completeParts(String id) {
    s3.completeMultipartUpload(request ->
        request
            .bucket(bucketName)
            .key(key)
            .uploadId(id)
            .multipartUpload(all -> all.parts(parts))
            .ifNoneMatch("*"));
  }

  /**
   * Looks at what lies at the key after a refusal or a lost answer. S3 refuses the SDK's repetition
   * of a request that was carried out (412 or NoSuchUpload), so a refusal alone proves nothing.
   *
   * @return whether it is this upload's own object
   * @throws dev.understudy.core.errors.UnderstudyException when nothing lies there
   */
  private boolean liesThereAsOurs(SdkException failure) {
    return bucket
        .head(key)
        .map(object -> nonce.equals(object.metadata().get(UPLOAD_NONCE)))
        .orElseThrow(() -> S3Bucket.failure(failure, "complete", key));
  }

  /** Aborts what was not completed; a failure is only logged, the bucket's lifecycle ends it. */
  @Override
  public void close() {
    var id = uploadId;
    if (id == null) {
      return;
    }
    uploadId = null;
    try {
      arrived(); // or what is under way would stay behind
    } catch (RuntimeException e) {
      LOG.debug("A part of '{}' had not arrived.", key, e);
    }
    try {
      s3.abortMultipartUpload(request -> request.bucket(bucketName).key(key).uploadId(id));
    } catch (SdkException e) {
      if (!S3Bucket.missing(e)) {
        LOG.warn("An unfinished upload of '{}' stays open until its lifecycle rule.", key, e);
      }
    }
  }
}
