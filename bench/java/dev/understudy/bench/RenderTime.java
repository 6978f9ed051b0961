package dev.understudy.bench;

import java.util.Random;

/**
 * How long the provider takes with one task, in seconds.
 *
 * @param queued before it begins
 * @param render from then to the end
 */
public record RenderTime(double queued, double render) {

  private static final double MEDIAN = 120;
  private static final double SIGMA = 0.35;

  /** From the submission to the end. */
  public double end() {
    return queued + render;
  }

  /** Lognormal, median 120 s, sigma 0.35; nothing is queued. */
  public static RenderTime usual(Random random) {
    return new RenderTime(0, MEDIAN * Math.exp(SIGMA * random.nextGaussian()));
  }

  /** The same, and every tenth is queued for 120 to 900 s before it begins. */
  public static RenderTime mixed(Random random) {
    double queued = random.nextInt(10) == 0 ? 120 + 780 * random.nextDouble() : 0;
    return new RenderTime(queued, usual(random).render());
  }
}
