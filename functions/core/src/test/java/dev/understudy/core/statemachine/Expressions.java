package dev.understudy.core.statemachine;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSONata of a definition: every string written <code>{% … %}</code> is an expression. An
 * expression that fails or has no value is States.QueryEvaluationError, as on AWS.
 */
final class Expressions {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Compiled ones, for the thread that walks: the engine's expressions are not for several. */
  private static final ThreadLocal<Map<String, Jsonata>> COMPILED =
      ThreadLocal.withInitial(HashMap::new);

  private final Map<String, Object> bindings = new LinkedHashMap<>();

  /**
   * What expressions may refer to.
   *
   * @param states the fields of the reserved {@code $states}
   * @param variables what was assigned so far, by name without the dollar sign
   */
  Expressions(Map<String, JsonNode> states, Map<String, JsonNode> variables) {
    variables.forEach((name, value) -> bindings.put(name, engineValue(value)));
    Map<String, Object> reserved = new LinkedHashMap<>();
    states.forEach((name, value) -> reserved.put(name, engineValue(value)));
    bindings.put("states", reserved);
  }

  /** A copy of the template in which every expression is replaced by its value. */
  JsonNode evaluate(JsonNode template) {
    if (template.isTextual()) {
      String text = template.textValue();
      return isExpression(text) ? value(text.substring(2, text.length() - 2).strip()) : template;
    }
    if (template.isObject()) {
      var copy = JsonNodeFactory.instance.objectNode();
      template.forEachEntry((name, field) -> copy.set(name, evaluate(field)));
      return copy;
    }
    if (template.isArray()) {
      var copy = JsonNodeFactory.instance.arrayNode();
      template.forEach(item -> copy.add(evaluate(item)));
      return copy;
    }
    return template;
  }

  private static boolean isExpression(String text) {
    return text.startsWith("{%") && text.endsWith("%}");
  }

  private JsonNode value(String expression) {
    Object value = run(expression);
    // The engine answers null both for JSON's null, which is a value, and for no value at all.
    if (value == null && !Boolean.TRUE.equals(run("$exists((" + expression + "))"))) {
      throw new QueryEvaluationException("no value: " + expression);
    }
    return JSON.valueToTree(value);
  }

  private @Nullable Object run(String expression) {
    try {
      Jsonata compiled = COMPILED.get().computeIfAbsent(expression, Jsonata::jsonata);
      Jsonata.Frame frame = compiled.createFrame();
      bindings.forEach((name, value) -> frame.bind(name, value));
      return compiled.evaluate(null, frame);
    } catch (JException e) {
      throw new QueryEvaluationException(e.getError() + ": " + expression);
    }
  }

  private static Object engineValue(JsonNode value) {
    try {
      Object plain = JSON.treeToValue(value, Object.class);
      return plain == null ? Jsonata.NULL_VALUE : plain;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every JSON is a plain value", e);
    }
  }

  /** An expression that failed, or that has no value. */
  static final class QueryEvaluationException extends RuntimeException {
    QueryEvaluationException(String sentence) {
      super(sentence);
    }
  }
}
