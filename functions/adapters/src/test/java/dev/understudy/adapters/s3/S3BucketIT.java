package dev.understudy.adapters.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Bucket.Stored;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3BucketIT {

  private static final String TEXT = "text/plain";

  private final S3Client s3 = RunningAws.s3();
  private String name = "";
  private Bucket bucket = new S3Bucket(s3, name);

  @BeforeAll
  void createBucket() {
    name = RunningAws.newBucket(s3);
    bucket = new S3Bucket(s3, name);
  }

  @AfterAll
  void deleteBucket() {
    RunningAws.deleteBucket(s3, name);
  }

  static Stream<String> keys() {
    return Stream.of(
        "plain/task.json",
        "with space/and  two.json",
        "plus+and%20percent%2B/a&b=c?d#e.json",
        "Grüße aus München/Schön+Übung 1.mp4",
        "映画/主人公 🎬.mov",
        "quote\"apostrophe'<tag>/~x!$(1),;:@.json",
        "x".repeat(900));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyMethod_shouldReachTheSameObject_whenItsKeyIsUnusual(String key) {
    bucket.put("keys/" + key, bytes("first"), TEXT);

    var head = bucket.head("keys/" + key).orElseThrow();
    assertThat(head.key()).isEqualTo("keys/" + key);
    assertThat(head.bytes()).isEqualTo(5);
    assertThat(head.contentType()).isEqualTo(TEXT);
    assertThat(bucket.read("keys/" + key, 100).orElseThrow().content()).isEqualTo(bytes("first"));
    assertThat(bucket.source(head).read(1, 3)).isEqualTo(bytes("irs"));
    assertThat(bucket.list("keys/" + key, 10)).extracting(Stored::key).containsExactly(head.key());
    assertThat(bucket.list("keys/" + key, 10))
        .extracting(Stored::eTag)
        .containsExactly(head.eTag());
    assertThat(bucket.copy(head, "copies/" + key, "video/mp4")).isTrue();
    assertThat(bucket.head("copies/" + key).orElseThrow().contentType()).isEqualTo("video/mp4");
    assertThat(bucket.putIfUnchanged("keys/" + key, bytes("second"), TEXT, head.eTag())).isTrue();
    upload("uploads/" + key, bytes("third"), true);

    bucket.delete("keys/" + key);

    assertThat(bucket.head("keys/" + key)).isEmpty();
  }

  @Test
  void head_shouldBeEmpty_whenNothingLiesThere() {
    assertThat(bucket.head("nothing")).isEmpty();
    assertThat(bucket.read("nothing", 10)).isEmpty();
    bucket.delete("nothing");
  }

  @Test
  void read_shouldGiveTheFirstBytesAndTheWholeLength_whenThereAreMore() {
    bucket.put("read", bytes("0123456789"), TEXT);

    var read = bucket.read("read", 4).orElseThrow();

    assertThat(read.content()).isEqualTo(bytes("0123"));
    assertThat(read.object())
        .isEqualTo(bucket.head("read").orElseThrow())
        .extracting(Stored::bytes, Stored::contentType)
        .containsExactly(10L, TEXT);
  }

  @Test
  void read_shouldGiveNoBytes_whenTheObjectIsEmpty() {
    bucket.put("empty", new byte[0], TEXT);

    var read = bucket.read("empty", 4).orElseThrow();

    assertThat(read.content()).isEmpty();
    assertThat(read.object().bytes()).isZero();
  }

  @Test
  void list_shouldGiveTheFirstKeysInOrder_whenThereAreMore() {
    for (var key : List.of("list/b", "list/a", "list/c", "lisu")) {
      bucket.put(key, bytes(key), TEXT);
    }

    assertThat(bucket.list("list/", 2)).extracting(Stored::key).containsExactly("list/a", "list/b");
    assertThat(bucket.list("list/", 9)).hasSize(3);
    assertThat(bucket.list("none/", 9)).isEmpty();
  }

  @Test
  void source_shouldRefuse_whenTheObjectWasReplaced() {
    bucket.put("source", bytes("old"), TEXT);
    var source = bucket.source(bucket.head("source").orElseThrow());
    bucket.put("source", bytes("new"), TEXT);

    assertThatThrownBy(() -> source.read(0, 3))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("'source' was replaced or deleted");
  }

  @Test
  void copy_shouldAnswerFalse_whenAnotherVersionOrNothingLiesThere() {
    bucket.put("copy", bytes("old"), TEXT);
    var old = bucket.head("copy").orElseThrow();
    bucket.put("copy", bytes("new"), TEXT);
    assertThat(bucket.copy(old, "copied", TEXT)).isFalse();

    bucket.delete("copy");
    assertThat(bucket.copy(old, "copied", TEXT)).isFalse();

    assertThat(bucket.head("copied")).isEmpty();
  }

  @Test
  void copy_shouldLeaveMetadataAndTagsBehind() {
    s3.putObject(
        put -> put.bucket(name).key("tagged").metadata(Map.of("a", "b")).tagging("c=d"),
        RequestBody.fromString("x"));

    assertThat(bucket.copy(bucket.head("tagged").orElseThrow(), "untagged", "image/png")).isTrue();

    assertThat(bucket.head("untagged").orElseThrow().metadata()).isEmpty();
    assertThat(s3.getObjectTagging(tags -> tags.bucket(name).key("untagged")).tagSet()).isEmpty();
  }

  @Test
  void putIfUnchanged_shouldAnswerFalse_whenSomethingElseLiesThere() {
    assertThat(bucket.putIfUnchanged("status", bytes("1"), TEXT, null)).isTrue();
    assertThat(bucket.putIfUnchanged("status", bytes("2"), TEXT, null)).isFalse();
    var first = bucket.head("status").orElseThrow().eTag();
    assertThat(bucket.putIfUnchanged("status", bytes("3"), TEXT, first)).isTrue();
    assertThat(bucket.putIfUnchanged("status", bytes("4"), TEXT, first)).isFalse();
    assertThat(bucket.read("status", 9).orElseThrow().content()).isEqualTo(bytes("3"));

    bucket.delete("status");
    assertThat(bucket.putIfUnchanged("status", bytes("5"), TEXT, first)).isFalse();
  }

  @Test
  void putIfUnchanged_shouldLetOneWin_whenManyWriteAtOnce() throws Exception {
    for (var round = 0; round < 5; round++) {
      var key = "race-" + round;
      assertThat(winners(key, null)).as("creating").isEqualTo(1);
      assertThat(winners(key, bucket.head(key).orElseThrow().eTag())).as("changing").isEqualTo(1);
    }
  }

  private long winners(String key, @Nullable String eTag) throws Exception {
    var writers = 6;
    var start = new CyclicBarrier(writers);
    var tasks = new ArrayList<Callable<Boolean>>();
    for (var i = 0; i < writers; i++) {
      var content = bytes("%s %s writer %d".formatted(key, eTag, i));
      tasks.add(() -> {
        start.await();
        return bucket.putIfUnchanged(key, content, TEXT, eTag);
      });
    }
    try (var threads = Executors.newFixedThreadPool(writers)) {
      var won = 0;
      for (var answer : threads.invokeAll(tasks)) {
        won += answer.get() ? 1 : 0;
      }
      return won;
    }
  }

  @Test
  void upload_shouldStoreAllBytesOnce_whenThereAreSeveralParts() {
    var content = new byte[S3Upload.PART_BYTES * 2 + 12345];
    new Random(1).nextBytes(content);

    upload("large", content, true);
    upload("large", bytes("other"), false);
    upload("large", new byte[S3Upload.PART_BYTES + 1], false);

    var object = bucket.head("large").orElseThrow();
    assertThat(object.bytes()).isEqualTo(content.length);
    assertThat(object.contentType()).isEqualTo("video/mp4");
    assertThat(object.metadata()).containsEntry(Bucket.TASK_ID, "task-1");
    assertThat(bucket.source(object).read(0, content.length)).isEqualTo(content);
    assertThat(openUploads("large")).isEmpty();
  }

  @Test
  void upload_shouldStoreNothing_whenItIsClosedBeforeItsEnd() {
    try (var upload = bucket.upload("abandoned", "video/mp4", Map.of())) {
      upload.write(new byte[S3Upload.PART_BYTES + 1], 0, S3Upload.PART_BYTES + 1);
      assertThat(openUploads("abandoned")).hasSize(1);
    }

    assertThat(bucket.head("abandoned")).isEmpty();
    assertThat(openUploads("abandoned")).isEmpty();
  }

  @Test
  void upload_shouldFindOutThatItWasCompleted_whenOnlyTheAnswerWasLost() {
    var lost = new LosingAnswers(s3);
    try (var upload = new S3Bucket(lost.client(), name).upload("lost", "video/mp4", Map.of())) {
      upload.write(new byte[S3Upload.PART_BYTES + 1], 0, S3Upload.PART_BYTES + 1);
      assertThat(upload.complete()).isTrue();
    }

    assertThat(lost.completions()).isEqualTo(1);
    assertThat(bucket.head("lost").orElseThrow().bytes()).isEqualTo(S3Upload.PART_BYTES + 1L);
    assertThat(openUploads("lost")).isEmpty();
  }

  @Test
  void abortUploads_shouldAbortThoseOfThisKeyOnly() {
    for (var key : List.of("open", "open", "open+2", "open/x")) {
      s3.createMultipartUpload(create -> create.bucket(name).key(key));
    }

    bucket.abortUploads("open");

    assertThat(openUploads("open"))
        .extracting(MultipartUpload::key)
        .containsExactlyInAnyOrder("open+2", "open/x");
    bucket.abortUploads("open+2");
    bucket.abortUploads("open/x");
    bucket.abortUploads("never");
    assertThat(openUploads("open")).isEmpty();
  }

  @Test
  void upload_shouldTakeMoreThanTheHeapHolds(@TempDir Path folder) throws Exception {
    var output = folder.resolve("output").toFile();
    var began = Instant.now();
    assertThat(streamInOwnJvm("streamed", output)).as(() -> text(output)).isEqualTo("true");
    assertThat(streamInOwnJvm("streamed", output)).as(() -> text(output)).isEqualTo("false");

    assertThat(bucket.head("streamed").orElseThrow().bytes()).isEqualTo(StreamedUpload.BYTES);
    assertThat(openUploads("streamed")).isEmpty();
    assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofMinutes(2));
  }

  private String streamInOwnJvm(String key, File output) throws Exception {
    var classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java, "-Xmx64m", "-cp", classes, StreamedUpload.class.getName(), name, key)
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return text(output).strip();
  }

  private void upload(String key, byte[] content, boolean completes) {
    try (var upload = bucket.upload(key, "video/mp4", Map.of(Bucket.TASK_ID, "task-1"))) {
      for (var from = 0; from < content.length; from += 100_000) {
        upload.write(content, from, Math.min(100_000, content.length - from));
      }
      assertThat(upload.complete()).isEqualTo(completes);
    }
  }

  private List<MultipartUpload> openUploads(String prefix) {
    return s3.listMultipartUploads(list -> list.bucket(name).prefix(prefix)).uploads();
  }

  private static String text(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
