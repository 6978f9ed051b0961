package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskIndex.Filter;
import dev.understudy.core.ports.TaskIndex.Listed;
import dev.understudy.core.ports.TaskIndex.Position;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GET /v1/tasks: a tenant's tasks, the youngest first. A page may hold fewer tasks than asked for,
 * even none, and still have one behind it.
 */
final class ListTasks implements Action {

  private static final int LONGEST_TAG = 64;
  private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final Pattern POSITION = Pattern.compile("([0-9]{1,15}) ([0-9a-f-]{36})");

  /** A task in short. */
  record Entry(String id, RunwayStatus status, Instant createdAt, More understudy) {

    static Entry of(Listed task) {
      return new Entry(
          task.id(),
          shown(task),
          task.createdAt(),
          new More(task.status(), task.sentence(), task.updatedAt(), task.tags()));
    }

    private static RunwayStatus shown(Listed task) {
      return RunwayStatus.of(task.status(), task.place(), task.providerStatus());
    }
  }

  /** What Runway has no field for. */
  record More(TaskStatus status, String sentence, Instant updatedAt, List<String> tags) {}

  /** A part of the list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(List<Entry> data, @Nullable String nextCursor) {}

  /**
   * Which statuses are wanted.
   *
   * @param ours ours; empty for all
   * @param runways Runway's, which the index does not know; null for all
   */
  private record Statuses(Set<TaskStatus> ours, @Nullable RunwayStatus runways) {}

  private final TaskIndex index;

  ListTasks(TaskIndex index) {
    this.index = index;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var limit = Parameters.limit(call);
    var statuses = statuses(call.parameter("status"));
    var tag = tag(call.parameter("tag"));
    var tenant = tenant(call.parameter("tenant"), caller);
    var list = "tasks of " + tenant;
    var after = call.parameter("cursor").map(c -> position(Cursor.position(list, c))).orElse(null);

    var page = index.list(tenant, new Filter(statuses.ours(), tag), limit, after);

    var entries =
        page.tasks().stream()
            .map(Entry::of)
            .filter(e -> statuses.runways() == null || e.status() == statuses.runways())
            .toList();
    var next = page.next();
    return Answer.ok(
        new Part(
            entries,
            next == null
                ? null
                : Cursor.of(list, next.createdAt().toEpochMilli() + " " + next.id())));
  }

  private static Statuses statuses(Optional<String> text) {
    if (text.isEmpty()) {
      return new Statuses(Set.of(), null);
    }
    var name = text.get();
    var runways = RunwayStatus.named(name);
    if (runways.isPresent()) {
      return new Statuses(runways.get().ours(), runways.get());
    }
    return Arrays.stream(TaskStatus.values())
        .filter(s -> s.name().equals(name))
        .findFirst()
        .map(ours -> new Statuses(Set.of(ours), null))
        .orElseThrow(() ->
            Parameters.refused(
                "status",
                "status must be one of PENDING, THROTTLED, RUNNING, SUCCEEDED, FAILED, CANCELLED, or of the statuses in understudy.status, such as QUEUED."));
  }

  private static @Nullable String tag(Optional<String> tag) {
    if (tag.isPresent() && (tag.get().isEmpty() || tag.get().length() > LONGEST_TAG)) {
      throw Parameters.refused(
          "tag", "tag must be one tag of 1 to %d characters.".formatted(LONGEST_TAG));
    }
    return tag.orElse(null);
  }

  private static String tenant(Optional<String> asked, Caller caller) {
    if (asked.isEmpty() || asked.get().equals(caller.tenant())) {
      return caller.tenant();
    }
    if (!caller.admin()) {
      throw new Refused(
          403,
          "Only administrators of the stack see another tenant's tasks: leave the parameter tenant out.");
    }
    if (!TENANT.matcher(asked.get()).matches()) {
      throw Parameters.refused(
          "tenant", "tenant must be a tenant's name: 1 to 32 of a-z, 0-9 and, within it, hyphens.");
    }
    return asked.get();
  }

  private static Position position(String text) {
    var parts = POSITION.matcher(text);
    if (!parts.matches()) {
      throw Cursor.refused();
    }
    return new Position(Instant.ofEpochMilli(Long.parseLong(parts.group(1))), parts.group(2));
  }
}
