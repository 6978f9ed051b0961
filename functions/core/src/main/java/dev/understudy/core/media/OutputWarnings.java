package dev.understudy.core.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was not to be expected of a finished video. It is whole and it is paid for, so the user gets
 * it with these sentences beside it; each has the value found and the value expected.
 */
public final class OutputWarnings {

  /** Six frames; a sound track alone may differ by three. */
  static final Duration DURATION_TOLERANCE = Duration.ofMillis(250);

  private OutputWarnings() {}

  /**
   * Compares the finished video with what was asked.
   *
   * @param asked the size that was asked for
   * @param reference the facts of the reference; null when the provider fetched it from the
   *     caller's address
   * @param output the facts of the finished video
   * @return one sentence each, none when all is as expected
   */
  public static List<String> of(
      PixelSize asked, @Nullable MediaFacts reference, MediaFacts output) {
    List<String> warnings = new ArrayList<>();
    output
        .pixels()
        .filter(pixels -> !pixels.equals(asked))
        .ifPresent(
            pixels -> warnings.add("The video is %s and %s was asked.".formatted(pixels, asked)));
    Double fps = output.fps();
    if (fps != null && !RenderedRate.is(fps)) {
      warnings.add(
          "The video has %s and Act-Two renders %s."
              .formatted(Figures.fps(fps), Figures.fps(RenderedRate.FPS)));
    }
    Duration plays = output.duration();
    Duration expected = reference == null ? null : reference.duration();
    if (plays == null && expected != null) {
      warnings.add(
          "The video does not say how long it plays, and the reference plays %s."
              .formatted(Figures.seconds(expected)));
    }
    if (plays != null
        && expected != null
        && plays.minus(expected).abs().compareTo(DURATION_TOLERANCE) > 0) {
      warnings.add(
          "The video plays %s and the reference %s."
              .formatted(Figures.seconds(plays), Figures.seconds(expected)));
    }
    boolean silentReference = reference != null && Boolean.FALSE.equals(reference.audio());
    if (Boolean.FALSE.equals(output.audio()) && !silentReference) {
      warnings.add("The video has no sound track and one was expected.");
    }
    return List.copyOf(warnings);
  }
}
