package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Duration;
import java.time.Instant;

/**
 * Why a task whose render is paid for does not get on. A stall is tried again by itself after 1, 3
 * and 12 times the first pause, then every 12, for 24 hours, and after that waits for a person.
 *
 * @param reason what stands in the way
 * @param sentence the same for people
 * @param since when it began
 * @param tries how often it was tried again
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Stall(Reason reason, String sentence, Instant since, int tries) {

  /** How long a stall is tried again by itself. */
  public static final Duration SELF_HELP = Duration.ofHours(24);

  private static final int[] PAUSES = {1, 3, 12};

  /** What can stand in the way of a task whose id is on record. */
  public enum Reason {
    /** The provider does not know the id, longer than NotVisibleGraceSeconds. */
    NOT_VISIBLE,
    /** The provider says it is done, but names no video, longer than OutputGraceSeconds. */
    NO_OUTPUT,
    /** Not finished DeadlineSeconds after the order. */
    DEADLINE,
    /** The video could not be fetched or was refused by its check. */
    NOT_DELIVERED,
    /** Three executions in a row ended without progress. */
    NO_PROGRESS
  }

  /** A stall that begins now. */
  public static Stall begin(Reason reason, String sentence, Instant now) {
    return new Stall(reason, sentence, now, 0);
  }

  /** The same stall, tried once more in vain, or a new one where the reason has changed. */
  public Stall again(Reason newReason, String newSentence) {
    return new Stall(newReason, newSentence, since, tries + 1);
  }

  /** The same stall, from which a person wants it to help itself for another while. */
  Stall anew(Instant now) {
    return new Stall(reason, sentence, now, 0);
  }

  /**
   * How long until it is tried again.
   *
   * @param first the pause before the first try (StallRetrySeconds)
   */
  public Duration pause(Duration first) {
    return first.multipliedBy(PAUSES[Math.min(tries, PAUSES.length - 1)]);
  }

  /** True once only a person can help. */
  public boolean needsPerson(Instant now) {
    return !now.isBefore(since.plus(SELF_HELP));
  }
}
