package dev.understudy.poll;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PollHandlerTest {

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

  private final TestStack stack = new TestStack();
  private final PollHandler handler =
      new PollHandler(
          new Polling(
              stack.table,
              stack.writer,
              stack.provider,
              stack.apiKey,
              stack.admission,
              stack.announcer,
              stack.settings,
              stack.clock,
              stack.random));

  private JsonNode call(String event, String id) throws IOException {
    var output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(
            FakeContext.event(event).replace(ID, id).getBytes(StandardCharsets.UTF_8)),
        output,
        new FakeContext());
    return Json.MAPPER.readTree(output.toByteArray());
  }

  @Test
  void rehearsal_shouldAskItsStageForAMadeUpTask() throws IOException {
    assertThat(PollHandler.rehearsal().rehearse(1))
        .contains(
            "secretsmanager.GetSecretValue",
            "DynamoDB_20120810.UpdateItem",
            "GET /runwayml/v1/tasks/00000000-0000-4000-8000-000000000000",
            "DynamoDB_20120810.PutItem");
  }

  @Test
  void handleRequest_shouldAskForPersist_whenTheProviderIsDone() throws IOException {
    var task = stack.submitted();
    stack.clock.advance(stack.settings.pollFirst());
    stack.provider.onAsk(Answers.done());

    var turn = call("step.json", task.id());

    assertThat(turn.path("next").asText()).isEqualTo("PERSIST");
    assertThat(turn.path("seconds").isInt()).isTrue();
    assertThat(turn.has("unrecorded")).isFalse();
  }

  @Test
  void handleRequest_shouldWriteTheIdFirst_whenItIsPassedOn() throws IOException {
    var task = stack.submitting();

    var turn = call("step-with-unrecorded-id.json", task.id());

    assertThat(turn.path("next").asText()).isEqualTo("POLL");
    assertThat(turn.has("unrecorded")).isFalse();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.task(task.id()).currentAttempt().providerTaskId())
        .isEqualTo("17f20503-6c24-4c16-946b-35dbbce2af2f");
  }

  @Test
  void handleRequest_shouldEnd_whenTheTaskIsNotThere() throws IOException {
    assertThat(call("step.json", ID))
        .isEqualTo(Json.MAPPER.readTree("{\"next\":\"END\",\"seconds\":0}"));
  }
}
