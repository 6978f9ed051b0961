package dev.understudy.simulator.provider;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Where inputs are fetched from. */
public interface Inputs {
  /**
   * Fetches one input and judges it as Runway does.
   *
   * @param uri its address, syntactically checked before
   * @param kind what it has to be
   * @param settings of the provider at this moment
   * @return the input, or why it is refused
   */
  Fetched fetch(URI uri, MediaKind kind, Settings settings);

  /** What fetching came to. */
  sealed interface Fetched {
    /**
     * The input is here.
     *
     * @param footage to be rendered from
     */
    record Kept(Footage footage) implements Fetched {}

    /**
     * The input is refused.
     *
     * @param reason a sentence for the caller
     */
    record Refused(String reason) implements Fetched {}
  }

  /** An input that was fetched. */
  interface Footage {
    /**
     * How long it plays.
     *
     * @return its length, empty if it cannot be read
     */
    Optional<Duration> length();

    /** Forgets its bytes. */
    void discard();
  }
}
