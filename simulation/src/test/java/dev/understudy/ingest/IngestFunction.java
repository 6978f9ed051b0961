package dev.understudy.ingest;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.order.OrderDesk;

/** The ingest function's own handler over a desk that is wired to a simulation. */
public final class IngestFunction {

  private IngestFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(OrderDesk desk) {
    return new IngestHandler(_ -> desk);
  }
}
