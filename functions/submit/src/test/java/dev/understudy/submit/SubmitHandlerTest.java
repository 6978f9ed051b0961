package dev.understudy.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SubmitHandlerTest {

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

  private final TestStack stack = new TestStack();
  private final SubmitHandler handler =
      new SubmitHandler(
          new Submission(
              stack.table,
              stack.writer,
              stack.provider,
              stack.signer,
              stack.apiKey,
              stack.admission,
              stack.announcer,
              stack.settings,
              stack.clock));

  private JsonNode call(Task task, Duration timeLeft) throws IOException {
    var event = FakeContext.event("step.json").replace(ID, task.id());
    var output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
        output,
        new FakeContext(timeLeft));
    return Json.MAPPER.readTree(output.toByteArray());
  }

  /**
   * Whatever a submission asks for, in each round: nothing of it is met by the first event only.
   */
  @Test
  void rehearsal_shouldSubmitAMadeUpTaskToItsStage() throws IOException {
    assertThat(SubmitHandler.rehearsal().rehearse(2))
        .contains(
            "POST /",
            "secretsmanager.GetSecretValue",
            "PUT /rehearsal/outputs/rehearsal/status.json",
            "AWSEvents.PutEvents")
        .filteredOn("POST /runwayml/v1/character_performance"::equals)
        .hasSize(2);
  }

  @Test
  void handleRequest_shouldAnswerWithThePause_whenTheProviderAccepts() throws IOException {
    var task = stack.admitted();

    var turn = call(task, Duration.ofSeconds(200));

    assertThat(turn).isEqualTo(Json.MAPPER.readTree("{\"next\":\"POLL\",\"seconds\":75}"));
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
  }

  @Test
  void handleRequest_shouldPassTheIdOn_whenItCannotBeWritten() throws IOException {
    var task = stack.admitted();
    stack.provider.onPost(() -> {
      var answer = stack.provider.accepts().get();
      failEveryWrite();
      return answer;
    });

    var turn = call(task, Duration.ofSeconds(200));

    assertThat(turn)
        .isEqualTo(
            Json.MAPPER.readTree(
                "{\"next\":\"POLL\",\"seconds\":0,\"unrecorded\":{\"attempt\":1,\"providerTaskId\":\"rw-1\"}}"));
  }

  private void failEveryWrite() {
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () -> {
          failEveryWrite();
          throw TestStack.unavailable();
        });
  }

  @Test
  void handleRequest_shouldNotPost_whenTheFunctionsTimeIsShort() throws IOException {
    var task = stack.admitted();

    assertThat(call(task, Duration.ofSeconds(100)).path("next").asText()).isEqualTo("END");

    assertThat(stack.provider.posts()).isEmpty();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.QUEUED);
  }

  @Test
  void handleRequest_shouldFailSoThatItIsRepeated_whenTheTableDoesNotAnswer() {
    var task = stack.admitted();
    stack.faults.failAt(Moment.BEFORE, "findWithControl");

    assertThatThrownBy(() -> call(task, Duration.ofSeconds(200))).isInstanceOf(NotSubmitted.class);
  }

  @Test
  void handleRequest_shouldEnd_whenTheTaskIsNotThere() throws IOException {
    assertThat(call(stack.newTask("default"), Duration.ofSeconds(200)).path("next").asText())
        .isEqualTo("END");
  }
}
