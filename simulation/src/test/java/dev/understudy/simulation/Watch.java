package dev.understudy.simulation;

import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees every call that has an effect, right after it had it and before its caller hears of it, and
 * keeps what is stored now: for the invariants, and to know when reconcile has something to do.
 */
final class Watch {

  private final World world;
  private final TaskStore table;
  private final Tally tally;
  final Map<String, Task> tasks = new LinkedHashMap<>();
  final Map<String, Order> orders = new LinkedHashMap<>();

  /** Changes that are not announced yet: when reconcile may repeat them. */
  final Map<String, Instant> outbox = new LinkedHashMap<>();

  /** The last version of each task that an event was published of. */
  final Map<String, Long> published = new HashMap<>();

  /** Something was written since somebody looked. */
  boolean written;

  /** Hears when nobody knows any more whether a task was accepted. */
  Runnable whenUnknown = () -> {};

  Control control = Control.running();
  private @Nullable Invariants invariants;

  Watch(World world, TaskStore table, Tally tally) {
    this.world = world;
    this.table = table;
    this.tally = tally;
  }

  void invariants(Invariants promised) {
    this.invariants = promised;
  }

  @Nullable TaskStatus statusOf(@Nullable String task) {
    var known = task == null ? null : tasks.get(task);
    return known == null ? null : known.status();
  }

  /** The table answered, or failed to: something may be stored in any case. */
  void table(@Nullable Invocation by, String method, Object[] args, @Nullable Object result) {
    switch (method) {
      case "write", "accept" -> {
        for (var arg : args) {
          if (arg instanceof Change change) {
            task(by, change.after().id(), change);
          }
        }
        if (args[args.length - 1] instanceof Order order) {
          order(order.formKey());
        }
        if (args[args.length - 1] instanceof Control) {
          control = table.control();
          world.say(() ->
              "control: paused=%s by=%s probe=%s notBefore=%s unknownStreak=%d"
                  .formatted(
                      control.paused(),
                      control.byPerson() ? "person" : "itself",
                      control.probe(),
                      control.notBefore(),
                      control.unknownStreak()));
        }
        if (result == Written.NO_PLACE
            || result == Written.CAP_REACHED
            || result == Written.MAY_NOT_SUBMIT) {
          world.say(() -> "refused: " + result);
        }
      }
      case "claimTurn" -> {
        if (args[0] instanceof String id) {
          table.find(id).ifPresent(task -> tasks.put(id, task));
        }
      }
      case "announced" -> {
        var id = (String) args[0];
        var known = tasks.get(id);
        if (known != null && args[1] instanceof Long version && known.version() == version) {
          outbox.remove(id);
        }
      }
      default -> {}
    }
  }

  private void task(@Nullable Invocation by, String id, Change change) {
    var before = tasks.get(id);
    var found = table.find(id);
    if (found.isEmpty() || (before != null && before.rev() == found.get().rev())) {
      return;
    }
    var after = found.get();
    tasks.put(id, after);
    written = true;
    if (before == null || after.version() > before.version()) {
      outbox.put(id, change.at().plus(TaskStore.ANNOUNCE_GRACE));
    }
    if (before == null
        || before.status() != after.status()
        || before.attempt() != after.attempt()) {
      tally.edge(
          before == null ? null : before.status(),
          after.status(),
          before != null && after.attempt() > before.attempt());
    }
    if (after.status() == TaskStatus.SUBMISSION_UNKNOWN
        && (before == null || before.status() != TaskStatus.SUBMISSION_UNKNOWN)) {
      whenUnknown.run();
    }
    world.say(() -> line(before, after));
    if (invariants != null) {
      invariants.changed(by, Optional.ofNullable(before), after);
    }
  }

  private static String line(@Nullable Task before, Task after) {
    return "task %s %s -> %s attempt %d generation %d v%d%s%s%s due %s: %s"
        .formatted(
            after.id().substring(0, 8),
            before == null ? "-" : before.status(),
            after.status(),
            after.attempt(),
            after.generation(),
            after.version(),
            after.place() ? " place" : "",
            after.stall() == null ? "" : " stall " + after.stall().reason(),
            after.hiddenAt() == null ? "" : " hidden",
            after.dueAt(),
            after.sentence());
  }

  private void order(String formKey) {
    table
        .order(formKey)
        .ifPresent(stored -> {
          var before = orders.put(formKey, stored);
          if (before == null || before.state() != stored.state()) {
            world.say(() -> "order %s %s: %s".formatted(formKey, stored.state(), stored.note()));
          }
        });
  }

  /** An event went out. */
  void published(@Nullable Invocation by, TaskEvent event) {
    published.merge(event.taskId(), event.version(), Math::max);
    if (invariants != null) {
      invariants.told(by, event);
    }
  }

  /**
   * The first moment at which a run of reconcile has something to do; null when there is nothing.
   * Runs before it read and change nothing, so the history leaves them out.
   */
  @Nullable Instant work(int maxInFlight) {
    Instant first = null;
    int inFlight = 0;
    for (var task : tasks.values()) {
      inFlight += task.place() ? 1 : 0;
    }
    for (var task : tasks.values()) {
      if (task.dueAt() != null) {
        first = earlier(first, task.dueAt());
      }
      if (task.waiting() && inFlight < maxInFlight) {
        var from = control.notBefore();
        if (control.paused()) {
          if (control.byPerson() || control.probeAt() == null) {
            continue;
          }
          from = later(from, control.probeAt());
        }
        first = earlier(first, later(later(from, task.notBefore()), world.now()));
      }
    }
    for (var order : orders.values()) {
      if (order.dueAt() != null) {
        first = earlier(first, order.dueAt());
      }
    }
    for (var at : outbox.values()) {
      first = earlier(first, at);
    }
    return first;
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isBefore(other) ? one : other;
  }

  private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? one : other;
  }
}
