package dev.understudy.core.ports;

import java.net.URI;
import java.time.Duration;

/** Signs addresses under which a user reads a delivered video. */
public interface OutputLinks {

  /** How long such an address works, at the most. */
  Duration LIFE = Duration.ofHours(1);

  /**
   * Signs a GET of one output.
   *
   * @param key its key in the bucket
   * @return the address, good for {@link #LIFE}; never logged or stored
   */
  URI sign(String key);
}
