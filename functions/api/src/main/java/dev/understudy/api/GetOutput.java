package dev.understudy.api;

import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.TaskStatus;

/** GET /v1/tasks/{id}/output: a link that lasts, to the video under a fresh address. */
final class GetOutput implements Action {

  private final VisibleTasks tasks;
  private final OutputLinks links;

  GetOutput(TaskStore store, OutputLinks links) {
    this.tasks = new VisibleTasks(store);
    this.links = links;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var task = tasks.get(id, caller);
    var output = task.output();
    if (output == null) {
      throw new Refused(
          409,
          task.status() == TaskStatus.FAILED
              ? "The task failed, so there is no video: GET /v1/tasks/%s says why.".formatted(id)
              : "The video is not there yet: wait until GET /v1/tasks/%s says SUCCEEDED."
                  .formatted(id));
    }
    return Answer.empty(302).with("location", links.sign(output.key()).toString());
  }
}
