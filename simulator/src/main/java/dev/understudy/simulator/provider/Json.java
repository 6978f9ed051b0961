package dev.understudy.simulator.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Optional;

/** The one configuration of Jackson: instants as ISO-8601, durations as seconds, strict reading. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /**
   * Parses a text.
   *
   * @param text anything
   * @return the JSON in it, empty if it is none
   */
  public static Optional<JsonNode> parse(String text) {
    try {
      return Optional.ofNullable(MAPPER.readTree(text)).filter(node -> !node.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads a text into a record; unknown properties are refused.
   *
   * @param text JSON
   * @param type of the record
   * @return the record
   * @throws IllegalArgumentException if the text is no JSON, or no such record; the message says
   *     why
   */
  public static <T> T read(String text, Class<T> type) {
    try {
      T value = MAPPER.readValue(text, type);
      if ((Object) value == null) {
        throw new IllegalArgumentException("The body is null.");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(reason(e), e);
    }
  }

  /**
   * Replaces some properties of a record.
   *
   * @param value the record
   * @param changes JSON object with the properties to replace
   * @param type of the record
   * @return a new record
   * @throws IllegalArgumentException if a property is unknown or does not fit; the message says why
   */
  public static <T> T merge(T value, String changes, Class<T> type) {
    if (!(MAPPER.valueToTree(value) instanceof ObjectNode merged)
        || !(parse(changes).orElse(null) instanceof ObjectNode object)) {
      throw new IllegalArgumentException("The body must be a JSON object.");
    }
    merged.setAll(object);
    try {
      return MAPPER.treeToValue(merged, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(reason(e), e);
    }
  }

  /**
   * Writes a value.
   *
   * @param value a record, map, list or node
   * @return compact JSON
   */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("This value cannot be written as JSON.", e);
    }
  }

  /**
   * An empty object to fill.
   *
   * @return a new node
   */
  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  private static String reason(JsonProcessingException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    return e.getOriginalMessage();
  }
}
