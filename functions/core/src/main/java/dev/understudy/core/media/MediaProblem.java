package dev.understudy.core.media;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Why a file cannot be used.
 *
 * @param sentence the limit, the value found and what to do
 * @param ffmpeg the line for a POSIX shell, in the file's folder, that makes a file which can be
 *     used; the new file stands beside the old one as {@code <name>.mended.<extension>}. Null where
 *     no line can mend it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MediaProblem(String sentence, @Nullable String ffmpeg) {

  static MediaProblem of(String sentence) {
    return new MediaProblem(sentence, null);
  }
}
