package dev.understudy.core.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The six output sizes that Runway renders Act-Two in, as {@code width:height} in pixels (Runway
 * API reference, {@code character_performance}, field {@code ratio}).
 */
public enum Ratio {
  LANDSCAPE_1280_720(1280, 720),
  PORTRAIT_720_1280(720, 1280),
  SQUARE_960_960(960, 960),
  LANDSCAPE_1104_832(1104, 832),
  PORTRAIT_832_1104(832, 1104),
  WIDE_1584_672(1584, 672);

  private final int width;
  private final int height;

  Ratio(int width, int height) {
    this.width = width;
    this.height = height;
  }

  /** Output width in pixels. */
  public int width() {
    return width;
  }

  /** Output height in pixels. */
  public int height() {
    return height;
  }

  /** As it is written in a request, for example {@code 1280:720}. */
  @JsonValue
  public String wire() {
    return width + ":" + height;
  }

  /** The ratio written exactly so, if there is one. */
  public static Optional<Ratio> of(String wire) {
    return Arrays.stream(values()).filter(ratio -> ratio.wire().equals(wire)).findFirst();
  }

  /** All of them as they are written, in the order of Runway's reference. */
  public static List<String> wires() {
    return Arrays.stream(values()).map(Ratio::wire).toList();
  }
}
