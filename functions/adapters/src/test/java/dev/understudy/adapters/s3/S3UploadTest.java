package dev.understudy.adapters.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Bucket;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class S3UploadTest {

  private static final String ADDRESS = "https://shots.s3.eu-west-1.amazonaws.com/out/v.mp4";
  private static final Pattern NONCE = Pattern.compile("understudy-upload: ([-0-9a-f]{36})");
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
            x-amz-decoded-content-length: 8388608
            x-amz-meta-understudy-task-id: t1
            x-amz-meta-understudy-upload: NONCE
            x-amz-trailer: x-amz-checksum-crc32\
            """
                .formatted(ADDRESS));
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
            x-amz-decoded-content-length: 8388608
            x-amz-trailer: x-amz-checksum-crc32\
            """
                .formatted(ADDRESS),
            """
            PUT %s?partNumber=2&uploadId=u1
            content-type: application/octet-stream
            x-amz-decoded-content-length: 5
            x-amz-trailer: x-amz-checksum-crc32\
            """
                .formatted(ADDRESS),
            """
            POST %s?uploadId=u1
            content-type: application/xml
            if-none-match: *

            <?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
            <Part><ETag>&quot;p1&quot;</ETag><ChecksumCRC32>c-p1</ChecksumCRC32><PartNumber>1</PartNumber></Part>\
            <Part><ETag>&quot;p2&quot;</ETag><ChecksumCRC32>c-p2</ChecksumCRC32><PartNumber>2</PartNumber></Part>\
            </CompleteMultipartUpload>\
            """
                .formatted(ADDRESS));
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
  void write_shouldFailAndAbort_whenAPartIsNotTaken() {
    aws.answer(200, BEGUN).reset().answer(204, "");

    assertThatThrownBy(() -> uploaded(S3Upload.PART_BYTES + 5))
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
