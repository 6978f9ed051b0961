package dev.understudy.submit;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;

/** The submit function's own handler over rules that are wired to a simulation. */
public final class SubmitFunction {

  private SubmitFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(Submission rules) {
    return new SubmitHandler(rules);
  }
}
