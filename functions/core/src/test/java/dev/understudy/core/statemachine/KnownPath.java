package dev.understudy.core.statemachine;

import static dev.understudy.core.statemachine.Execution.Status.FAILED;
import static dev.understudy.core.statemachine.Execution.Status.SUCCEEDED;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Turn.Next;
import java.util.Arrays;
import java.util.List;

/**
 * The ways through the definition that we know: what its functions answer, call by call whichever
 * state makes it (a {@link Turn} as they write it, or what no function of ours should answer), and
 * the states that must follow. The walker's tests walk them, and against a running Step Functions
 * they are walked for real.
 */
@SuppressWarnings("ImmutableEnumChecker") // its lists cannot be modified
public enum KnownPath {
  HAPPY(
      SUCCEEDED,
      "Submit Wait Poll Finished Wait Poll Finished WaitForTurn Persist Delivered Done",
      answer(Next.POLL, 1),
      answer(Next.POLL, 1),
      answer(Next.PERSIST, 1),
      answer(Next.END, 0)),
  REFUSED(SUCCEEDED, "Submit Wait Poll Finished Done", answer(Next.END, 0), answer(Next.END, 0)),
  FINISHED_WHEN_SUBMIT_LOOKED(
      SUCCEEDED,
      "Submit Wait Poll Finished WaitForTurn Persist Delivered Done",
      answer(Next.PERSIST, 0),
      answer(Next.PERSIST, 0),
      answer(Next.END, 0)),
  PROVIDER_FAILED(
      SUCCEEDED, "Submit Wait Poll Finished Done", answer(Next.POLL, 0), answer(Next.END, 0)),
  ID_NOT_RECORDED(
      SUCCEEDED,
      "Submit Wait Poll Finished Wait Poll Finished Done",
      unrecorded(),
      answer(Next.POLL, 0),
      answer(Next.END, 0)),
  PERSISTED_AT_THE_SECOND_TRY(
      SUCCEEDED,
      "Submit Wait Poll Finished WaitForTurn Persist Delivered WaitForTurn Persist"
          + " Delivered Done",
      answer(Next.POLL, 0),
      answer(Next.PERSIST, 0),
      answer(Next.PERSIST, 1),
      answer(Next.END, 0)),
  POLLED_AGAIN_BY_PERSIST(
      SUCCEEDED,
      "Submit Wait Poll Finished WaitForTurn Persist Delivered Wait Poll Finished"
          + " WaitForTurn Persist Delivered Done",
      answer(Next.POLL, 0),
      answer(Next.PERSIST, 0),
      answer(Next.POLL, 1),
      answer(Next.PERSIST, 0),
      answer(Next.END, 0)),
  NOT_SUBMITTED_AT_FIRST(
      SUCCEEDED,
      "Submit Wait Poll Finished Done",
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      answer(Next.END, 0),
      answer(Next.END, 0)),
  NEVER_SUBMITTED(
      SUCCEEDED,
      "Submit Repair Done",
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      error(NotSubmitted.class.getName()),
      answer(Next.END, 0)),
  SUBMIT_THROTTLED(
      SUCCEEDED,
      "Submit Wait Poll Finished Done",
      error("Lambda.TooManyRequestsException"),
      error("Lambda.SnapStartNotReadyException"),
      answer(Next.END, 0),
      answer(Next.END, 0)),
  SUBMIT_FAILED(
      SUCCEEDED,
      "Submit Repair Done",
      error("java.lang.IllegalStateException"),
      answer(Next.END, 0)),
  SUBMIT_TIMED_OUT(SUCCEEDED, "Submit Repair Done", error("States.Timeout"), answer(Next.END, 0)),
  POLL_FAILED_AT_FIRST(
      SUCCEEDED,
      "Submit Wait Poll Finished Done",
      answer(Next.POLL, 0),
      error("java.lang.IllegalStateException"),
      error("Sandbox.Timedout"),
      answer(Next.END, 0)),
  POLL_FAILED(
      SUCCEEDED,
      "Submit Wait Poll Repair Done",
      unrecorded(),
      error("java.lang.IllegalStateException"),
      error("States.Timeout"),
      error("Runtime.ExitError"),
      error("java.lang.OutOfMemoryError"),
      answer(Next.END, 0)),
  PERSIST_FAILED(
      SUCCEEDED,
      "Submit Wait Poll Finished WaitForTurn Persist Repair Done",
      answer(Next.POLL, 0),
      answer(Next.PERSIST, 0),
      error("java.lang.IllegalStateException"),
      error("States.Timeout"),
      error("java.lang.OutOfMemoryError"),
      answer(Next.END, 0)),
  UNKNOWN_NEXT(
      SUCCEEDED,
      "Submit Wait Poll Finished Repair Done",
      answer(Next.POLL, 0),
      json("{\"next\":\"DANCE\",\"seconds\":0}"),
      answer(Next.END, 0)),
  NOT_UNDERSTOOD_OF_SUBMIT(
      SUCCEEDED,
      "Submit Wait Poll Finished Done",
      json("{\"next\":\"DANCE\"}"),
      answer(Next.END, 0)),
  NOTHING_ANSWERED_BY_SUBMIT(
      SUCCEEDED, "Submit Wait Poll Finished Done", json("null"), answer(Next.END, 0)),
  NO_NEXT(
      SUCCEEDED,
      "Submit Wait Poll Finished Repair Done",
      answer(Next.POLL, 0),
      json("{\"seconds\":0}"),
      answer(Next.END, 0)),
  NO_SECONDS(
      SUCCEEDED,
      "Submit Wait Poll Finished WaitForTurn Persist Delivered Repair Done",
      answer(Next.POLL, 0),
      answer(Next.PERSIST, 0),
      json("{\"next\":\"POLL\"}"),
      answer(Next.END, 0)),
  SECONDS_IN_QUOTES(
      SUCCEEDED,
      "Submit Wait Poll Finished Repair Done",
      answer(Next.POLL, 0),
      json("{\"next\":\"POLL\",\"seconds\":\"0\"}"),
      answer(Next.END, 0)),
  NOTHING_ANSWERED(
      SUCCEEDED,
      "Submit Wait Poll Finished Repair Done",
      answer(Next.POLL, 0),
      json("null"),
      answer(Next.END, 0)),
  REPAIRED_AT_THE_SECOND_TRY(
      SUCCEEDED,
      "Submit Repair Done",
      error("java.lang.IllegalStateException"),
      error("java.lang.IllegalStateException"),
      answer(Next.END, 0)),
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

  private static Outcome answer(Next next, int seconds) {
    return Outcome.answered(Json.MAPPER.valueToTree(new Turn(next, seconds, null)));
  }

  private static Outcome unrecorded() {
    return Outcome.answered(Json.MAPPER.valueToTree(Turn.record(1, "p-1")));
  }

  private static Outcome error(String name) {
    return Outcome.failed(name, "Broken on purpose.");
  }

  private static Outcome json(String text) {
    try {
      return Outcome.answered(Json.MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
