package dev.understudy.core.statemachine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** A definition in the Amazon States Language, read and ready to be walked. */
public final class StateMachine {
  private static final String INVOKE = "arn:aws:states:::lambda:invoke";

  private static final Set<String> MACHINE_FIELDS =
      Set.of("QueryLanguage", "StartAt", "TimeoutSeconds", "States");

  /** By type, the fields the walker understands. */
  private static final Map<String, Set<String>> STATE_FIELDS =
      Map.of(
          "Task",
          Set.of(
              "Resource",
              "Arguments",
              "TimeoutSeconds",
              "Retry",
              "Catch",
              "Output",
              "Assign",
              "Next",
              "End"),
          "Wait",
          Set.of("Seconds", "Output", "Assign", "Next", "End"),
          "Choice",
          Set.of("Choices", "Default", "Assign"),
          "Pass",
          Set.of("Output", "Assign", "Next", "End"),
          "Succeed",
          Set.of("Output"),
          "Fail",
          Set.of("Error", "Cause"));

  private static final Set<String> COMMON_FIELDS = Set.of("Type", "Comment");
  private static final Set<String> RETRIER_FIELDS =
      Set.of(
          "ErrorEquals",
          "IntervalSeconds",
          "BackoffRate",
          "MaxAttempts",
          "MaxDelaySeconds",
          "JitterStrategy");
  private static final Set<String> CATCHER_FIELDS =
      Set.of("ErrorEquals", "Output", "Assign", "Next");
  private static final Set<String> RULE_FIELDS = Set.of("Condition", "Output", "Assign", "Next");

  private final JsonNode definition;

  private StateMachine(JsonNode definition) {
    this.definition = definition;
    refuseWhatIsNotUnderstood();
  }

  /**
   * Reads a definition from a file.
   *
   * @throws IllegalArgumentException if it uses what the walker does not understand
   */
  public static StateMachine read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /**
   * Reads a definition.
   *
   * @throws IllegalArgumentException if it is not JSON, or uses what the walker does not understand
   */
  public static StateMachine parse(String json) {
    try {
      return new StateMachine(new ObjectMapper().readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("The definition is not JSON", e);
    }
  }

  /**
   * Starts an execution; nothing runs before its first {@link Execution#step()}.
   *
   * @param input the execution's input
   * @param functions what the Task states call, by FunctionName as the definition writes it
   * @param at when it starts
   */
  public Execution start(JsonNode input, Map<String, TaskFunction> functions, Instant at) {
    return new Execution(this, input, functions, at);
  }

  /** The definition as it was read. */
  public JsonNode definition() {
    return definition;
  }

  String startAt() {
    return definition.required("StartAt").textValue();
  }

  /** How long an execution may last in all. */
  Duration timeout() {
    long fiveYears = Duration.ofDays(5 * 365).toSeconds();
    return Duration.ofSeconds(definition.path("TimeoutSeconds").asLong(fiveYears));
  }

  JsonNode state(String name) {
    return definition.required("States").required(name);
  }

  private void refuseWhatIsNotUnderstood() {
    refuse("the machine", definition, MACHINE_FIELDS);
    if (!definition.path("QueryLanguage").asText().equals("JSONata")) {
      throw new IllegalArgumentException("The walker understands JSONata only");
    }
    definition.required("States").forEachEntry(StateMachine::refuseWhatIsNotUnderstoodIn);
  }

  private static void refuseWhatIsNotUnderstoodIn(String name, JsonNode state) {
    Set<String> fields = STATE_FIELDS.get(state.path("Type").asText());
    if (fields == null) {
      throw new IllegalArgumentException("The walker does not understand the type of " + name);
    }
    refuse(name, state, fields);
    state.path("Retry").forEach(retrier -> refuse(name, retrier, RETRIER_FIELDS));
    state.path("Catch").forEach(catcher -> refuse(name, catcher, CATCHER_FIELDS));
    state.path("Choices").forEach(rule -> refuse(name, rule, RULE_FIELDS));
    if (state.has("Resource") && !state.get("Resource").textValue().equals(INVOKE)) {
      throw new IllegalArgumentException("The walker does not understand the Resource of " + name);
    }
  }

  private static void refuse(String where, JsonNode object, Set<String> understood) {
    for (var field : object.properties()) {
      if (!COMMON_FIELDS.contains(field.getKey()) && !understood.contains(field.getKey())) {
        throw new IllegalArgumentException(
            "The walker does not understand the field " + field.getKey() + " of " + where);
      }
    }
  }
}
