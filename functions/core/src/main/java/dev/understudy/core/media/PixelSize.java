package dev.understudy.core.media;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A picture's size.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 */
public record PixelSize(int width, int height) {

  private static final Pattern RATIO = Pattern.compile("(\\d{1,5}):(\\d{1,5})");

  /** Checks both sides. */
  public PixelSize {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "A picture of " + width + "x" + height + " pixels is none.");
    }
  }

  /**
   * The size that a ratio of the request asks for: Act-Two renders {@code 1280:720} at 1280x720.
   *
   * @throws IllegalArgumentException when it is not two numbers with a colon
   */
  public static PixelSize ofRatio(String ratio) {
    Matcher sides = RATIO.matcher(ratio);
    if (!sides.matches()) {
      throw new IllegalArgumentException("A ratio looks like 1280:720, not like " + ratio + ".");
    }
    return new PixelSize(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)));
  }

  /** Width over height. */
  double aspect() {
    return (double) width / height;
  }

  /** Lying on its side. */
  PixelSize turned() {
    return new PixelSize(/* width= */ height, /* height= */ width);
  }

  /** The shorter side, in pixels. */
  int shortSide() {
    return Math.min(width, height);
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
