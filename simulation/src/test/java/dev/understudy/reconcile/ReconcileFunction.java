package dev.understudy.reconcile;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.watch.Gauges;

/** The reconcile function's own handler over rules that are wired to a simulation. */
public final class ReconcileFunction {

  private ReconcileFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(Reconciliation rules, Gauges gauges) {
    return new ReconcileHandler(rules, gauges);
  }
}
