package dev.understudy.core.statemachine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.statemachine.Expressions.QueryEvaluationException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One walk through a {@link StateMachine}, single-threaded and never sleeping: each {@link #step()}
 * takes the execution's clock to {@link #nextWakeUp()} and does what is due then, which is entering
 * one state, or one more try of a Task. Several executions are interleaved by always stepping the
 * one that is due first.
 *
 * <p>Differs from AWS in that retries have no jitter, and that all effects of a call happen when it
 * begins, even if it takes time; but for a call that is {@link Outcome.UnderWay} and goes on beside
 * the execution.
 */
public final class Execution {
  /** At this many history events AWS fails an execution. */
  private static final int MOST_HISTORY_EVENTS = 25_000;

  /** Whether and how an execution has ended. */
  public enum Status {
    /** There is a next step. */
    RUNNING,
    /** A Succeed state, or a state with End, was reached. */
    SUCCEEDED,
    /** A Fail state was reached, or an error was not caught. */
    FAILED,
    /** The machine's TimeoutSeconds were over. */
    TIMED_OUT,
    /** It was stopped from outside. */
    ABORTED
  }

  /** A state was entered. */
  public record Visit(String state, Instant at, JsonNode input) {}

  private final StateMachine machine;
  private final JsonNode executionInput;
  private final Map<String, TaskFunction> functions;
  private final Instant deadline;
  private final Map<String, JsonNode> variables = new LinkedHashMap<>();
  private final List<Visit> trace = new ArrayList<>();

  private Status status = Status.RUNNING;
  private String error = "";
  private String cause = "";
  private int historyEvents = 1; // ExecutionStarted
  private int transitions;

  private String state;
  private JsonNode input;
  private Instant due;
  private boolean entered;

  /** When the call that is under way began; it is due at its limit. */
  private @Nullable Instant callBegan;

  /** Of the state that is due: the tries each of its retriers has granted. */
  private final Map<JsonNode, Integer> retried = new HashMap<>();

  Execution(StateMachine machine, JsonNode input, Map<String, TaskFunction> functions, Instant at) {
    this.machine = machine;
    this.executionInput = input;
    this.functions = Map.copyOf(functions);
    this.deadline = at.plus(machine.timeout());
    this.state = machine.startAt();
    this.input = input;
    this.due = at;
  }

  /** When there is something to do again; nothing once the execution has ended. */
  public Optional<Instant> nextWakeUp() {
    return status == Status.RUNNING ? Optional.of(earlier(due, deadline)) : Optional.empty();
  }

  /**
   * Does what is due at {@link #nextWakeUp()}.
   *
   * @throws IllegalStateException if the execution has ended
   */
  public void step() {
    if (status != Status.RUNNING) {
      throw new IllegalStateException("The execution has ended: " + status);
    }
    if (!due.isBefore(deadline)) {
      end(Status.TIMED_OUT, "States.Timeout", "");
      return;
    }
    if (callBegan != null) {
      ended(Outcome.failed("States.Timeout", ""), due);
      return;
    }
    transitions++;
    if (!entered) {
      entered = true;
      historyEvents++;
      trace.add(new Visit(state, due, input));
    }
    JsonNode definition = machine.state(state);
    try {
      switch (definition.required("Type").textValue()) {
        case "Task" -> task(definition);
        case "Wait" -> leave(definition, input, seconds(definition), expressions(Map.of()));
        case "Choice" -> choose(definition);
        case "Pass" -> leave(definition, input, Duration.ZERO, expressions(Map.of()));
        case "Succeed" -> {
          input = output(definition, expressions(Map.of())).orElse(input);
          historyEvents++;
          end(Status.SUCCEEDED, "", "");
        }
        case "Fail" ->
            end(
                Status.FAILED,
                text(definition, "Error", "States.Fail"),
                text(definition, "Cause", ""));
        default -> throw new IllegalStateException("Unknown type of " + state);
      }
    } catch (QueryEvaluationException e) {
      historyEvents++; // EvaluationFailed
      end(Status.FAILED, "States.QueryEvaluationError", message(e));
    }
    if (status == Status.RUNNING && historyEvents >= MOST_HISTORY_EVENTS - 1) {
      end(Status.FAILED, "States.Runtime", "The history is full");
    }
  }

  /**
   * The call that was under way has ended.
   *
   * @return false when nobody waits for it any more: its state timed out, or the execution ended
   */
  public boolean ended(Outcome outcome, Instant at) {
    Instant began = callBegan;
    if (began == null || status != Status.RUNNING) {
      return false;
    }
    callBegan = null;
    due = began;
    try {
      follow(machine.state(state), outcome.after(Duration.between(began, at)));
    } catch (QueryEvaluationException e) {
      historyEvents++; // EvaluationFailed
      end(Status.FAILED, "States.QueryEvaluationError", message(e));
    }
    return true;
  }

  /** Stopped from outside. */
  public void stop() {
    end(Status.ABORTED, "", "");
  }

  /** Steps until the execution has ended, and returns it. */
  public Execution runToEnd() {
    while (status == Status.RUNNING) {
      step();
    }
    return this;
  }

  /** Whether and how the execution has ended. */
  public Status status() {
    return status;
  }

  /** The error a failed execution ended with; empty if it did not fail. */
  public String error() {
    return error;
  }

  /** What the error says of itself; may be empty. */
  public String cause() {
    return cause;
  }

  /** The output of an execution that succeeded, until then the input of the state that is due. */
  public JsonNode output() {
    return input;
  }

  /** The states entered so far, in order. */
  public List<Visit> trace() {
    return List.copyOf(trace);
  }

  /** The names of the states entered so far, in order. */
  public List<String> states() {
    return trace.stream().map(Visit::state).toList();
  }

  /** The events in the history so far, of which AWS allows 25,000. */
  public int historyEvents() {
    return historyEvents;
  }

  /** What AWS charges for: states entered, and each retry. */
  public int transitions() {
    return transitions;
  }

  private void task(JsonNode definition) {
    Outcome outcome;
    try {
      JsonNode arguments = expressions(Map.of()).evaluate(definition.required("Arguments"));
      outcome = call(arguments, limit(definition));
    } catch (QueryEvaluationException e) {
      historyEvents++; // EvaluationFailed
      retryOrCatch(definition, "States.QueryEvaluationError", message(e), Duration.ZERO);
      return;
    }
    if (outcome instanceof Outcome.UnderWay) {
      callBegan = due;
      due = due.plus(limit(definition));
      return;
    }
    follow(definition, outcome);
  }

  private void follow(JsonNode definition, Outcome outcome) {
    historyEvents += 3; // TaskScheduled, TaskStarted, and TaskSucceeded, TaskFailed or TaskTimedOut
    switch (outcome) {
      case Outcome.Answered(var answer, var took) -> {
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("StatusCode", 200);
        result.set("Payload", answer);
        try {
          leave(definition, result, took, expressions(Map.of("result", result)));
        } catch (QueryEvaluationException e) {
          historyEvents++; // EvaluationFailed
          retryOrCatch(definition, "States.QueryEvaluationError", message(e), took);
        }
      }
      case Outcome.Failed(var name, var why, var took) -> retryOrCatch(definition, name, why, took);
      case Outcome.UnderWay() -> throw new IllegalStateException("It has not ended");
    }
  }

  private Outcome call(JsonNode arguments, Duration limit) {
    String name = arguments.required("FunctionName").textValue();
    TaskFunction function = functions.get(name);
    if (function == null) {
      throw new IllegalArgumentException("No function was given for " + name);
    }
    Outcome outcome;
    try {
      outcome = function.call(arguments.required("Payload"), due);
    } catch (RuntimeException e) {
      outcome = Outcome.failed(e.getClass().getName(), message(e));
    }
    return outcome.took().compareTo(limit) < 0
        ? outcome
        : Outcome.failed("States.Timeout", "").after(limit);
  }

  private void retryOrCatch(JsonNode definition, String failed, String why, Duration took) {
    Optional<Duration> pause = pauseBeforeRetry(definition, failed);
    if (pause.isPresent()) {
      due = due.plus(took).plus(pause.get());
      return;
    }
    for (JsonNode catcher : definition.path("Catch")) {
      if (matches(catcher, failed)) {
        ObjectNode errorOutput =
            JsonNodeFactory.instance.objectNode().put("Error", failed).put("Cause", why);
        Expressions expressions = expressions(Map.of("errorOutput", errorOutput));
        JsonNode output = output(catcher, expressions).orElse(errorOutput);
        assign(catcher, expressions);
        historyEvents++;
        enter(catcher.required("Next").textValue(), output, due.plus(took));
        return;
      }
    }
    due = due.plus(took);
    end(Status.FAILED, failed, why);
  }

  /** The first retrier that names the error decides, and grants no more than its MaxAttempts. */
  private Optional<Duration> pauseBeforeRetry(JsonNode definition, String failed) {
    for (JsonNode retrier : definition.path("Retry")) {
      if (matches(retrier, failed)) {
        int granted = retried.getOrDefault(retrier, 0);
        if (granted >= retrier.path("MaxAttempts").asInt(3)) {
          return Optional.empty();
        }
        retried.put(retrier, granted + 1);
        double seconds =
            retrier.path("IntervalSeconds").asInt(1)
                * Math.pow(retrier.path("BackoffRate").asDouble(2), granted);
        double longest = retrier.path("MaxDelaySeconds").asDouble(Double.MAX_VALUE);
        return Optional.of(Duration.ofMillis(Math.round(1000 * Math.min(seconds, longest))));
      }
    }
    return Optional.empty();
  }

  private static boolean matches(JsonNode retrierOrCatcher, String failed) {
    for (JsonNode name : retrierOrCatcher.required("ErrorEquals")) {
      boolean matches =
          switch (name.textValue()) {
            case "States.ALL" -> true;
            case "States.TaskFailed" -> !failed.equals("States.Timeout");
            default -> name.textValue().equals(failed);
          };
      if (matches) {
        return true;
      }
    }
    return false;
  }

  private void choose(JsonNode definition) {
    Expressions expressions = expressions(Map.of());
    for (JsonNode rule : definition.required("Choices")) {
      JsonNode condition = expressions.evaluate(rule.required("Condition"));
      if (!condition.isBoolean()) {
        throw new QueryEvaluationException("not a boolean: " + rule.required("Condition"));
      }
      if (condition.booleanValue()) {
        leave(rule, input, Duration.ZERO, expressions);
        return;
      }
    }
    if (!definition.has("Default")) {
      end(Status.FAILED, "States.NoChoiceMatched", "");
      return;
    }
    assign(definition, expressions);
    historyEvents++;
    enter(definition.get("Default").textValue(), input, due);
  }

  /**
   * Leaves the current state.
   *
   * @param way what says how: the state's definition, or a rule of a Choice
   * @param plain what is passed on if that has no Output
   */
  private void leave(JsonNode way, JsonNode plain, Duration after, Expressions expressions) {
    JsonNode output = output(way, expressions).orElse(plain);
    assign(way, expressions);
    historyEvents++;
    if (way.path("End").asBoolean()) {
      input = output;
      due = due.plus(after);
      end(Status.SUCCEEDED, "", "");
    } else {
      enter(way.required("Next").textValue(), output, due.plus(after));
    }
  }

  private void enter(String next, JsonNode nextInput, Instant at) {
    state = next;
    input = nextInput;
    due = at;
    entered = false;
    retried.clear();
  }

  private void end(Status how, String withError, String withCause) {
    status = how;
    error = withError;
    cause = withCause;
    due = earlier(due, deadline);
    historyEvents++;
  }

  private static Optional<JsonNode> output(JsonNode of, Expressions expressions) {
    return of.has("Output")
        ? Optional.of(expressions.evaluate(of.get("Output")))
        : Optional.empty();
  }

  /** All values are computed before any is assigned. */
  private void assign(JsonNode of, Expressions expressions) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    of.path("Assign").forEachEntry((name, value) -> values.put(name, expressions.evaluate(value)));
    variables.putAll(values);
  }

  private Expressions expressions(Map<String, JsonNode> more) {
    Map<String, JsonNode> states = new LinkedHashMap<>(more);
    ObjectNode context = JsonNodeFactory.instance.objectNode();
    context.putObject("Execution").set("Input", executionInput);
    states.put("input", input);
    states.put("context", context);
    return new Expressions(states, variables);
  }

  private Duration seconds(JsonNode definition) {
    JsonNode seconds = expressions(Map.of()).evaluate(definition.required("Seconds"));
    if (!seconds.isNumber()
        || seconds.decimalValue().signum() < 0
        || seconds.decimalValue().remainder(BigDecimal.ONE).signum() != 0) {
      throw new QueryEvaluationException("Seconds is no whole number from 0 on: " + seconds);
    }
    return Duration.ofSeconds(seconds.longValue());
  }

  private Duration limit(JsonNode definition) {
    // What AWS takes where a Task has no TimeoutSeconds
    return Duration.ofSeconds(definition.path("TimeoutSeconds").asLong(99_999_999));
  }

  private String text(JsonNode definition, String field, String otherwise) {
    return definition.has(field)
        ? expressions(Map.of()).evaluate(definition.get(field)).textValue()
        : otherwise;
  }

  private static String message(@Nullable Throwable e) {
    return e == null || e.getMessage() == null ? "" : e.getMessage();
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
