package dev.understudy.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.request.Issue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a flat body, all of them texts that must be given. Whatever is wrong is collected,
 * so that one answer names it all.
 */
final class Fields {

  private final ObjectNode body;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<Issue> issues = new ArrayList<>();

  private Fields(ObjectNode body) {
    this.body = body;
  }

  /**
   * The fields of a call's body.
   *
   * @throws Refused where it is no JSON object
   */
  static Fields of(Call call) {
    return new Fields(JsonBody.object(call));
  }

  /**
   * A text with something in it.
   *
   * @param most its most characters
   * @return the text, or an empty one that {@link #check} refuses
   */
  String text(String name, int most) {
    known.add(name);
    var value = body.get(name);
    if (value == null || value.isNull()) {
      wrong(name, "must be given, as a text of 1 to %d characters".formatted(most));
    } else if (!value.isTextual()) {
      wrong(name, "must be a text, not %s".formatted(kind(value)));
    } else if (value.textValue().isBlank()) {
      wrong(name, "must not be empty: it takes 1 to %d characters".formatted(most));
    } else if (length(value) > most) {
      wrong(name, "must have 1 to %d characters, not %,d".formatted(most, length(value)));
    } else {
      return value.textValue();
    }
    return "";
  }

  /**
   * One of a few words.
   *
   * @return the word, or an empty one that {@link #check} refuses
   */
  String oneOf(String name, String... words) {
    known.add(name);
    var value = body.get(name);
    if (value != null && value.isTextual() && List.of(words).contains(value.textValue())) {
      return value.textValue();
    }
    wrong(name, "must be %s".formatted(String.join(", ", words).replaceAll(", (\\w+)$", " or $1")));
    return "";
  }

  /** Fields of which cannot be said whether they belong here. */
  void leave(String... names) {
    known.addAll(List.of(names));
  }

  /** Notes what is wrong with a field that can be read. */
  void wrong(String name, String what) {
    issues.add(Issue.at(name, "%s %s.".formatted(name, what)));
  }

  /**
   * Ends the reading.
   *
   * @throws Refused with 400 and everything that is wrong, fields that nobody asked for included
   */
  void check() {
    for (var field : body.properties()) {
      if (!known.contains(field.getKey())) {
        issues.add(
            Issue.at(
                field.getKey(),
                "There is no such field here: it takes %s only."
                    .formatted(String.join(", ", known))));
      }
    }
    if (!issues.isEmpty()) {
      var first = issues.getFirst().message();
      throw new Refused(
          400,
          issues.size() == 1
              ? first
              : "%s (and %d more: see issues)".formatted(first, issues.size() - 1),
          issues,
          Map.of());
    }
  }

  /** Characters as people count them. */
  private static int length(JsonNode text) {
    return text.textValue().codePointCount(0, text.textValue().length());
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case ARRAY -> "a list";
      case OBJECT, POJO -> "an object";
      case NULL, MISSING, STRING, BINARY -> "something else";
    };
  }
}
