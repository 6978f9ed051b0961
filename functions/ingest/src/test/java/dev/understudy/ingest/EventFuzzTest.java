package dev.understudy.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.Mutations;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever S3, or somebody who may call the function, sends: only errors of ours. */
class EventFuzzTest {

  private static final int ROUNDS = 3_000;

  private static final List<String> WORDS =
      List.of(
          "Records",
          "s3",
          "bucket",
          "object",
          "name",
          "key",
          "eventName",
          "s3:TestEvent",
          "incoming/a/task.json",
          "incoming/%zz/task.json",
          "incoming/%/task.json",
          "incoming/..%2F/task.json",
          "incoming/a+b/task.json",
          "outputs/a/status.json");

  @Test
  void handleRequest_shouldFailWithOurErrorsOnly_whateverTheEventIs() throws IOException {
    var event = FakeContext.event("s3-upload.json").getBytes(UTF_8);
    IntStream.range(0, ROUNDS)
        .forEach(round -> call(new Mutations(new Random(round), WORDS).of(event), round));
  }

  @Test
  void handleRequest_shouldTakeTheOthers_whenAKeyIsNotEncoded() {
    var stack = new TestStack();
    stack.bucket.upload("incoming/b/task.json", new byte[0]);
    var event =
        "{\"Records\":[{\"s3\":{\"object\":{\"key\":\"incoming/%zz/task.json\"}}},{\"s3\":{\"object\":{\"key\":\"incoming/b/task.json\"}}}]}";

    assertThatThrownBy(() ->
            new IngestHandler(_ -> stack.desk)
                .handleRequest(
                    new ByteArrayInputStream(event.getBytes(UTF_8)),
                    OutputStream.nullOutputStream(),
                    new FakeContext()))
        .isInstanceOf(Misconfigured.class);
    assertThat(stack.table.orders()).hasSize(1);
  }

  private static void call(byte[] event, int round) {
    var stack = new TestStack();
    try {
      new IngestHandler(_ -> stack.desk)
          .handleRequest(
              new ByteArrayInputStream(event), OutputStream.nullOutputStream(), new FakeContext());
    } catch (JsonProcessingException | UnderstudyException e) {
      // no JSON, which Lambda does not let through; or said in a sentence
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new AssertionError("round " + round + ": " + new String(event, UTF_8), e);
    }
  }
}
