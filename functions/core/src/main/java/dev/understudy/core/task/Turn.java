package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a function answers to the state machine: what comes next and after how many seconds. Nothing
 * else travels, but for an id that could not be written.
 *
 * @param next the state that follows
 * @param seconds the pause before it, 0 to 3,600
 * @param unrecorded a provider's id that Submit has in hand and the table has not; the next state
 *     writes it before anything else
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Turn(Next next, int seconds, @Nullable Unrecorded unrecorded) {

  private static final int LONGEST = 3600;

  /** Reconcile looks at everything once in so many seconds. */
  private static final int SOON = 60;

  /** The states that may follow. */
  public enum Next {
    /** Wait, then ask the provider. */
    POLL,
    /** Wait, then copy the video. */
    PERSIST,
    /** The execution ends. */
    END
  }

  /**
   * A provider's id that is not in the table yet.
   *
   * @param attempt the attempt whose POST brought it
   * @param providerTaskId the id
   */
  public record Unrecorded(int attempt, String providerTaskId) {}

  /** The execution ends: the task has ended, waits without one, or belongs to another one. */
  public static Turn end() {
    return new Turn(Next.END, 0, null);
  }

  /**
   * The execution ends once the provider takes tasks again, if that is soon: it is looked then who
   * may go on. Otherwise it ends at once, and the look of every minute does it.
   *
   * @param at when that is; null or past for now
   */
  public static Turn endAt(@Nullable Instant at, Instant now) {
    int seconds = secondsUntil(at, now);
    return new Turn(Next.END, seconds > SOON ? 0 : seconds, null);
  }

  /** Write this id first. */
  public static Turn record(int attempt, String providerTaskId) {
    return new Turn(Next.POLL, 0, new Unrecorded(attempt, providerTaskId));
  }

  /**
   * What follows from a task as it is stored, for an execution of this generation.
   *
   * @param task the task, or null where there is none
   */
  public static Turn of(@Nullable Task task, int generation, Instant now) {
    if (task == null
        || task.generation() != generation
        || (task.stall() != null && task.dueAt() == null)) {
      return end();
    }
    return switch (task.status()) {
      case SUBMITTED -> new Turn(Next.POLL, secondsUntil(task.nextPollAt(), now), null);
      case PERSISTING -> new Turn(Next.PERSIST, secondsUntil(task.nextPollAt(), now), null);
      case QUEUED, SUBMITTING, SUBMISSION_UNKNOWN, SUCCEEDED, FAILED, CANCELLED -> end();
    };
  }

  /**
   * What follows from a change that this execution made: a stall ends it, and reconcile starts the
   * next one when it is time.
   */
  public static Turn after(Task before, @Nullable Task stored, int generation, Instant now) {
    boolean stalledNow =
        stored != null && stored.stall() != null && !stored.stall().equals(before.stall());
    return stalledNow ? end() : of(stored, generation, now);
  }

  private static int secondsUntil(@Nullable Instant at, Instant now) {
    if (at == null || !at.isAfter(now)) {
      return 0;
    }
    // up to the whole second, also from less than a millisecond: the table keeps milliseconds, and
    // the clock is finer
    long seconds = Duration.between(now, at).plusNanos(999_999_999).toSeconds();
    return (int) Math.min(LONGEST, seconds);
  }
}
