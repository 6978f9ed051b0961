package dev.understudy.simulator.provider;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Where a fault takes effect. */
public enum Point {
  /** The POST that creates a task. */
  SUBMIT,
  /** The fetching of a request's two inputs. */
  INPUTS,
  /** What becomes of a task; taken when the task is accepted. */
  TASK,
  /** A GET of a task. */
  GET,
  /** A download of an output. */
  OUTPUT;

  /**
   * Reads a name as faults have it.
   *
   * @param name submit, inputs, task, get or output
   * @return the point
   */
  @JsonCreator
  public static Point named(String name) {
    return Named.find(Point.class, name);
  }

  /**
   * The name as faults have it.
   *
   * @return submit, inputs, task, get or output
   */
  @JsonValue
  public String label() {
    return Named.of(this);
  }
}
