package dev.understudy.core.task;

/**
 * Where a task is. Statuses have a rank, and the pair (attempt, rank) of a task only ever grows, so
 * an event that arrives late can never take a task back.
 */
public enum TaskStatus {
  /**
   * Accepted, inputs pinned, money reserved; waits for a place, or has one and is being started.
   */
  QUEUED(0),
  /** The paid POST may be under way, owned by one invocation until its lease ends. */
  SUBMITTING(1),
  /** The POST may or may not have been accepted; it is never repeated without a person. */
  SUBMISSION_UNKNOWN(2),
  /** The provider's id is on record. */
  SUBMITTED(3),
  /** The provider has finished; the video is being copied and checked. */
  PERSISTING(4),
  /** The video is in the bucket, checked. */
  SUCCEEDED(5),
  /** A definite end without a video. */
  FAILED(5),
  /** Taken back by the user before a POST was accepted. */
  CANCELLED(5);

  private final int rank;

  TaskStatus(int rank) {
    this.rank = rank;
  }

  /** The place of this status in the order of an attempt: 0 for QUEUED to 5 for every end. */
  public int rank() {
    return rank;
  }

  /** True for SUCCEEDED, FAILED and CANCELLED, which never change again. */
  public boolean ended() {
    return rank == 5;
  }
}
