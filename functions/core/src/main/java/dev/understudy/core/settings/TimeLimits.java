package dev.understudy.core.settings;

import java.time.Duration;

/**
 * The nested time limits around the paid POST, in one place: exchange &lt; function &lt; state &lt;
 * lease. The template and the state machine carry the same numbers, and a test compares them. A
 * shorter SubmitTimeoutSeconds shortens the lease with it; what must hold for every value is that
 * the POST, begun at the latest {@link #CLAIM_TO_POST} after the claim, is over before the lease.
 */
public final class TimeLimits {

  /** The longest exchange of a POST; a CDN in front of the provider gives up at about 100 s. */
  public static final Duration LONGEST_SUBMIT = Duration.ofSeconds(170);

  /** Timeout of the submit function. */
  public static final Duration SUBMIT_FUNCTION = Duration.ofSeconds(200);

  /** Timeout of the Submit state. */
  public static final Duration SUBMIT_STATE = Duration.ofSeconds(220);

  /** Timeout of the persist function. */
  public static final Duration PERSIST_FUNCTION = Duration.ofMinutes(15);

  /** What the lease of a POST adds to its bound. */
  public static final Duration LEASE_SLACK = Duration.ofSeconds(90);

  /** The POST begins within this time of its claim, or not at all. */
  public static final Duration CLAIM_TO_POST = Duration.ofSeconds(20);

  /** What must be left of the function's time beyond the bound of the POST, to record its end. */
  public static final Duration TIME_TO_RECORD = Duration.ofSeconds(15);

  /**
   * The GET of a claimed turn begins within this time of its claim, or not at all; the next turn is
   * that much later until the answer is stored, so that two GETs keep their distance even when the
   * first began late.
   */
  public static final Duration CLAIM_TO_GET = Duration.ofSeconds(5);

  /** The bound on one GET of a task. */
  public static final Duration GET = Duration.ofSeconds(20);

  /**
   * How long the claim of a POST is good.
   *
   * @param submitTimeout the bound on its exchange
   */
  public static Duration lease(Duration submitTimeout) {
    return submitTimeout.plus(LEASE_SLACK);
  }

  private TimeLimits() {}
}
