package dev.understudy.simulator.provider;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The two bodies that a GET of a task is documented with. */
public enum Shape {
  /** Runway's own task object. */
  BARE,
  /** The gateway's envelope {@code {code, message, data: {…, data: <Runway's task>}}}. */
  WRAPPED;

  /**
   * Reads a name as it is written in settings and faults.
   *
   * @param name bare or wrapped
   * @return the shape
   */
  @JsonCreator
  public static Shape named(String name) {
    return Named.find(Shape.class, name);
  }

  /**
   * The name as it is written in settings and faults.
   *
   * @return bare or wrapped
   */
  @JsonValue
  public String label() {
    return Named.of(this);
  }
}
