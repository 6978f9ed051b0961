package dev.understudy.adapters.s3;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.ports.Bucket;
import java.util.Map;

/** A program of its own that uploads 96 MB from a small buffer and prints whether it completed. */
final class StreamedUpload {

  static final int BYTES = 96_000_000;

  public static void main(String[] arguments) {
    var bucket = new S3Bucket(RunningAws.s3(), arguments[0]);
    var chunk = new byte[64_000];
    try (var upload = bucket.upload(arguments[1], "video/mp4", Map.of(Bucket.TASK_ID, "t"))) {
      for (var sent = 0; sent < BYTES; sent += chunk.length) {
        upload.write(chunk, 0, chunk.length);
      }
      System.out.println(upload.complete());
    }
  }

  private StreamedUpload() {}
}
