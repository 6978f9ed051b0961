package dev.understudy.simulation;

import dev.understudy.core.task.TaskStatus;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What happened in one history or in many. */
final class Tally {

  long histories;
  long withPost;
  long faults;
  long tasks;
  long posts;
  long charges;
  long calls;
  long virtualHours;

  /** By kind of fault and status of its task ("-" where there is none), how often. */
  final Map<String, Map<String, Long>> byFault = new TreeMap<>();

  /** By edge, how often. */
  final Map<String, Long> edges = new TreeMap<>();

  void fault(String kind, @Nullable TaskStatus status) {
    faults++;
    count(kind, status == null ? "-" : status.name(), 1);
  }

  private void count(String kind, String status, long more) {
    byFault.computeIfAbsent(kind, k -> new TreeMap<>()).merge(status, more, Long::sum);
  }

  void edge(@Nullable TaskStatus from, TaskStatus to, boolean nextAttempt) {
    edges.merge(
        (from == null ? "-" : from.name()) + " > " + to + (nextAttempt ? " (next attempt)" : ""),
        1L,
        Long::sum);
  }

  void add(Tally other) {
    histories += other.histories;
    withPost += other.withPost;
    faults += other.faults;
    tasks += other.tasks;
    posts += other.posts;
    charges += other.charges;
    calls += other.calls;
    virtualHours += other.virtualHours;
    other.byFault.forEach((kind, row) -> row.forEach((status, n) -> count(kind, status, n)));
    other.edges.forEach((edge, n) -> edges.merge(edge, n, Long::sum));
  }
}
