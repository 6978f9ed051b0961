package dev.understudy.api;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskWriter;
import java.time.InstantSource;
import java.util.Optional;

/**
 * DELETE /v1/tasks/{id}: before the POST the task is cancelled, with its money and its place given
 * back; after it the task is hidden and delivered all the same (docs/adr/014).
 */
final class DeleteTask implements Action {

  private final TaskWriter writer;
  private final Admission admission;
  private final Announcer announcer;
  private final InstantSource clock;

  DeleteTask(TaskWriter writer, Admission admission, Announcer announcer, InstantSource clock) {
    this.writer = writer;
    this.admission = admission;
    this.announcer = announcer;
    this.clock = clock;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var updated = writer.update(id, task -> deleted(task, caller)).orElseThrow(Refused::noSuchTask);
    if (!updated.changed()) {
      throw Refused.noSuchTask();
    }
    announcer.announce(updated.task());
    if (updated.before().place() && !updated.task().place()) {
      admission.admitSome();
    }
    return Answer.empty(204);
  }

  private Optional<Task> deleted(Task task, Caller caller) {
    return VisibleTasks.visible(task, caller)
        ? Changes.deleted(task, clock.instant())
        : Optional.empty();
  }
}
