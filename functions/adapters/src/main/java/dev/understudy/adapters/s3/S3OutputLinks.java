package dev.understudy.adapters.s3;

import dev.understudy.core.ports.OutputLinks;
import java.net.URI;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Signs as the function itself, which needs {@code s3:GetObject} on what it signs. An address ends
 * with the function's own credentials where those end first.
 */
public final class S3OutputLinks implements OutputLinks {

  private final S3Presigner presigner;
  private final String bucket;

  /**
   * @param presigner signs with the function's credentials
   * @param bucket the bucket's name
   */
  public S3OutputLinks(S3Presigner presigner, String bucket) {
    this.presigner = presigner;
    this.bucket = bucket;
  }

  @Override
  public URI sign(String key) {
    var presigned =
        presigner.presignGetObject(request ->
            request.signatureDuration(LIFE).getObjectRequest(get -> get.bucket(bucket).key(key)));
    return URI.create(presigned.url().toString());
  }
}
