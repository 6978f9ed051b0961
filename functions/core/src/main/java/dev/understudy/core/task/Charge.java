package dev.understudy.core.task;

/**
 * What has become of the price of one attempt. RESERVED, CHARGED and UNKNOWN count against the cap.
 */
public enum Charge {
  /** Set aside at acceptance; nothing has been sent. */
  RESERVED,
  /** The provider gave an id: it takes its price at the request. */
  CHARGED,
  /**
   * It may have been taken: the POST's end is not known, or the provider failed the task (its
   * refunds are not documented).
   */
  UNKNOWN,
  /** Certainly not taken; given back to the month it was reserved in. */
  RETURNED;

  /** True when the amount counts against the monthly cap. */
  public boolean counts() {
    return this != RETURNED;
  }
}
