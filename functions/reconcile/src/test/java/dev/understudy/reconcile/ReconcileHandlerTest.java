package dev.understudy.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.FakeContext;
import dev.understudy.core.testing.TestStack;
import dev.understudy.core.watch.Gauges;
import dev.understudy.core.watch.Measurement;
import dev.understudy.core.watch.Metric;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReconcileHandlerTest {

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  private static final String END = "{\"next\":\"END\",\"seconds\":0}";

  private final TestStack stack = new TestStack();
  private final ReconcileHandler handler =
      new ReconcileHandler(
          new Reconciliation(
              stack.table,
              stack.writer,
              stack.executions,
              stack.admission,
              stack.announcer,
              stack.desk,
              stack.settings,
              stack.clock),
          new Gauges(stack.table, stack.observed::add, stack.settings, stack.clock));

  private String call(String event, FakeContext context) throws IOException {
    var output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)), output, context);
    return output.toString(StandardCharsets.UTF_8);
  }

  private String call(String event) throws IOException {
    return call(event, new FakeContext());
  }

  /** Polling under generation 1, and its execution was started. */
  private Task polled() {
    var task = stack.submitted();
    assertThat(task.generation()).isEqualTo(1);
    return task;
  }

  private void assertTakenOver(Task task) {
    assertThat(stack.task(task.id()).generation()).isEqualTo(2);
    assertThat(stack.started).contains(new TestStack.Started(task.id(), 2));
  }

  @Test
  void rehearsal_shouldFindNothingDue() throws IOException {
    assertThat(ReconcileHandler.rehearsal().rehearse(1)).contains("DynamoDB_20120810.Query");
  }

  @Test
  void handleRequest_shouldTakeUpWhatIsDue_whenTheScheduleCalls() throws IOException {
    var waiting = stack.waiting();

    assertThat(call(FakeContext.event("schedule.json"))).isEqualTo(END);

    assertThat(stack.task(waiting.id()).place()).isTrue();
    assertThat(stack.started).containsExactly(new TestStack.Started(waiting.id(), 1));
    assertThat(stack.observed.getLast().measurements())
        .contains(new Measurement(Metric.IN_FLIGHT, 1));
  }

  @Test
  void handleRequest_shouldLeaveTheRestToTheNextRun_whenTimeIsShort() throws IOException {
    var task = polled();
    stack.clock.advance(Duration.ofHours(2));

    call(FakeContext.event("schedule.json"), new FakeContext(Duration.ofSeconds(14)));
    assertThat(stack.task(task.id()).generation()).isEqualTo(1);

    call(FakeContext.event("schedule.json"), new FakeContext(Duration.ofSeconds(16)));
    assertTakenOver(task);
  }

  @Test
  void handleRequest_shouldMendTheTask_whenTheStateMachineAsksForRepair() throws IOException {
    var task = polled();

    assertThat(call(FakeContext.event("repair.json").replace(ID, task.id()))).isEqualTo(END);

    assertTakenOver(task);
  }

  @Test
  void handleRequest_shouldRecordTheIdFirst_whenRepairBringsOne() throws IOException {
    var task = stack.submitting();

    call(
        """
        {"id":"%s","generation":1,"error":"States.Timeout","cause":"",
         "unrecorded":{"attempt":1,"providerTaskId":"rw-1"}}
        """
            .formatted(task.id()));

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stack.task(task.id()).currentAttempt().providerTaskId()).isEqualTo("rw-1");
  }

  @Test
  void handleRequest_shouldMendTheTask_whenAnExecutionWasAborted() throws IOException {
    var task = polled();

    assertThat(call(FakeContext.event("execution-aborted.json").replace(ID, task.id())))
        .isEqualTo(END);

    assertTakenOver(task);
  }

  @Test
  void handleRequest_shouldChangeNothing_whenAnOlderGenerationFails() throws IOException {
    var task = polled();
    stack.change(task.id(), t -> Changes.nextGeneration(t, stack.clock.instant(), stack.settings));

    call(FakeContext.event("repair.json").replace(ID, task.id()));

    assertThat(stack.task(task.id()).generation()).isEqualTo(2);
  }

  @Test
  void handleRequest_shouldChangeNothing_whenTheTaskIsNotThere() throws IOException {
    assertThat(call(FakeContext.event("repair.json"))).isEqualTo(END);
    assertThat(call(FakeContext.event("execution-aborted.json"))).isEqualTo(END);
    assertThat(stack.started).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "by-hand",
        "mine",
        "-1",
        "",
        "0c3a2f5e-1c1c-4b0e-9d5e-112233445566",
        "a-99999999999"
      })
  void handleRequest_shouldLeaveAnExecutionAlone_thatIsNotNamedByUs(String name)
      throws IOException {
    var event = FakeContext.event("execution-aborted.json").replace(ID + "-1", name);

    assertThat(call(event)).isEqualTo(END);
  }
}
