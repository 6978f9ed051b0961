package dev.understudy.core.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.json.Json;
import dev.understudy.core.statemachine.ScriptedFunctions.Call;
import dev.understudy.core.task.StepInput;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Turn.Next;
import dev.understudy.core.task.Turn.Unrecorded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Walks the real definition along every path. */
class CharacterPerformanceTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final ObjectNode INPUT =
      JsonNodeFactory.instance.objectNode().put("id", "7c9e6679").put("generation", 2);

  private static StateMachine machine;

  @BeforeAll
  static void readDefinition() throws IOException {
    machine = StateMachine.read(Path.of("statemachine", "character-performance.asl.json"));
  }

  @ParameterizedTest
  @EnumSource
  void walk_shouldEnterTheExpectedStates_whenFunctionsAnswerSo(KnownPath path) {
    // given
    ScriptedFunctions functions = new ScriptedFunctions(path.outcomes());

    // when
    Execution execution = machine.start(INPUT, functions.byName(), START).runToEnd();

    // then
    assertThat(execution.states()).isEqualTo(path.states());
    assertThat(execution.status()).isEqualTo(path.ending());
    assertThat(functions.left()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void payload_shouldBeTheIdAndTheGeneration_whateverWasAnsweredBefore(KnownPath path) {
    ScriptedFunctions functions = new ScriptedFunctions(path.outcomes());

    Execution execution = machine.start(INPUT, functions.byName(), START).runToEnd();

    assertThat(functions.calls())
        .allSatisfy(call -> {
          assertThat(call.payload().get("id")).isEqualTo(INPUT.get("id"));
          assertThat(call.payload().get("generation")).isEqualTo(INPUT.get("generation"));
          assertThat(fields(call.payload()))
              .isSubsetOf("id", "generation", "unrecorded", "error", "cause");
        });
    assertThat(execution.trace().stream().skip(1).flatMap(visit -> fields(visit.input()).stream()))
        .isSubsetOf("next", "seconds", "unrecorded", "id", "generation", "Error", "Cause");
  }

  @Test
  void poll_shouldBeToldTheUnrecordedId_onlyByTheAnswerThatHadIt() {
    List<Call> calls = calls(KnownPath.ID_NOT_RECORDED);

    assertThat(calls).extracting(Call::function).containsExactly("Submit", "Poll", "Poll");
    assertThat(read(calls.get(1)))
        .isEqualTo(new StepInput("7c9e6679", 2, new Unrecorded(1, "p-1"), null, null));
    assertThat(read(calls.get(2))).isEqualTo(new StepInput("7c9e6679", 2, null, null, null));
  }

  @Test
  void repair_shouldBeToldTheUnrecordedId_whenNoPollCouldWriteIt() {
    assertThat(read(calls(KnownPath.POLL_FAILED).getLast()))
        .isEqualTo(
            new StepInput(
                "7c9e6679",
                2,
                new Unrecorded(1, "p-1"),
                "java.lang.OutOfMemoryError",
                "Broken on purpose."));
  }

  @Test
  void repair_shouldBeToldTheAnswer_whenNoChoiceUnderstoodIt() {
    JsonNode payload = calls(KnownPath.UNKNOWN_NEXT).getLast().payload();

    assertThat(payload.get("error").textValue()).isEqualTo("UnexpectedAnswer");
    assertThat(payload.get("cause").textValue()).isEqualTo("{\"next\":\"DANCE\",\"seconds\":0}");
    assertThat(fields(payload)).containsExactly("id", "generation", "error", "cause");
  }

  @Test
  void repair_shouldBeToldTheBeginningOfACause_whenItIsLong() {
    ScriptedFunctions functions =
        new ScriptedFunctions(
            List.of(Outcome.failed("Broken", "x".repeat(30_000)), answer(Next.END, 0)));

    machine.start(INPUT, functions.byName(), START).runToEnd();

    assertThat(functions.calls().getLast().payload().get("cause").textValue()).hasSize(400);
  }

  @Test
  void submit_shouldBeCalledOnceOnly_whenTheErrorDoesNotProveThatNothingWasSent() {
    Stream<String> errors =
        Stream.of(
            "States.Timeout",
            "States.TaskFailed",
            "Lambda.Unknown",
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
            "Sandbox.Timedout",
            "Runtime.ExitError",
            "java.lang.OutOfMemoryError",
            "dev.understudy.core.errors.Unavailable",
            "dev.understudy.core.errors.Misconfigured");

    assertThat(errors)
        .allSatisfy(error -> {
          ScriptedFunctions functions =
              new ScriptedFunctions(List.of(Outcome.failed(error, ""), answer(Next.END, 0)));
          machine.start(INPUT, functions.byName(), START).runToEnd();
          assertThat(functions.calls())
              .extracting(Call::function)
              .containsExactly("Submit", "Reconcile");
        });
  }

  @Test
  void submit_shouldGoToRepair_whenItRunsOverItsTime() {
    ScriptedFunctions functions =
        new ScriptedFunctions(
            List.of(answer(Next.POLL, 0).after(Duration.ofSeconds(220)), answer(Next.END, 0)));

    Execution execution = machine.start(INPUT, functions.byName(), START).runToEnd();

    assertThat(execution.states()).containsExactly("Submit", "Repair", "Done");
    assertThat(functions.calls().getLast().at()).isEqualTo(START.plusSeconds(220));
    assertThat(functions.calls().getLast().payload().get("error").textValue())
        .isEqualTo("States.Timeout");
  }

  static Stream<Map.Entry<String, List<Integer>>> retries() {
    return Stream.of(
        Map.entry(NotSubmitted.class.getName(), List.of(0, 2, 6, 14)),
        Map.entry("Lambda.TooManyRequestsException", List.of(0, 2, 6, 14, 30, 62)),
        Map.entry("Lambda.SnapStartNotReadyException", List.of(0, 5, 15, 35, 75, 155, 315)));
  }

  @ParameterizedTest
  @MethodSource("retries")
  void submit_shouldBeRepeatedAtTheseSeconds_whenNothingWasSent(
      Map.Entry<String, List<Integer>> errorAndSeconds) {
    assertThat(secondsOfTries("Submit", List.of(), errorAndSeconds.getKey()))
        .isEqualTo(errorAndSeconds.getValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"States.Timeout", "Lambda.Unknown", "java.lang.RuntimeException"})
  void pollPersistAndRepair_shouldBeRepeatedAtTheseSeconds_whateverTheError(String error) {
    assertThat(secondsOfTries("Poll", List.of(answer(Next.POLL, 0)), error))
        .containsExactly(0, 5, 15, 35);
    assertThat(
            secondsOfTries(
                "Persist", List.of(answer(Next.POLL, 0), answer(Next.PERSIST, 0)), error))
        .containsExactly(0, 10, 30);
    assertThat(secondsOfTries("Reconcile", KnownPath.UNKNOWN_NEXT.outcomes().subList(0, 2), error))
        .containsExactly(0, 5, 15, 35);
  }

  @Test
  void waits_shouldLastAsLongAsTheAnswersSay() {
    ScriptedFunctions functions =
        new ScriptedFunctions(
            List.of(
                answer(Next.POLL, 90),
                answer(Next.POLL, 7),
                answer(Next.PERSIST, 5),
                answer(Next.END, 0)));

    machine.start(INPUT, functions.byName(), START).runToEnd();

    assertThat(functions.calls())
        .extracting(call -> Duration.between(START, call.at()).toSeconds())
        .containsExactly(0L, 90L, 97L, 102L);
  }

  @Test
  void history_shouldStayUnderFourThousandEvents_whenPolledEvery50SecondsForSixHours() {
    // given: the design's bound, and the fewest polls that fill six hours at that interval
    int polls = (int) Duration.ofHours(6).dividedBy(Duration.ofSeconds(50));
    List<Outcome> script =
        Stream.of(
                Collections.nCopies(polls, answer(Next.POLL, 50)),
                List.of(answer(Next.PERSIST, 5), answer(Next.END, 0)))
            .flatMap(List::stream)
            .toList();
    ScriptedFunctions functions = new ScriptedFunctions(script);

    // when
    Execution execution = machine.start(INPUT, functions.byName(), START).runToEnd();

    // then
    assertThat(execution.status()).isEqualTo(Execution.Status.SUCCEEDED);
    assertThat(Duration.between(START, functions.calls().get(polls).at()))
        .isEqualTo(Duration.ofHours(6));
    assertThat(execution.historyEvents()).isEqualTo(9 * polls + 18).isLessThan(4_000);
    assertThat(execution.transitions()).isEqualTo(3 * polls + 5);
  }

  @Test
  void history_shouldGrowByNineEvents_withEveryPoll() {
    int one = events(List.of(answer(Next.POLL, 50), answer(Next.END, 0)));
    int two = events(List.of(answer(Next.POLL, 50), answer(Next.POLL, 50), answer(Next.END, 0)));

    assertThat(two - one).isEqualTo(9);
  }

  @Test
  void execution_shouldEndAfterTwoDays_whenItIsStillPolling() {
    TaskFunction always = (payload, at) -> answer(Next.POLL, 3600);
    Map<String, TaskFunction> functions =
        Map.of("${SubmitFunctionArn}", always, "${PollFunctionArn}", always);

    Execution execution = machine.start(INPUT, functions, START).runToEnd();

    assertThat(execution.status()).isEqualTo(Execution.Status.TIMED_OUT);
    assertThat(execution.trace().getLast().at()).isBefore(START.plus(Duration.ofDays(2)));
  }

  private static int events(List<Outcome> script) {
    return machine
        .start(INPUT, new ScriptedFunctions(script).byName(), START)
        .runToEnd()
        .historyEvents();
  }

  private static List<Call> calls(KnownPath path) {
    ScriptedFunctions functions = new ScriptedFunctions(path.outcomes());
    machine.start(INPUT, functions.byName(), START).runToEnd();
    return functions.calls();
  }

  /** The seconds from its first try on at which a function is tried that only ever fails. */
  private static List<Integer> secondsOfTries(String function, List<Outcome> before, String error) {
    List<Outcome> failures = Collections.nCopies(20, Outcome.failed(error, ""));
    ScriptedFunctions functions =
        new ScriptedFunctions(Stream.concat(before.stream(), failures.stream()).toList());
    machine.start(INPUT, functions.byName(), START).runToEnd();
    List<Instant> tries =
        functions.calls().stream()
            .filter(call -> call.function().equals(function))
            .map(Call::at)
            .toList();
    return tries.stream()
        .map(at -> (int) Duration.between(tries.getFirst(), at).toSeconds())
        .toList();
  }

  private static List<String> fields(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  private static StepInput read(Call call) {
    return Json.MAPPER.convertValue(call.payload(), StepInput.class);
  }

  private static Outcome answer(Next next, int seconds) {
    return Outcome.answered(Json.MAPPER.valueToTree(new Turn(next, seconds, null)));
  }
}
