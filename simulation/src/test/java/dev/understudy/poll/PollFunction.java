package dev.understudy.poll;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;

/** The poll function's own handler over rules that are wired to a simulation. */
public final class PollFunction {

  private PollFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(Polling rules) {
    return new PollHandler(rules);
  }
}
