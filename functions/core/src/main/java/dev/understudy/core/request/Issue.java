package dev.understudy.core.request;

import java.util.List;

/**
 * One thing that is wrong with a request.
 *
 * @param path where, from the outside in, for example {@code ["contentModeration",
 *     "publicFigureThreshold"]}; empty for the form as a whole
 * @param message one sentence for people that names the limit and the value found
 */
public record Issue(List<String> path, String message) {
  public Issue {
    path = List.copyOf(path);
    if (message.isBlank()) {
      throw new IllegalArgumentException("an issue says what is wrong");
    }
  }

  /** An issue with a field at the top of the form. */
  public static Issue at(String field, String message) {
    return new Issue(List.of(field), message);
  }

  /** The path with dots, for example {@code contentModeration.publicFigureThreshold}. */
  public String where() {
    return String.join(".", path);
  }
}
