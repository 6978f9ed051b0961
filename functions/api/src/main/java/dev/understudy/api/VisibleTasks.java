package dev.understudy.api;

import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;

/** The tasks as they exist for a caller. */
final class VisibleTasks {

  private final TaskStore store;

  VisibleTasks(TaskStore store) {
    this.store = store;
  }

  /**
   * The task of this id, in one consistent read.
   *
   * @throws Refused with 404 where there is none, it is another tenant's, or it was deleted
   */
  Task get(String id, Caller caller) {
    return store.find(id).filter(task -> visible(task, caller)).orElseThrow(Refused::noSuchTask);
  }

  /** Whether a task exists for a caller; what was deleted exists for nobody, admins included. */
  static boolean visible(Task task, Caller caller) {
    return caller.sees(task) && task.status() != TaskStatus.CANCELLED && task.hiddenAt() == null;
  }
}
