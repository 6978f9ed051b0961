package dev.understudy.core.media;

/** Act-Two renders 24 frames per second, whatever goes in. */
final class RenderedRate {

  static final double FPS = 24;

  /** Wide enough for time in whole milliseconds over 3 s, and too narrow for 23.976. */
  private static final double TOLERANCE = 0.01;

  private RenderedRate() {}

  static boolean is(double fps) {
    return Math.abs(fps - FPS) <= TOLERANCE;
  }
}
