package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskIndex.Told;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** GET /v1/tasks/{id}/history: what people were told of a task, the oldest first. */
final class GetHistory implements Action {

  private static final Pattern VERSION = Pattern.compile("[0-9]{1,18}");

  /** One change. */
  record Entry(
      long version, Instant at, TaskStatus status, int attempt, String sentence, String next) {

    static Entry of(Told told) {
      return new Entry(
          told.version(), told.at(), told.status(), told.attempt(), told.sentence(), told.next());
    }
  }

  /** A part of the history. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(List<Entry> data, @Nullable String nextCursor) {}

  private final VisibleTasks tasks;
  private final TaskIndex index;

  GetHistory(TaskStore store, TaskIndex index) {
    this.tasks = new VisibleTasks(store);
    this.index = index;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var limit = Parameters.limit(call);
    var list = "history of " + id;
    var after = call.parameter("cursor").map(c -> version(Cursor.position(list, c))).orElse(0L);
    tasks.get(id, caller);
    var timeline = index.timeline(id, after, limit);
    var entries = timeline.changes().stream().map(Entry::of).toList();
    return Answer.ok(
        new Part(
            entries,
            timeline.more() && !entries.isEmpty()
                ? Cursor.of(list, Long.toString(entries.getLast().version()))
                : null));
  }

  private static long version(String position) {
    if (!VERSION.matcher(position).matches()) {
      throw Cursor.refused();
    }
    return Long.parseLong(position);
  }
}
