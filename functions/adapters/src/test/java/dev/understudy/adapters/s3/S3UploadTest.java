package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Bucket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class S3UploadTest {

  private static final String ADDRESS = "https://shots.s3.eu-west-1.amazonaws.com/out/v.mp4";
  private static final Pattern NONCE = Pattern.compile("understudy-upload: ([-0-9a-f]{36})");

  /** Of zeros, as base64 of four bytes, the highest first. */
  private static final String CRC_OF_A_PART = "GtK8RQ==";

  private static final String CRC_OF_FIVE = "xiL3HQ==";
  private static final String BEGUN =
      "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";

  private final RecordedAws aws = new RecordedAws();
  private final Bucket bucket = new S3Bucket(aws.s3(), "shots");

  @Test
  void complete_shouldPutAtOnce_whenAllFitsIntoOnePart() {
    aws.answer(200, "");

    assertThat(uploaded(S3Upload.PART_BYTES)).isTrue();

    assertThat(requests())
        .containsExactly(
            """
            PUT %s
            content-type: video/mp4
            if-none-match: *
            x-amz-checksum-crc32: %s
            x-amz-meta-understudy-task-id: t1
            x-amz-meta-understudy-upload: NONCE

            8388608 bytes, CRC-32 %s\
            """
                .formatted(ADDRESS, CRC_OF_A_PART, CRC_OF_A_PART));
  }

  @Test
  void complete_shouldSendPartsAndTheCondition_whenThereIsMore() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    aws.answer(200, "<CompleteMultipartUploadResult/>");

    assertThat(uploaded(S3Upload.PART_BYTES + 5)).isTrue();

    assertThat(requests())
        .containsExactly(
            """
            POST %s?uploads
            content-type: video/mp4
            x-amz-checksum-algorithm: CRC32
            x-amz-meta-understudy-task-id: t1
            x-amz-meta-understudy-upload: NONCE\
            """
                .formatted(ADDRESS),
            """
            PUT %s?partNumber=1&uploadId=u1
            content-type: application/octet-stream
            x-amz-checksum-crc32: %s

            8388608 bytes, CRC-32 %s\
            """
                .formatted(ADDRESS, CRC_OF_A_PART, CRC_OF_A_PART),
            """
            PUT %s?partNumber=2&uploadId=u1
            content-type: application/octet-stream
            x-amz-checksum-crc32: %s

            5 bytes, CRC-32 %s\
            """
                .formatted(ADDRESS, CRC_OF_FIVE, CRC_OF_FIVE),
            """
            POST %s?uploadId=u1
            content-type: application/xml
            if-none-match: *

            <?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
            <Part><ETag>&quot;p1&quot;</ETag><ChecksumCRC32>%s</ChecksumCRC32><PartNumber>1</PartNumber></Part>\
            <Part><ETag>&quot;p2&quot;</ETag><ChecksumCRC32>%s</ChecksumCRC32><PartNumber>2</PartNumber></Part>\
            </CompleteMultipartUpload>\
            """
                .formatted(ADDRESS, CRC_OF_A_PART, CRC_OF_FIVE));
  }

  /** Two buffers take turns: what is sent must not change while it is. */
  @Test
  void write_shouldSendEachPartAsItWasWritten_whenThereAreMany() {
    aws.answer(200, BEGUN);
    for (var i = 1; i <= 4; i++) {
      part("p" + i);
    }
    aws.answer(200, "<CompleteMultipartUploadResult/>");
    var sums = new ArrayList<String>();

    try (var upload = bucket.upload("out/v.mp4", "video/mp4", Map.of())) {
      for (byte i = 1; i <= 4; i++) {
        var bytes = new byte[S3Upload.PART_BYTES];
        Arrays.fill(bytes, i);
        upload.write(bytes, 0, bytes.length);
        sums.add(crc32(bytes));
      }
      assertThat(upload.complete()).isTrue();
    }

    for (int i = 1; i <= 4; i++) {
      assertThat(requests().get(i))
          .contains("partNumber=" + i + "&")
          .contains("x-amz-checksum-crc32: " + sums.get(i - 1))
          .endsWith("8388608 bytes, CRC-32 " + sums.get(i - 1));
      assertThat(requests().getLast()).contains("<ChecksumCRC32>" + sums.get(i - 1) + "<");
    }
  }

  @Test
  void complete_shouldAnswerFalseAndAbort_whenAnothersObjectLiesThere() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    aws.refuse(412, "PreconditionFailed");
    lies("another");
    aws.answer(204, "");

    assertThat(uploaded(S3Upload.PART_BYTES + 5)).isFalse();

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
    assertThat(requests()).hasSize(6);
  }

  @Test
  void complete_shouldAnswerTrue_whenS3RefusesTheRepetitionOfWhatItStored() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    try (var upload = begin(S3Upload.PART_BYTES + 5)) {
      aws.refuse(404, "NoSuchUpload");
      lies(nonce());
      assertThat(upload.complete()).isTrue();
    }

    assertThat(requests()).last().isEqualTo("HEAD " + ADDRESS);
  }

  @Test
  void complete_shouldAnswerTrue_whenOnlyTheAnswerWasLost() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    try (var upload = begin(S3Upload.PART_BYTES + 5)) {
      aws.reset();
      lies(nonce());
      assertThat(upload.complete()).isTrue();
    }

    assertThat(requests()).last().isEqualTo("HEAD " + ADDRESS);
  }

  @Test
  void complete_shouldFailAndAbort_whenNothingWasStored() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    aws.refuse(409, "ConditionalRequestConflict").answer(404, "").answer(204, "");

    assertThatThrownBy(() -> uploaded(S3Upload.PART_BYTES + 5))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not complete 'out/v.mp4' (ConditionalRequestConflict, HTTP 409).");

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
  }

  /** S3 may begin to answer 200 while it puts the parts together, and find out later. */
  @Test
  void complete_shouldFail_whenTheErrorComesInsideAnAnswerOf200() {
    aws.answer(200, BEGUN);
    part("p1");
    part("p2");
    for (var i = 0; i < 4; i++) {
      aws.refuse(200, "InternalError");
    }
    aws.answer(404, "").answer(204, "");

    assertThatThrownBy(() -> uploaded(S3Upload.PART_BYTES + 5)).isInstanceOf(Unavailable.class);

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
  }

  @Test
  void complete_shouldAnswerFalse_whenAnothersObjectLiesWhereOnePartWouldGo() {
    aws.refuse(412, "PreconditionFailed");
    lies("another");

    assertThat(uploaded(5)).isFalse();
    assertThat(requests()).hasSize(2);
  }

  @Test
  void complete_shouldFailAndAbort_whenAPartIsNotTaken() {
    aws.answer(200, BEGUN).reset().answer(204, "");

    assertThatThrownBy(() -> uploaded(S3Upload.PART_BYTES + 5))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not take a part of 'out/v.mp4' (SdkClientException).");

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
    assertThat(requests()).hasSize(6);
  }

  @Test
  void complete_shouldFailAndAbort_whenTheLastPartIsNotTaken() {
    aws.answer(200, BEGUN);
    part("p1");
    aws.reset().answer(204, "");

    assertThatThrownBy(() -> uploaded(S3Upload.PART_BYTES + 5))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not take a part of 'out/v.mp4' (SdkClientException).");

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
  }

  @Test
  void write_shouldFailAndAbort_whenThePartBeforeWasNotTaken() {
    aws.answer(200, BEGUN).reset().answer(204, "");

    assertThatThrownBy(() -> begin(2 * S3Upload.PART_BYTES + 5))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not take a part of 'out/v.mp4' (SdkClientException).");

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
  }

  @Test
  void close_shouldNotHideWhatWentWrong_whenTheAbortFails() {
    aws.answer(200, BEGUN);
    part("p1");
    aws.refuse(403, "AccessDenied");

    begin(S3Upload.PART_BYTES + 5).close();

    assertThat(requests()).last().isEqualTo("DELETE " + ADDRESS + "?uploadId=u1");
  }

  private static String crc32(byte[] bytes) {
    var checksum = new CRC32();
    checksum.update(bytes);
    return Base64.getEncoder()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array());
  }

  private boolean uploaded(int bytes) {
    try (var upload = begin(bytes)) {
      return upload.complete();
    }
  }

  private Bucket.Upload begin(int bytes) {
    var upload = bucket.upload("out/v.mp4", "video/mp4", Map.of(Bucket.TASK_ID, "t1"));
    try {
      upload.write(new byte[bytes + 2], 1, bytes);
      return upload;
    } catch (RuntimeException e) {
      upload.close();
      throw e;
    }
  }

  private void part(String eTag) {
    aws.answer(200, Map.of("ETag", "\"" + eTag + "\"", "x-amz-checksum-crc32", "c-" + eTag), "");
  }

  private void lies(String nonce) {
    aws.answer(200, Map.of("Content-Length", "5", "x-amz-meta-understudy-upload", nonce), "");
  }

  private String nonce() {
    var matcher = NONCE.matcher(aws.sent().getFirst());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private List<String> requests() {
    return aws.sent().stream()
        .map(request -> NONCE.matcher(request).replaceAll("understudy-upload: NONCE"))
        .toList();
  }
}
