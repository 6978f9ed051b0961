package dev.understudy.core.ports;

import java.net.URI;
import java.time.Instant;

/** Signs addresses of pinned inputs for the provider, as a role that may only read them. */
public interface InputSigner {

  /** The longest address that the provider takes (Runway's limit for https URIs). */
  int LONGEST = 2048;

  /**
   * A signed address.
   *
   * @param uri the address; never logged or stored
   * @param readableUntil when it stops working
   */
  record Signed(URI uri, Instant readableUntil) {

    @Override
    public String toString() {
      return "Signed[withheld until %s]".formatted(readableUntil);
    }
  }

  /**
   * Signs a GET of one input.
   *
   * @throws dev.understudy.core.errors.Misconfigured when the address would be longer than {@link
   *     #LONGEST}
   * @throws dev.understudy.core.errors.Unavailable when the role cannot be assumed
   */
  Signed sign(String key);
}
