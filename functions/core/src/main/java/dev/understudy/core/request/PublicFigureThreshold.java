package dev.understudy.core.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How strict the provider's moderation is about recognisable public figures; {@code low} is the
 * less strict one (Runway API reference, {@code contentModeration.publicFigureThreshold}).
 */
public enum PublicFigureThreshold {
  AUTO("auto"),
  LOW("low");

  private final String wire;

  PublicFigureThreshold(String wire) {
    this.wire = wire;
  }

  /** As it is written in a request. */
  @JsonValue
  public String wire() {
    return wire;
  }

  /** The threshold written exactly so, if there is one. */
  public static Optional<PublicFigureThreshold> of(String wire) {
    return Arrays.stream(values()).filter(threshold -> threshold.wire.equals(wire)).findFirst();
  }

  /** All of them as they are written. */
  public static List<String> wires() {
    return Arrays.stream(values()).map(PublicFigureThreshold::wire).toList();
  }
}
