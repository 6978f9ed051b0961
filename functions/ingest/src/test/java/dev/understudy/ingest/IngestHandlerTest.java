package dev.understudy.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.order.Order;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;

class IngestHandlerTest {

  private final TestStack stack = new TestStack();
  private final List<String> buckets = new ArrayList<>();
  private final IngestHandler handler =
      new IngestHandler(bucket -> {
        buckets.add(bucket);
        return stack.desk;
      });

  private void call(String event) throws IOException {
    handler.handleRequest(
        new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
        OutputStream.nullOutputStream(),
        new FakeContext());
  }

  /** Puts a form there that is refused, so that looking at it needs no files. */
  private void form(String folder) {
    stack.bucket.upload("incoming/" + folder + "/task.json", new byte[0]);
  }

  private List<String> lookedAt() {
    return stack.table.orders().stream().map(Order::formKey).toList();
  }

  private static String records(String... keys) {
    return Stream.of(keys)
        .map("{\"s3\":{\"bucket\":{\"name\":\"b\"},\"object\":{\"key\":\"%s\"}}}"::formatted)
        .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
  }

  @Test
  void rehearsal_shouldLookForAnUploadThatIsNotThere() throws IOException {
    assertThat(IngestHandler.rehearsal().rehearse(1))
        .contains("DynamoDB_20120810.GetItem", "GET /rehearsal/incoming/rehearsal/task.json");
  }

  @Test
  void handleRequest_shouldOrderATask_whenS3TellsOfAForm() throws IOException {
    stack.bucket.upload("incoming/scène 12/character.png", Clips.png());
    stack.bucket.upload("incoming/scène 12/reference.mp4", Clips.mp4(Duration.ofSeconds(4)));
    stack.bucket.upload("incoming/scène 12/task.json", "{}".getBytes(StandardCharsets.UTF_8));

    call(FakeContext.event("s3-upload.json"));

    assertThat(buckets).containsExactly("understudy-bucket-example");
    assertThat(stack.table.tasks())
        .extracting(t -> t.deliverTo())
        .containsExactly("outputs/scène 12/reference__character.mp4");
  }

  @ParameterizedTest
  @CsvSource({
    "incoming/a+b/task.json,a b",
    "incoming/a%20b/task.json,a b",
    "incoming/a%2Bb/task.json,a+b",
    "incoming/100%25/task.json,100%",
    "incoming/%E6%98%A0%E7%94%BB/task.json,映画",
    "incoming/%F0%9F%98%80/task.json,😀",
    "incoming/a%26b%3Dc/task.json,a&b=c",
    "incoming/a%2F..%2Fb/task.json,a/../b"
  })
  void handleRequest_shouldDecodeTheKey(String inEvent, String folder) throws IOException {
    form(folder);

    call(records(inEvent));

    assertThat(lookedAt()).containsExactly("incoming/" + folder + "/task.json");
  }

  @Test
  void handleRequest_shouldLookAtEveryRecord_once() throws IOException {
    form("a");
    form("b");

    call(records("incoming/a/task.json", "incoming/b/task.json", "incoming/a/task.json"));

    assertThat(lookedAt()).containsExactly("incoming/a/task.json", "incoming/b/task.json");
    assertThat(buckets).hasSize(2);
  }

  @Test
  void handleRequest_shouldLookAtTheOthersAndFail_whenAServiceDoesNotAnswerForOne() {
    form("a");
    form("b");
    stack.faults.failAt(Moment.BEFORE, "order");

    assertThatThrownBy(() -> call(records("incoming/a/task.json", "incoming/b/task.json")))
        .isInstanceOf(Unavailable.class);

    assertThat(lookedAt()).containsExactly("incoming/b/task.json");
  }

  @Test
  void handleRequest_shouldLookAtTheOthersAndFail_whenASlipOfOursMeetsOne() {
    form("a");
    form("b");
    stack.faults.at(
        Moment.BEFORE,
        "order",
        () -> {
          throw new IllegalArgumentException("a bug");
        });

    assertThatThrownBy(() -> call(records("incoming/a/task.json", "incoming/b/task.json")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(lookedAt()).containsExactly("incoming/b/task.json");
  }

  @Test
  void handleRequest_shouldDoNothing_whenS3OnlyTestsTheNotification() {
    assertThatCode(
            () -> call("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"b\"}"))
        .doesNotThrowAnyException();

    assertThat(buckets).isEmpty();
  }

  @Test
  void handleRequest_shouldLeaveNothingInTheLogsContext() throws IOException {
    call(FakeContext.event("s3-upload.json"));

    assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
  }
}
