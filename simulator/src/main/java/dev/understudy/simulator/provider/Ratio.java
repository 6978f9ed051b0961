package dev.understudy.simulator.provider;

import java.util.Arrays;
import java.util.Optional;

/** The six ratios of Act-Two; each names the pixels of its output. */
public enum Ratio {
  /** 1280 by 720. */
  WIDE(1280, 720),
  /** 720 by 1280. */
  TALL(720, 1280),
  /** 960 by 960. */
  SQUARE(960, 960),
  /** 1104 by 832. */
  CLASSIC(1104, 832),
  /** 832 by 1104. */
  PORTRAIT(832, 1104),
  /** 1584 by 672. */
  CINEMA(1584, 672);

  private final int width;
  private final int height;

  Ratio(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /**
   * Finds a ratio by Runway's name for it.
   *
   * @param name for instance 1280:720
   * @return the ratio, empty if there is none of that name
   */
  public static Optional<Ratio> named(String name) {
    return Arrays.stream(values()).filter(ratio -> ratio.label().equals(name)).findFirst();
  }

  /**
   * Runway's name.
   *
   * @return for instance 1280:720
   */
  public String label() {
    return width + ":" + height;
  }

  /**
   * The width of the output.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * The height of the output.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }
}
