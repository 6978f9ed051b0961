package dev.understudy.core.statemachine;

import static dev.understudy.core.statemachine.Execution.Status.FAILED;
import static dev.understudy.core.statemachine.Execution.Status.SUCCEEDED;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.core.errors.NotSubmitted;
import java.util.Arrays;
import java.util.List;

/**
 * The ways through the definition that we know: what its functions answer, call by call whichever
 * state makes it, and the states that must follow. The walker's tests walk them, and against a
 * running Step Functions they are walked for real.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists cannot be modified
public enum KnownPath {
  HAPPY(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished Wait Poll Finished WaitForTurn Persist Delivered Done",
      answer("POLL", 1),
      answer("POLL", 1),
      answer("PERSIST", 1),
      answer("END", 0)),
  REFUSED(SUCCEEDED, "Submit Submitted Done", answer("END", 0)),
  FINISHED_WHEN_SUBMIT_LOOKED(
      SUCCEEDED,
      "Submit Submitted WaitForTurn Persist Delivered Done",
      answer("PERSIST", 0),
      answer("END", 0)),
  PROVIDER_FAILED(
      SUCCEEDED, "Submit Submitted Wait Poll Finished Done", answer("POLL", 0), answer("END", 0)),
  ID_NOT_RECORDED(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished Wait Poll Finished Done",
      unrecorded("POLL", 0),
      answer("POLL", 0),
      answer("END", 0)),
  PERSISTED_AT_THE_SECOND_TRY(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished WaitForTurn Persist Delivered WaitForTurn Persist"
          + " Delivered Done",
      answer("POLL", 0),
      answer("PERSIST", 0),
      answer("PERSIST", 1),
      answer("END", 0)),
  POLLED_AGAIN_BY_PERSIST(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished WaitForTurn Persist Delivered Wait Poll Finished"
          + " WaitForTurn Persist Delivered Done",
      answer("POLL", 0),
      answer("PERSIST", 0),
      answer("POLL", 1),
      answer("PERSIST", 0),
      answer("END", 0)),
  NOT_SUBMITTED_AT_FIRST(
      SUCCEEDED,
      "Submit Submitted Done",
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      answer("END", 0)),
  NEVER_SUBMITTED(
      SUCCEEDED,
      "Submit Repair Done",
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      answer("END", 0)),
  SUBMIT_THROTTLED(
      SUCCEEDED,
      "Submit Submitted Done",
      error("Lambda.TooManyRequestsException"),
      error("Lambda.SnapStartNotReadyException"),
      answer("END", 0)),
  SUBMIT_FAILED(
      SUCCEEDED, "Submit Repair Done", error("java.lang.IllegalStateException"), answer("END", 0)),
  SUBMIT_TIMED_OUT(SUCCEEDED, "Submit Repair Done", error("States.Timeout"), answer("END", 0)),
  POLL_FAILED_AT_FIRST(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished Done",
      answer("POLL", 0),
      error("java.lang.IllegalStateException"),
      error("Sandbox.Timedout"),
      answer("END", 0)),
  POLL_FAILED(
      SUCCEEDED,
      "Submit Submitted Wait Poll Repair Done",
      unrecorded("POLL", 0),
      error("java.lang.IllegalStateException"),
      error("States.Timeout"),
      error("Runtime.ExitError"),
      error("java.lang.OutOfMemoryError"),
      answer("END", 0)),
  PERSIST_FAILED(
      SUCCEEDED,
      "Submit Submitted WaitForTurn Persist Repair Done",
      answer("PERSIST", 0),
      error("java.lang.IllegalStateException"),
      error("States.Timeout"),
      error("java.lang.OutOfMemoryError"),
      answer("END", 0)),
  UNKNOWN_NEXT(SUCCEEDED, "Submit Submitted Repair Done", answer("DANCE", 0), answer("END", 0)),
  NO_NEXT(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished Repair Done",
      answer("POLL", 0),
      json("{\"seconds\":0}"),
      answer("END", 0)),
  NO_SECONDS(
      SUCCEEDED,
      "Submit Submitted WaitForTurn Persist Delivered Repair Done",
      answer("PERSIST", 0),
      json("{\"next\":\"POLL\"}"),
      answer("END", 0)),
  SECONDS_IN_QUOTES(
      SUCCEEDED,
      "Submit Submitted Repair Done",
      json("{\"next\":\"POLL\",\"seconds\":\"0\"}"),
      answer("END", 0)),
  NOTHING_ANSWERED(
      SUCCEEDED,
      "Submit Submitted Wait Poll Finished Repair Done",
      answer("POLL", 0),
      json("null"),
      answer("END", 0)),
  REPAIRED_AT_THE_SECOND_TRY(
      SUCCEEDED,
      "Submit Repair Done",
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"),
      answer("END", 0)),
  NOT_REPAIRED(
      FAILED,
      "Submit Repair NotRepaired",
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"));

  private final Execution.Status ending;
  private final List<String> states;
  private final List<Outcome> outcomes;

  KnownPath(Execution.Status ending, String states, Outcome... outcomes) {
    this.ending = ending;
    this.states = List.of(states.split(" "));
    this.outcomes = List.copyOf(Arrays.asList(outcomes));
  }

  /** How the execution must end. */
  public Execution.Status ending() {
    return ending;
  }

  /** The states it must enter, in order. */
  public List<String> states() {
    return states;
  }

  /** What the calls end with, in their order; there must be exactly as many calls. */
  public List<Outcome> outcomes() {
    return outcomes;
  }

  private static Outcome answer(String next, int seconds) {
    return json("{\"next\":\"%s\",\"seconds\":%d}".formatted(next, seconds));
  }

  private static Outcome unrecorded(String next, int seconds) {
    return json(
        "{\"next\":\"%s\",\"seconds\":%d,\"unrecorded\":{\"attempt\":1,\"providerTaskId\":\"p-1\"}}"
            .formatted(next, seconds));
  }

  private static Outcome error(String name) {
    return Outcome.failed(name, "Broken on purpose.");
  }

  private static Outcome json(String text) {
    try {
      JsonNode answer = new ObjectMapper().readTree(text);
      return Outcome.answered(answer);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
