package dev.understudy.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The caller's words for a task: at most 10, of 1 to 64 characters each. */
public final class Tags {

  private static final int MOST = 10;
  private static final int LONGEST = 64;

  /** What reading them comes to. */
  public sealed interface Reading {

    /**
     * They can be kept.
     *
     * @param tags in the order given
     */
    record Good(List<String> tags) implements Reading {}

    /**
     * They cannot.
     *
     * @param index the first bad tag; null when it is the list as a whole
     * @param sentence what is wrong
     */
    record Bad(@Nullable Integer index, String sentence) implements Reading {}
  }

  private Tags() {}

  /**
   * Reads a list of tags.
   *
   * @param value as it stands in the form; null for none
   */
  public static Reading read(@Nullable JsonNode value) {
    if (value == null) {
      return new Reading.Good(List.of());
    }
    if (!value.isArray() || value.size() > MOST) {
      return new Reading.Bad(
          null,
          "tags must be a list of at most %d words, found %s."
              .formatted(MOST, RequestReader.shown(value)));
    }
    var tags = new ArrayList<String>();
    for (var tag : value) {
      if (!tag.isTextual() || tag.textValue().isBlank() || tag.textValue().length() > LONGEST) {
        return new Reading.Bad(
            tags.size(),
            "A tag must be text of 1 to %d characters, found %s."
                .formatted(LONGEST, RequestReader.shown(tag)));
      }
      tags.add(tag.textValue());
    }
    return new Reading.Good(List.copyOf(tags));
  }
}
