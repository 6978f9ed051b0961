package dev.understudy.core.replay;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.List;

/**
 * What is remembered of the sends of one order, so that a repeat of it is answered with the task
 * that it made already. It is a value, stored over the revision it was made from. At most {@value
 * Repeats#MOST} tasks of some 80 bytes each keep it below 8 KB.
 *
 * @param key the tenant and a hash of what makes two calls the same order
 * @param body a hash of the body that was sent with it
 * @param made the tasks that it made, the oldest first
 * @param forgottenAt from when on it counts for nothing
 * @param rev raised with every write
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Replay(String key, String body, List<Made> made, Instant forgottenAt, long rev) {

  /** Copies the list. */
  public Replay {
    made = List.copyOf(made);
  }

  /**
   * A task that was made, and the sends that were answered with it.
   *
   * @param task its id
   * @param lastSend when the last of them came
   * @param sends which of a call's sends came: bit n for the one with retry count n
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Made(String task, Instant lastSend, int sends) {

    /** Whether a send with this retry count was answered with it. */
    boolean has(int count) {
      return (sends & (1 << count)) != 0;
    }

    Made and(int count, Instant now) {
      return new Made(task, now, sends | (1 << count));
    }
  }

  /** The same with the revision that a write gives it. */
  public Replay written() {
    return new Replay(key, body, made, forgottenAt, rev + 1);
  }
}
