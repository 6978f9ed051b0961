package dev.understudy.core.ports;

import dev.understudy.core.watch.Observation;

/** Where observations go. */
public interface Metrics {

  /** Tells of one; never throws, because what is observed has happened already. */
  void tell(Observation observation);
}
