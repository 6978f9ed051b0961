package dev.understudy.simulator.provider;

import java.util.List;

/**
 * One thing that is wrong with a request.
 *
 * @param path of the property, from the outside in; empty: the body itself
 * @param code what kind of mistake
 * @param message for people
 */
public record Issue(List<String> path, String code, String message) {
  /** Keeps its own copy of the path. */
  public Issue {
    path = List.copyOf(path);
  }
}
