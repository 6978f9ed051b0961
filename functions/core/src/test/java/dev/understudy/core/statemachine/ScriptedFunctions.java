package dev.understudy.core.statemachine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Stand-ins for the four functions that share one script, and remember how they were called. */
public final class ScriptedFunctions {
  /** One call: of which function, when, with what. */
  public record Call(String function, Instant at, JsonNode payload) {}

  private final Deque<Outcome> script;
  private final List<Call> calls = new ArrayList<>();

  /**
   * Functions that end as the script says, whichever is called.
   *
   * @param script the ends of the calls, in order
   */
  public ScriptedFunctions(List<Outcome> script) {
    this.script = new ArrayDeque<>(script);
  }

  /** The functions by the names the definition calls them. */
  public Map<String, TaskFunction> byName() {
    return Stream.of("Submit", "Poll", "Persist", "Reconcile")
        .collect(Collectors.toMap("${%sFunctionArn}"::formatted, this::function));
  }

  /** The calls so far, in order. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** What is left of the script. */
  public List<Outcome> left() {
    return List.copyOf(script);
  }

  private TaskFunction function(String name) {
    return (payload, at) -> {
      calls.add(new Call(name, at, payload));
      if (script.isEmpty()) {
        throw new AssertionError("One call more than the script has: " + calls);
      }
      return script.remove();
    };
  }
}
