package dev.understudy.core.request;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A form that was read without an issue. What is still open depends on what the form alone cannot
 * tell: the character's type (for {@code bodyControl}) and chance (for {@code seed}).
 *
 * @param bodyControl null if the form does not say
 * @param seed null if the form does not say
 */
public record RequestDraft(
    @Nullable Boolean bodyControl,
    int expressionIntensity,
    Ratio ratio,
    @Nullable Long seed,
    PublicFigureThreshold publicFigureThreshold) {

  /**
   * The whole request. Body control is on for an image and off for a video, whose own movement is
   * kept (the provider does not transfer gestures to a video character); a missing seed is drawn.
   *
   * @param seeds gives a number from 0 to {@link PerformanceRequest#MAX_SEED}; asked only when the
   *     form names no seed
   */
  public PerformanceRequest complete(CharacterType characterType, LongSupplier seeds) {
    return new PerformanceRequest(
        characterType,
        bodyControl != null ? bodyControl : characterType == CharacterType.IMAGE,
        expressionIntensity,
        ratio,
        seed != null ? seed : seeds.getAsLong(),
        publicFigureThreshold,
        PerformanceRequest.ACT_TWO);
  }
}
