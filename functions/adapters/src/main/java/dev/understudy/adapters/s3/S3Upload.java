package dev.understudy.adapters.s3;

import dev.understudy.core.ports.Bucket;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A streamed upload in parts from one reused buffer; what fits into one part is put at once. 8 MiB
 * are enough for 80 GB in the 10,000 parts that S3 takes.
 */
final class S3Upload implements Bucket.Upload {

  static final int PART_BYTES = 8 << 20;

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
  private final byte[] part = new byte[PART_BYTES];
  private int filled;
  private final List<CompletedPart> parts = new ArrayList<>();
  private @Nullable String uploadId;

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
        }
        var taken = Math.min(end - from, PART_BYTES - filled);
        System.arraycopy(buffer, from, part, filled, taken);
        filled += taken;
        from += taken;
      }
    } catch (SdkException e) {
      throw S3Bucket.failure(e, "take a part of", key);
    }
  }

  private void sendPart() {
    var id = uploadId == null ? begin() : uploadId;
    var number = parts.size() + 1;
    var answer =
        s3.uploadPart(
            request ->
                request
                    .bucket(bucketName)
                    .key(key)
                    .uploadId(id)
                    .partNumber(number)
                    .checksumAlgorithm(ChecksumAlgorithm.CRC32),
            body());
    parts.add(
        CompletedPart.builder()
            .partNumber(number)
            .eTag(answer.eTag())
            .checksumCRC32(answer.checksumCRC32())
            .build());
    filled = 0;
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

  /** Reads the buffer where it lies: {@code RequestBody.fromBytes} would copy it. */
  private RequestBody body() {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(part, 0, filled), filled, "application/octet-stream");
  }

  @Override
  public boolean complete() {
    try {
      if (uploadId == null) {
        putWhole();
      } else {
        sendPart();
        completeParts(uploadId);
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

  private void putWhole() {
    s3.putObject(
        request ->
            request
                .bucket(bucketName)
                .key(key)
                .contentType(contentType)
                .metadata(metadata)
                .ifNoneMatch("*"),
        body());
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
      s3.abortMultipartUpload(request -> request.bucket(bucketName).key(key).uploadId(id));
    } catch (SdkException e) {
      if (!S3Bucket.missing(e)) {
        LOG.warn("An unfinished upload of '{}' stays open until its lifecycle rule.", key, e);
      }
    }
  }
}
