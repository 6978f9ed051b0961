package dev.understudy.simulator.provider;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Which tasks are being rendered and which wait for their turn. Time passes only when it is told
 * to: {@link #advance} replays what has happened since the last call, in order, so that the result
 * does not depend on how often anyone looks. Not safe for threads: the provider locks.
 */
final class RenderQueue {
  private final List<Task> waiting = new ArrayList<>();
  private final PriorityQueue<Task> running =
      new PriorityQueue<>(Comparator.comparing(RenderQueue::finish));
  private final Consumer<Task> ended;
  private Instant reached = Instant.MIN;
  private int most;

  /**
   * @param ended told of each task at its end
   */
  RenderQueue(Consumer<Task> ended) {
    this.ended = ended;
  }

  void add(Task task, Instant now, int concurrency) {
    advance(now, concurrency);
    waiting.add(task);
    most = Math.max(most, waiting.size() + running.size());
    startWhatCan(concurrency);
  }

  void advance(Instant now, int concurrency) {
    startWhatCan(concurrency);
    for (Optional<Instant> next = next(concurrency);
        next.isPresent() && !next.get().isAfter(now);
        next = next(concurrency)) {
      reached = later(reached, next.get());
      endWhatHas();
      startWhatCan(concurrency);
    }
    reached = later(reached, now);
    startWhatCan(concurrency);
  }

  int most() {
    return most;
  }

  private Optional<Instant> next(int concurrency) {
    Instant next = running.isEmpty() ? null : finish(running.peek());
    if (running.size() < concurrency) {
      for (Task task : waiting) {
        if (next == null || task.startableAt().isBefore(next)) {
          next = task.startableAt();
        }
      }
    }
    return Optional.ofNullable(next);
  }

  private void endWhatHas() {
    while (!running.isEmpty() && !finish(running.peek()).isAfter(reached)) {
      ended.accept(running.remove());
    }
  }

  private void startWhatCan(int concurrency) {
    for (Task task : List.copyOf(waiting)) {
      if (running.size() >= concurrency) {
        return;
      }
      if (!task.startableAt().isAfter(reached)) {
        waiting.remove(task);
        task.startedAt = reached;
        running.add(task);
      }
    }
  }

  private static Instant finish(Task task) {
    Instant finish = task.finishesAt();
    if (finish == null) {
      throw new IllegalStateException("A task that has not started has no end.");
    }
    return finish;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
