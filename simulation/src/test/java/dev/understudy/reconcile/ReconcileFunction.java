package dev.understudy.reconcile;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;

/** The reconcile function's own handler over rules that are wired to a simulation. */
public final class ReconcileFunction {

  private ReconcileFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(Reconciliation rules) {
    return new ReconcileHandler(rules);
  }
}
