package dev.understudy.core.task;

import static dev.understudy.core.task.TaskStatus.*;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The one table of edges: which status may follow which, within an attempt and from one attempt to
 * the next. Staying in a status is no edge and always allowed: a poll, a place, a stall and a
 * second charge are attributes, not statuses.
 */
public final class Edge {

  private static final Map<TaskStatus, Set<TaskStatus>> SAME_ATTEMPT =
      new EnumMap<>(TaskStatus.class);
  private static final Set<TaskStatus> TO_NEXT_ATTEMPT = EnumSet.of(SUBMITTING, SUBMISSION_UNKNOWN);

  static {
    // QUEUED → SUBMITTED: the id of an earlier, unknown attempt arrives before this one was sent.
    // SUBMITTING, SUBMISSION_UNKNOWN → CANCELLED: certainly not accepted, and deleted meanwhile, so
    // that it does not wait for another try.
    SAME_ATTEMPT.put(QUEUED, EnumSet.of(SUBMITTING, SUBMITTED, FAILED, CANCELLED));
    SAME_ATTEMPT.put(SUBMITTING, EnumSet.of(SUBMISSION_UNKNOWN, SUBMITTED, FAILED, CANCELLED));
    SAME_ATTEMPT.put(SUBMISSION_UNKNOWN, EnumSet.of(SUBMITTED, FAILED, CANCELLED));
    SAME_ATTEMPT.put(SUBMITTED, EnumSet.of(PERSISTING, FAILED));
    SAME_ATTEMPT.put(PERSISTING, EnumSet.of(SUCCEEDED));
    SAME_ATTEMPT.put(SUCCEEDED, EnumSet.noneOf(TaskStatus.class));
    SAME_ATTEMPT.put(FAILED, EnumSet.noneOf(TaskStatus.class));
    SAME_ATTEMPT.put(CANCELLED, EnumSet.noneOf(TaskStatus.class));
  }

  private Edge() {}

  /**
   * Whether a task may go from one status to another.
   *
   * @param from the stored status
   * @param to the status to write
   * @param nextAttempt true when the write also raises the attempt by one: only a certain refusal
   *     or a person's decision does that, and only to QUEUED
   */
  public static boolean allowed(TaskStatus from, TaskStatus to, boolean nextAttempt) {
    if (nextAttempt) {
      return to == QUEUED && TO_NEXT_ATTEMPT.contains(from);
    }
    return from == to || SAME_ATTEMPT.getOrDefault(from, Set.of()).contains(to);
  }
}
