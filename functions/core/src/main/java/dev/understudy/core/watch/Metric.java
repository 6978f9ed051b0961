package dev.understudy.core.watch;

/**
 * Everything that is counted or measured, by the name that CloudWatch shows. Those of the first
 * group follow from a change of a task and are counted once for it, when it is known to be stored;
 * those of the second are read from the table by reconcile, every minute.
 */
public enum Metric {
  /** A task was accepted. */
  ACCEPTED("Accepted", Unit.COUNT),
  /** A paid request was about to be made. */
  SUBMITTED("Submitted", Unit.COUNT),
  /** An attempt turned out to be charged. */
  CHARGED("Charged", Unit.COUNT),
  /** A video is in the bucket. */
  SUCCEEDED("Succeeded", Unit.COUNT),
  /**
   * 1 for a task that ended without a video, also by {@link FailureReason}, and 0 for one with it:
   * the sum is how many failed, the average is their share.
   */
  FAILED("Failed", Unit.COUNT),
  /** The provider accepted an attempt that its task does not follow: money without a video. */
  SECOND_CHARGES("SecondCharges", Unit.COUNT),
  /** Looks at the provider for a task that has ended. */
  POLLS("Polls", Unit.COUNT),
  /** From acceptance to the provider's id. */
  SECONDS_QUEUED("SecondsQueued", Unit.SECONDS),
  /** From the provider's id to the first time it was seen to be done. */
  SECONDS_RENDERING("SecondsRendering", Unit.SECONDS),
  /** From that to the video in the bucket. */
  SECONDS_PERSISTING("SecondsPersisting", Unit.SECONDS),
  /**
   * For how long a finished render may have gone unseen: from the last look that found it at work
   * to the first that found it done. The provider does not say when it ended, so this is the most.
   */
  SECONDS_UNSEEN("SecondsUnseen", Unit.SECONDS),

  /** Tasks that wait for a place. */
  WAITING("Waiting", Unit.COUNT),
  /** Places that are held. */
  IN_FLIGHT("InFlight", Unit.COUNT),
  /** Submissions of which nobody knows whether they were accepted. */
  SUBMISSIONS_UNKNOWN("SubmissionsUnknown", Unit.COUNT),
  /** Tasks that stand still although their render is paid for. */
  STALLED("Stalled", Unit.COUNT),
  /** How long the oldest thing that should have been taken up has been due. */
  OLDEST_DUE_SECONDS("OldestDueSeconds", Unit.SECONDS),
  /** 0: the stack submits; 1: a person paused it; 2: it paused itself. */
  PAUSED("Paused", Unit.NONE),
  /**
   * What is committed of this month's cap, of the tenant that is nearest to its own; 100 once no
   * further task fits.
   */
  SPEND_SHARE("SpendShare", Unit.PERCENT),
  /** By how much the counters of places and of waiting tasks differ from the tasks. */
  COUNTERS_DIFFER("CountersDiffer", Unit.COUNT);

  /** What a value is counted in, by CloudWatch's own names. */
  public enum Unit {
    COUNT("Count"),
    SECONDS("Seconds"),
    PERCENT("Percent"),
    NONE("None");

    private final String word;

    Unit(String word) {
      this.word = word;
    }

    /** CloudWatch's name. */
    public String word() {
      return word;
    }
  }

  private final String word;
  private final Unit unit;

  Metric(String word, Unit unit) {
    this.word = word;
    this.unit = unit;
  }

  /** CloudWatch's name. */
  public String word() {
    return word;
  }

  /** What its values are counted in. */
  public Unit unit() {
    return unit;
  }
}
