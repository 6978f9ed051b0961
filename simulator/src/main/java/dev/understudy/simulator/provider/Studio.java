package dev.understudy.simulator.provider;

import java.io.IOException;

/** Where performances are rendered. */
public interface Studio {
  /**
   * Renders, or finds again, a video.
   *
   * @param order what it has to be
   * @return a playable MP4
   * @throws IOException if it cannot be made
   */
  Content render(Order order) throws IOException;

  /** Forgets everything rendered so far. */
  void clear();

  /**
   * What to render.
   *
   * @param taskId written into the file, so that no two outputs have the same bytes
   * @param reference its length and sound are taken
   * @param ratio the pixels
   * @param picture false: only the sound, which no player calls a video
   * @param sound false: silent
   */
  record Order(
      String taskId, Inputs.Footage reference, Ratio ratio, boolean picture, boolean sound) {}
}
