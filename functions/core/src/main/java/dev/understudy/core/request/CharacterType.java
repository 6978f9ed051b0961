package dev.understudy.core.request;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Optional;

/** What the character is: a still picture or footage. */
public enum CharacterType {
  IMAGE("image"),
  VIDEO("video");

  private final String wire;

  CharacterType(String wire) {
    this.wire = wire;
  }

  /** As it is written in a request. */
  @JsonValue
  public String wire() {
    return wire;
  }

  /** The type written exactly so, if there is one. */
  public static Optional<CharacterType> of(String wire) {
    return Arrays.stream(values()).filter(type -> type.wire.equals(wire)).findFirst();
  }
}
