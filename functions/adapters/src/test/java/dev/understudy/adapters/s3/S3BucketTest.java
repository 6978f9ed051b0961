package dev.understudy.adapters.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Bucket.Stored;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3BucketTest {

  private static final String HOST = "https://shots.s3.eu-west-1.amazonaws.com";
  private static final Stored REFERENCE =
      new Stored("incoming/Grüße +1.mp4", 200_000, "\"e1\"", "video/mp4", Instant.EPOCH, Map.of());

  private final RecordedAws aws = new RecordedAws();
  private final Bucket bucket = new S3Bucket(aws.s3(), "shots");

  @Test
  void head_shouldGiveWhatS3Says() {
    aws.answer(
        200,
        Map.of(
            "ETag", "\"e1\"",
            "Content-Length", "7",
            "Content-Type", "image/png",
            "Last-Modified", "Sat, 21 Nov 2026 06:00:00 GMT",
            "x-amz-meta-understudy-task-id", "t1"),
        "");

    assertThat(bucket.head("a b+c"))
        .contains(
            new Stored(
                "a b+c",
                7,
                "\"e1\"",
                "image/png",
                Instant.parse("2026-11-21T06:00:00Z"),
                Map.of(Bucket.TASK_ID, "t1")));
    assertThat(aws.sent()).containsExactly("HEAD " + HOST + "/a%20b%2Bc");
  }

  @Test
  void head_shouldBeEmpty_whenS3AnswersNotFound() {
    aws.answer(404, "");

    assertThat(bucket.head("a")).isEmpty();
  }

  @Test
  void head_shouldNameThePermission_whenS3AnswersForbidden() {
    aws.answer(403, "");

    assertThatThrownBy(() -> bucket.head("a"))
        .isInstanceOf(Misconfigured.class)
        .hasMessageStartingWith("S3 refused to look at 'a' (HTTP 403)");
  }

  @Test
  void read_shouldAskForTheFirstBytesOnly() {
    aws.answer(
        206,
        Map.of(
            "ETag", "\"e1\"",
            "Content-Range", "bytes 0-3/70000",
            "Last-Modified", "Sat, 21 Nov 2026 06:00:00 GMT"),
        "0123");

    var read = bucket.read("a", 4).orElseThrow();

    assertThat(read.content()).isEqualTo("0123".getBytes(UTF_8));
    assertThat(read.object().bytes()).isEqualTo(70_000);
    assertThat(aws.sent()).containsExactly("GET " + HOST + "/a\nrange: bytes=0-3");
  }

  @Test
  void read_shouldFail_whenTheBucketItselfIsMissing() {
    aws.refuse(404, "NoSuchBucket");

    assertThatThrownBy(() -> bucket.read("a", 4)).isInstanceOf(Misconfigured.class);
  }

  @Test
  void list_shouldGoOnWithTheNextPage_whenThereIsOne() {
    aws.answer(
            200,
            """
            <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>
            <Contents><Key>p/a+b%2Bc</Key><Size>1</Size><ETag>"1"</ETag><LastModified>2026-11-21T06:00:00Z</LastModified></Contents></ListBucketResult>
            """)
        .answer(
            200,
            """
            <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
            <Contents><Key>p/z</Key><Size>2</Size><ETag>"2"</ETag><LastModified>2026-11-21T06:00:00Z</LastModified></Contents></ListBucketResult>
            """);

    assertThat(bucket.list("p/", 7)).extracting(Stored::key).containsExactly("p/a b+c", "p/z");
    assertThat(aws.sent())
        .containsExactly(
            "GET " + HOST + "?list-type=2&encoding-type=url&max-keys=7&prefix=p%2F",
            "GET "
                + HOST
                + "?list-type=2&encoding-type=url&max-keys=7&prefix=p%2F&continuation-token=n");
  }

  @Test
  void copy_shouldNameTheVersionAndReplaceTheContentType() {
    aws.answer(200, "<CopyObjectResult><ETag>\"e2\"</ETag></CopyObjectResult>");

    assertThat(bucket.copy(REFERENCE, "inputs/1/reference.mp4", "video/mp4")).isTrue();

    assertThat(aws.sent())
        .containsExactly(
            """
            PUT %s/inputs/1/reference.mp4
            content-type: video/mp4
            x-amz-copy-source: shots/incoming/Gr%%C3%%BC%%C3%%9Fe%%20%%2B1.mp4
            x-amz-copy-source-if-match: "e1"
            x-amz-metadata-directive: REPLACE
            x-amz-tagging-directive: REPLACE\
            """
                .formatted(HOST));
  }

  @ParameterizedTest
  @CsvSource({"412,PreconditionFailed", "404,NoSuchKey"})
  void copy_shouldAnswerFalse_whenTheVersionIsGone(int status, String code) {
    aws.refuse(status, code);

    assertThat(bucket.copy(REFERENCE, "b", "video/mp4")).isFalse();
  }

  /** S3 may begin to answer 200 and find out later that it cannot copy. */
  @Test
  void copy_shouldBeUnavailable_whenTheErrorComesInsideAnAnswerOf200() {
    for (var i = 0; i < 4; i++) {
      aws.refuse(200, "InternalError");
    }

    assertThatThrownBy(() -> bucket.copy(REFERENCE, "b", "video/mp4"))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("InternalError");
  }

  @Test
  void put_shouldSendTheContentWithItsChecksum() {
    aws.answer(200, "");

    bucket.put("outputs/a/error.json", "{}".getBytes(UTF_8), "application/json");

    assertThat(aws.sent())
        .containsExactly(
            """
            PUT %s/outputs/a/error.json
            content-type: application/json
            x-amz-decoded-content-length: 2
            x-amz-trailer: x-amz-checksum-crc32\
            """
                .formatted(HOST));
  }

  @Test
  void putIfUnchanged_shouldNameWhatWasRead() {
    aws.answer(200, "").answer(200, "");

    assertThat(bucket.putIfUnchanged("a", new byte[2], "x/y", "\"e1\"")).isTrue();
    assertThat(bucket.putIfUnchanged("a", new byte[2], "x/y", null)).isTrue();

    assertThat(aws.sent()).first().asString().contains("\nif-match: \"e1\"\n");
    assertThat(aws.sent()).last().asString().contains("\nif-none-match: *\n");
  }

  @ParameterizedTest
  @CsvSource({"412,PreconditionFailed", "409,ConditionalRequestConflict", "404,NoSuchKey"})
  void putIfUnchanged_shouldAnswerFalse_whenTheConditionFails(int status, String code) {
    aws.refuse(status, code);

    assertThat(bucket.putIfUnchanged("a", new byte[2], "x/y", "\"e1\"")).isFalse();
  }

  @Test
  void delete_shouldNameTheKey() {
    aws.answer(204, "");

    bucket.delete("a+b");

    assertThat(aws.sent()).containsExactly("DELETE " + HOST + "/a%2Bb");
  }

  @Test
  void abortUploads_shouldAbortThoseOfTheKeyOnAllPages() {
    aws.answer(
            200,
            """
            <ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
            <NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>
            <Upload><Key>a</Key><UploadId>u1</UploadId></Upload></ListMultipartUploadsResult>
            """)
        .refuse(404, "NoSuchUpload")
        .answer(
            200,
            """
            <ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
            <Upload><Key>a</Key><UploadId>u2</UploadId></Upload><Upload><Key>ab</Key><UploadId>u3</UploadId></Upload></ListMultipartUploadsResult>
            """)
        .answer(204, "");

    bucket.abortUploads("a");

    assertThat(aws.sent())
        .containsExactly(
            "GET " + HOST + "?uploads&encoding-type=url&prefix=a",
            "DELETE " + HOST + "/a?uploadId=u1",
            "GET " + HOST + "?uploads&encoding-type=url&key-marker=a&prefix=a&upload-id-marker=u1",
            "DELETE " + HOST + "/a?uploadId=u2");
  }

  @Test
  void everyCall_shouldBeUnavailable_whenS3StaysAway() {
    aws.reset();

    assertThatThrownBy(() -> bucket.head("a"))
        .isInstanceOf(Unavailable.class)
        .hasMessage("S3 did not look at 'a' (SdkClientException).")
        .hasRootCauseMessage("connection reset");
    assertThat(aws.sent()).hasSize(4);
  }

  @Test
  void source_shouldFetchAheadOnce_whenAHeaderIsReadInPieces() {
    aws.answer(206, "x".repeat(S3ByteSource.LEAST_FETCH));
    var source = bucket.source(REFERENCE);

    assertThat(source.size()).isEqualTo(200_000);
    assertThat(source.read(0, 8)).hasSize(8);
    assertThat(source.read(8, 4)).hasSize(4);
    assertThat(source.read(65_000, 536)).hasSize(536);

    assertThat(aws.sent())
        .containsExactly(
            "GET %s/incoming/Gr%%C3%%BC%%C3%%9Fe%%20%%2B1.mp4\nif-match: \"e1\"\nrange: bytes=0-65535"
                .formatted(HOST));
  }

  @Test
  void source_shouldFetchNoMoreThanThereIs_whenTheEndIsRead() {
    aws.answer(206, "tail").answer(206, "y".repeat(100_000));
    var source = bucket.source(REFERENCE);

    assertThat(source.read(199_996, 50)).isEqualTo("tail".getBytes(UTF_8));
    assertThat(source.read(200_000, 1)).isEmpty();
    assertThat(source.read(0, 100_000)).hasSize(100_000);

    assertThat(aws.sent()).first().asString().endsWith("range: bytes=199996-199999");
    assertThat(aws.sent()).last().asString().endsWith("range: bytes=0-99999");
  }

  @ParameterizedTest
  @ValueSource(ints = {412, 404})
  void source_shouldSayThatTheObjectChanged_whenItsVersionIsGone(int status) {
    aws.refuse(status, "Gone");

    assertThatThrownBy(() -> bucket.source(REFERENCE).read(0, 1))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "'incoming/Grüße +1.mp4' was replaced or deleted while it was read: look at it again.");
  }
}
