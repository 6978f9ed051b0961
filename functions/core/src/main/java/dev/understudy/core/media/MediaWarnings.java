package dev.understudy.core.media;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is likely to disappoint, told before the order is paid for; none of it stands in the way.
 * Each sentence has the value found and the value that would be right.
 */
public final class MediaWarnings {

  /**
   * A frame that shares less than seven eighths with the asked one. Between neighbours of the six
   * ratios lies more (1280:720 and 1104:832 share three quarters), and the usual slight misfits lie
   * below: a 16:10 screen or a 1.85:1 film shares nine tenths with 1280:720.
   */
  static final double LEAST_SHARED_FRAME = 0.875;

  /**
   * The smallest output is 672 pixels high, so a picture whose shorter side has fewer than this is
   * enlarged by a third at the least, and its face more visibly than anything.
   */
  static final int LEAST_SHORT_SIDE = 512;

  private MediaWarnings() {}

  /**
   * Looks at both inputs together with what is asked.
   *
   * @param asked the size that will be rendered
   * @param bodyControl whether gestures are to be carried over
   * @param character the character
   * @param reference the reference
   * @return one sentence each, none when all looks well
   */
  public static List<String> of(
      PixelSize asked, boolean bodyControl, Footage character, Footage reference) {
    List<String> warnings = new ArrayList<>();
    if (bodyControl && character.role() == MediaRole.CHARACTER_VIDEO) {
      warnings.add(
          "Body control is on, but the character is a video and keeps its own movements: gestures are"
              + " carried over to an image only.");
    }
    MediaFacts characterFacts = character.facts();
    if (characterFacts != null) {
      file(warnings, character.name(), characterFacts);
      characterFacts
          .pixels()
          .ifPresent(pixels -> picture(warnings, character.name(), pixels, asked));
    }
    MediaFacts referenceFacts = reference.facts();
    if (referenceFacts != null) {
      file(warnings, reference.name(), referenceFacts);
      if (Boolean.FALSE.equals(referenceFacts.audio())) {
        warnings.add(
            reference.name() + " has no sound track, so the performance will have no voice.");
      }
    }
    return List.copyOf(warnings);
  }

  private static void file(List<String> warnings, String name, MediaFacts facts) {
    MediaFormat format = facts.format();
    if (!format.checked()) {
      warnings.add(
          "%s is %s, which is not checked here: if it breaks a limit, the provider says so."
              .formatted(name, format.one()));
    }
    MediaFormat.claimedBy(name)
        .filter(claimed -> claimed != format)
        .ifPresent(claimed ->
            warnings.add(
                "%s is named like %s but is %s: it is sent as %s."
                    .formatted(name, claimed.one(), format.one(), format.contentType())));
    Double fps = facts.fps();
    if (fps != null && !RenderedRate.is(fps)) {
      warnings.add(
          "%s has %s and the performance will have %s: movements may look less smooth."
              .formatted(name, Figures.fps(fps), Figures.fps(RenderedRate.FPS)));
    }
  }

  private static void picture(
      List<String> warnings, String name, PixelSize pixels, PixelSize asked) {
    double shared =
        Math.min(pixels.aspect(), asked.aspect()) / Math.max(pixels.aspect(), asked.aspect());
    if (shared < LEAST_SHARED_FRAME) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s is %s (%.2f:1) and %s (%.2f:1) is asked: about %d%% of the frame will be cut off or"
                  + " filled up, so crop it yourself or ask for another ratio.",
              name,
              pixels,
              pixels.aspect(),
              asked,
              asked.aspect(),
              Math.round(100 * (1 - shared))));
    }
    if (pixels.shortSide() < LEAST_SHORT_SIDE) {
      warnings.add(
          "%s is %s and %s is asked: with fewer than %d pixels on its shorter side it will look soft."
              .formatted(name, pixels, asked, LEAST_SHORT_SIDE));
    }
  }
}
