package dev.understudy.api;

import dev.understudy.core.task.TaskStatus;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The statuses that Runway's clients know. One that is outside of these ends the Node SDK's wait
 * with an error, so no task is ever shown with another.
 */
enum RunwayStatus {
  PENDING,
  THROTTLED,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  /**
   * How a task is shown.
   *
   * @param status ours
   * @param place whether it holds a place at the provider
   * @param providerStatus what the provider said last
   */
  static RunwayStatus of(TaskStatus status, boolean place, @Nullable String providerStatus) {
    return switch (status) {
      case QUEUED -> place ? PENDING : THROTTLED;
      case SUBMITTING, SUBMISSION_UNKNOWN -> PENDING;
      case SUBMITTED ->
          switch (providerStatus) {
            case "THROTTLED" -> THROTTLED;
            case "RUNNING" -> RUNNING;
            case null, default -> PENDING;
          };
      case PERSISTING -> RUNNING;
      case SUCCEEDED -> SUCCEEDED;
      case FAILED -> FAILED;
      case CANCELLED -> CANCELLED;
    };
  }

  /** The status of this name, if it is one of these. */
  static Optional<RunwayStatus> named(String name) {
    return Arrays.stream(values()).filter(s -> s.name().equals(name)).findFirst();
  }

  /** Our statuses in which a task may be shown so. */
  Set<TaskStatus> ours() {
    var ours = EnumSet.noneOf(TaskStatus.class);
    for (var status : TaskStatus.values()) {
      for (var said : new String[] {"PENDING", "THROTTLED", "RUNNING"}) {
        if (of(status, true, said) == this || of(status, false, said) == this) {
          ours.add(status);
        }
      }
    }
    return ours;
  }
}
