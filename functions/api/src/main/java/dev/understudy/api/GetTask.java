package dev.understudy.api;

import dev.understudy.core.ports.TaskStore;

/** GET /v1/tasks/{id}: one read. */
final class GetTask implements Action {

  private final VisibleTasks tasks;
  private final TaskView view;

  GetTask(TaskStore store, TaskView view) {
    this.tasks = new VisibleTasks(store);
    this.view = view;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    return Answer.ok(view.of(tasks.get(id, caller)));
  }
}
