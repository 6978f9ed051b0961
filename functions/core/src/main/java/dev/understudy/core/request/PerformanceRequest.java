package dev.understudy.core.request;

/**
 * One performance with nothing left to a default of the provider: its documents and Runway's
 * disagree about which fields are required and what an absent one means.
 *
 * @param bodyControl whether gestures and body movement are carried over, not only the face
 * @param expressionIntensity 1 (subtle) to 5 (strong)
 * @param ratio the output's size
 * @param seed 0 to 4294967295; the same inputs and seed give a similar result
 * @param model the name under which a person orders it, always {@value #ACT_TWO}
 */
public record PerformanceRequest(
    CharacterType characterType,
    boolean bodyControl,
    int expressionIntensity,
    Ratio ratio,
    long seed,
    PublicFigureThreshold publicFigureThreshold,
    String model) {

  /** Runway's name of the one model that renders character performances. */
  public static final String ACT_TWO = "act_two";

  /** Limits of {@code expressionIntensity} (Runway API reference). */
  public static final int MIN_INTENSITY = 1;

  public static final int MAX_INTENSITY = 5;

  /** The largest seed: seeds are unsigned 32-bit numbers (Runway API reference). */
  public static final long MAX_SEED = 4_294_967_295L;

  /**
   * @throws IllegalArgumentException if a value is outside its limits
   */
  public PerformanceRequest {
    if (expressionIntensity < MIN_INTENSITY || expressionIntensity > MAX_INTENSITY) {
      throw new IllegalArgumentException(
          "expressionIntensity is from 1 to 5, not " + expressionIntensity);
    }
    if (seed < 0 || seed > MAX_SEED) {
      throw new IllegalArgumentException("seed is from 0 to " + MAX_SEED + ", not " + seed);
    }
    if (!model.equals(ACT_TWO)) {
      throw new IllegalArgumentException("model is " + ACT_TWO + ", not " + model);
    }
  }
}
