package dev.understudy.core.statemachine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** How one call of a {@link TaskFunction} ends, and how long it takes. */
public sealed interface Outcome {
  /** From the beginning of the call to its end; beyond the state's limit it is States.Timeout. */
  Duration took();

  /** The function returned {@code answer}. */
  record Answered(JsonNode answer, Duration took) implements Outcome {}

  /** The call failed with an error as Step Functions names it, of the function or of Lambda. */
  record Failed(String error, String cause, Duration took) implements Outcome {}

  /**
   * The call goes on beside the execution: {@link Execution#ended} says how it ended, unless the
   * state's limit is over first.
   */
  record UnderWay() implements Outcome {
    @Override
    public Duration took() {
      return Duration.ZERO;
    }
  }

  /** Answers at once. */
  static Outcome answered(JsonNode answer) {
    return new Answered(answer, Duration.ZERO);
  }

  /** Fails at once. */
  static Outcome failed(String error, String cause) {
    return new Failed(error, cause, Duration.ZERO);
  }

  /** The same end, {@code took} after the call began. */
  default Outcome after(Duration took) {
    return switch (this) {
      case Answered(var answer, var _) -> new Answered(answer, took);
      case Failed(var error, var cause, var _) -> new Failed(error, cause, took);
      case UnderWay() -> this;
    };
  }
}
