package dev.understudy.persist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PersistHandlerTest {

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  private static final byte[] VIDEO = Clips.mp4(Duration.ofSeconds(4));

  private final TestStack stack = new TestStack();
  private final Downloads host =
      new Downloads() {
        @Override
        public Download open(URI output) {
          return new Download.Opened(
              new ByteArrayInputStream(VIDEO), (long) VIDEO.length, "video/mp4");
        }
      };
  private final PersistHandler handler =
      new PersistHandler(
          new Persistence(
              stack.table,
              stack.writer,
              stack.provider,
              stack.apiKey,
              new Delivery(stack.bucket, host),
              stack.announcer,
              stack.settings,
              stack.clock));

  private JsonNode call(String id) throws IOException {
    var output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(
            FakeContext.event("step.json").replace(ID, id).getBytes(StandardCharsets.UTF_8)),
        output,
        new FakeContext());
    return Json.MAPPER.readTree(output.toByteArray());
  }

  @Test
  void rehearsal_shouldAskItsStageForAMadeUpTask() throws IOException {
    assertThat(PersistHandler.rehearsal().rehearse(1))
        .contains(
            "secretsmanager.GetSecretValue",
            "DynamoDB_20120810.UpdateItem",
            "GET /runwayml/v1/tasks/00000000-0000-4000-8000-000000000000",
            "DynamoDB_20120810.PutItem");
  }

  @Test
  void handleRequest_shouldDeliverTheVideoAndEnd() throws IOException {
    var task = stack.persisting();
    stack.clock.advance(Duration.ofMinutes(2));
    stack.provider.onAsk(Answers.done());

    assertThat(call(task.id())).isEqualTo(Json.MAPPER.readTree("{\"next\":\"END\",\"seconds\":0}"));

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(stack.bucket.keys()).contains(task.deliverTo());
  }

  @Test
  void handleRequest_shouldComeBackInWholeSeconds_whenItsTurnHasNotCome() throws IOException {
    var task = stack.persisting();
    stack.clock.advance(Duration.ofMinutes(2));
    stack.provider.onAsk(Answers.doneWithoutOutput());
    call(task.id());
    stack.clock.advance(Duration.ofMillis(500));

    var turn = call(task.id());

    assertThat(turn.path("next").asText()).isEqualTo("PERSIST");
    assertThat(turn.path("seconds").isInt()).isTrue();
    assertThat(turn.path("seconds").asInt()).isBetween(1, 3600);
    assertThat(stack.provider.asks()).hasSize(1);
  }

  @Test
  void handleRequest_shouldEnd_whenTheTaskIsNotThere() throws IOException {
    assertThat(call(ID)).isEqualTo(Json.MAPPER.readTree("{\"next\":\"END\",\"seconds\":0}"));
  }
}
