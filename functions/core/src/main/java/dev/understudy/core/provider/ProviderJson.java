package dev.understudy.core.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Reads what the provider sent, without trust in its size, depth or types. */
final class ProviderJson {
  private static final int DEEPEST = 100;
  private static final int LONGEST_TEXT = 2_000_000;
  private static final int LONGEST_ID = 191; // the column of the open gateway that mints the ids

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxStringLength(LONGEST_TEXT)
                          .build())
                  .build())
          .build();

  private ProviderJson() {}

  /** The JSON object in a body, or null if there is none that can be read whole. */
  static @Nullable ObjectNode object(String body) {
    String text = body.startsWith("\uFEFF") ? body.substring(1) : body;
    try {
      return JSON.readTree(text) instanceof ObjectNode object ? object : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** The object under a name; an object that was sent as JSON text counts. */
  static @Nullable ObjectNode inner(@Nullable ObjectNode outer, String name) {
    JsonNode value = outer == null ? null : outer.get(name);
    if (value instanceof ObjectNode object) {
      return object;
    }
    return value != null && value.isTextual() && value.textValue().strip().startsWith("{")
        ? object(value.textValue())
        : null;
  }

  /** A text or a number as trimmed text; null if it is absent, blank or anything else. */
  static @Nullable String text(@Nullable ObjectNode object, String... names) {
    if (object == null) {
      return null;
    }
    for (String name : names) {
      JsonNode value = object.get(name);
      if (value != null && (value.isTextual() || value.isNumber())) {
        String text = value.asText().strip();
        if (!text.isEmpty()) {
          return text;
        }
      }
    }
    return null;
  }

  /** A text or whole number that can be a task's id: opaque, 1 to 191 characters. */
  static @Nullable String id(@Nullable JsonNode value) {
    if (value == null || !(value.isTextual() || value.isIntegralNumber())) {
      return null;
    }
    String id = value.asText().strip();
    // the gateway's rows are numbered from 1; 0 is its way to say "none"
    boolean usable =
        !id.isEmpty()
            && id.length() <= LONGEST_ID
            && !id.equals("0")
            && id.chars().noneMatch(Character::isISOControl);
    return usable ? id : null;
  }
}
