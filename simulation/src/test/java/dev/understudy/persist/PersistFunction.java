package dev.understudy.persist;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;

/** The persist function's own handler over rules that are wired to a simulation. */
public final class PersistFunction {

  private PersistFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(Persistence rules) {
    return new PersistHandler(rules);
  }
}
