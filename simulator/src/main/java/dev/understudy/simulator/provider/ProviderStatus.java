package dev.understudy.simulator.provider;

/** Runway's statuses of a task. */
public enum ProviderStatus {
  /** Accepted, waiting for concurrency. */
  THROTTLED,
  /** About to be rendered. */
  PENDING,
  /** Being rendered. */
  RUNNING,
  /** Ended with a video. */
  SUCCEEDED,
  /** Ended without. */
  FAILED,
  /** Ended by someone's wish. */
  CANCELLED;

  boolean isTerminal() {
    return switch (this) {
      case SUCCEEDED, FAILED, CANCELLED -> true;
      case THROTTLED, PENDING, RUNNING -> false;
    };
  }

  /** The gateway's word for it. */
  String wrapped() {
    return switch (this) {
      case THROTTLED -> "QUEUED";
      case PENDING -> "SUBMITTED";
      case RUNNING -> "IN_PROGRESS";
      case SUCCEEDED -> "SUCCESS";
      case FAILED, CANCELLED -> "FAILURE";
    };
  }
}
