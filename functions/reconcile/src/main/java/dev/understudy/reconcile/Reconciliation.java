package dev.understudy.reconcile;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Due;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn.Unrecorded;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever was left behind is taken up here: every minute for all that is due, and at once for one
 * task whose execution failed. It decides from the table alone (an execution's own state is only
 * eventually known), and everything it writes can be won or lost against a late original, once.
 */
public final class Reconciliation {

  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);

  /** The third execution in a row without progress is a stall. */
  private static final int IDLE_GENERATIONS = 3;

  private static final int PAGE = 1000;
  private static final int ADMIT = 50;

  /** What must be left of the function's time to begin with one more item. */
  private static final Duration TIME_FOR_ONE = Duration.ofSeconds(15);

  private final TaskStore store;
  private final TaskWriter writer;
  private final Executions executions;
  private final Admission admission;
  private final Announcer announcer;
  private final OrderDesk orders;
  private final Settings settings;
  private final InstantSource clock;

  /** Wires the rules. */
  public Reconciliation(
      TaskStore store,
      TaskWriter writer,
      Executions executions,
      Admission admission,
      Announcer announcer,
      OrderDesk orders,
      Settings settings,
      InstantSource clock) {
    this.store = store;
    this.writer = writer;
    this.executions = executions;
    this.admission = admission;
    this.announcer = announcer;
    this.orders = orders;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Takes up all that is due, sends a probe where one is due, and admits what waits.
   *
   * @param timeLeft how long the invocation may still run
   * @return how many items were taken up
   */
  public int run(Supplier<Duration> timeLeft) {
    int handled = 0;
    for (var due : sorted(store.due(clock.instant(), PAGE))) {
      if (timeLeft.get().compareTo(TIME_FOR_ONE) < 0) {
        log.warn("Reconcile ran out of time after {} items; the next run goes on.", handled);
        return handled;
      }
      try {
        takeUp(due);
        handled++;
      } catch (RuntimeException e) { // one item must not keep the others waiting
        log.error("{} could not be taken up; the next run tries again.", due, e);
      }
    }
    admission.probe();
    admission.admit(ADMIT);
    return handled;
  }

  /** Tasks first: announcements that always fail must not stand before them for ever. */
  private static List<Due> sorted(List<Due> due) {
    return due.stream()
        .sorted(
            Comparator.comparingInt(d ->
                switch (d) {
                  case Due.OfTask task -> 0;
                  case Due.OfOrder order -> 1;
                  case Due.OfAnnouncement announcement -> 2;
                }))
        .toList();
  }

  private void takeUp(Due due) {
    switch (due) {
      case Due.OfTask task -> overdue(task.id());
      case Due.OfOrder order -> orders.look(order.formKey());
      case Due.OfAnnouncement announcement ->
          store.find(announcement.id()).ifPresent(announcer::announce);
    }
  }

  private void overdue(String id) {
    change(
        id,
        task ->
            task.dueAt() == null || clock.instant().isBefore(task.dueAt())
                ? Optional.empty()
                : mend(task, false));
  }

  /**
   * The execution of this generation failed: its task is mended at once, unless it belongs to
   * another execution by now.
   *
   * @param unrecorded an id that the execution had in hand and could not write, or null
   * @param error the error's name, for the log
   */
  public void repair(String id, int generation, @Nullable Unrecorded unrecorded, String error) {
    log.warn("Task {}: its execution of generation {} failed: {}", id, generation, error);
    if (unrecorded != null) {
      writer
          .recordId(id, generation, unrecorded, clock, settings)
          .filter(TaskWriter.Updated::changed)
          .ifPresent(updated -> announcer.announce(updated.task()));
    }
    change(
        id,
        task ->
            task.generation() == generation && !rests(task) ? mend(task, true) : Optional.empty());
    admission.admitSome();
  }

  /** A stalled task is taken up when its pause is over, whatever has become of its execution. */
  private boolean rests(Task task) {
    var due = task.dueAt();
    return task.stall() != null && (due == null || clock.instant().isBefore(due));
  }

  private void change(String id, Function<Task, Optional<Task>> rule) {
    var updated = writer.update(id, rule);
    if (updated.isEmpty() || !updated.get().changed()) {
      return;
    }
    var task = updated.get().task();
    if (task.generation() > updated.get().before().generation()) {
      start(task);
    }
    if (task.status() == TaskStatus.SUBMISSION_UNKNOWN) {
      log.error(
          "Task {} attempt {}: the end of its submission is unknown.", task.id(), task.attempt());
      admission.control(control -> control.unknown(clock.instant(), task.id(), settings));
    }
    announcer.announce(task);
  }

  private void start(Task task) {
    try {
      executions.start(task.id(), task.generation());
    } catch (UnderstudyException e) {
      log.error("Task {} has no execution; it is due again later. {}", task.id(), e.sentence());
    }
  }

  /**
   * One row per status.
   *
   * @param failed true when the execution is known to have failed, so that nothing is waited for
   */
  private Optional<Task> mend(Task task, boolean failed) {
    Instant now = clock.instant();
    return switch (task.status()) {
      case QUEUED ->
          task.place()
              ? Optional.of(
                  Changes.returned(
                      task,
                      now,
                      failed ? "It failed before it was sent." : "It was not started in time."))
              : Optional.empty();
      case SUBMITTING -> {
        var lease = task.currentAttempt().leaseUntil();
        yield lease != null && !now.isBefore(lease)
            ? Optional.of(
                Changes.unknown(
                    task, now, "the function that sent it ended without writing down an answer."))
            : Optional.empty();
      }
      case SUBMITTED, PERSISTING -> Optional.of(takeOver(task, now));
      case SUBMISSION_UNKNOWN, SUCCEEDED, FAILED, CANCELLED -> Optional.empty();
    };
  }

  private Task takeOver(Task task, Instant now) {
    if (task.idleGenerations() + 1 >= IDLE_GENERATIONS) {
      return Changes.stalled(
          task,
          now,
          Stall.Reason.NO_PROGRESS,
          "Three executions in a row ended without progress.",
          settings);
    }
    return Changes.nextGeneration(task, now, settings);
  }
}
