package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The https addresses that a caller gave for inputs: they may carry signatures, so they live in
 * this one attribute, are never logged or shown, and go when the task ends.
 *
 * @param character the character's address, or null where it is pinned in the bucket
 * @param reference the reference's address, or null where it is pinned in the bucket
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CallerUris(@Nullable String character, @Nullable String reference) {

  @Override
  public String toString() {
    return "CallerUris[withheld]";
  }
}
