package dev.understudy.core.ports;

import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table as people look through it: lists, timelines and sums. Lists come from an index and may
 * be a moment behind; timelines and sums are read consistently. A table that does not answer throws
 * {@link dev.understudy.core.errors.Unavailable}.
 */
public interface TaskIndex {

  /**
   * A task as a list shows it.
   *
   * @param id its id
   * @param createdAt when it was accepted
   * @param updatedAt when it last changed
   * @param status where it is
   * @param place whether it holds a place at the provider
   * @param providerStatus what the provider said last
   * @param sentence where it is, for people
   * @param tags the caller's words for it
   */
  record Listed(
      String id,
      Instant createdAt,
      Instant updatedAt,
      TaskStatus status,
      boolean place,
      @Nullable String providerStatus,
      String sentence,
      List<String> tags) {

    /** Copies the tags. */
    public Listed {
      tags = List.copyOf(tags);
    }
  }

  /**
   * Which tasks are wanted.
   *
   * @param statuses in one of these; empty for all
   * @param tag with this tag; null for all
   */
  record Filter(Set<TaskStatus> statuses, @Nullable String tag) {

    /** All tasks. */
    public static final Filter ALL = new Filter(Set.of(), null);

    /** Copies the set. */
    public Filter {
      statuses = Set.copyOf(statuses);
    }
  }

  /** A place in a tenant's list: right behind this task. */
  record Position(Instant createdAt, String id) {}

  /**
   * A part of a list, the youngest task first.
   *
   * @param tasks at most as many as asked for; fewer, even none, does not mean the end
   * @param next where the next part begins; null at the end
   */
  record Page(List<Listed> tasks, @Nullable Position next) {

    /** Copies the tasks. */
    public Page {
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * The tasks of a tenant; without those that were cancelled or hidden.
   *
   * @param most how many at the most
   * @param after where to go on; null for the beginning
   */
  Page list(String tenant, Filter filter, int most, @Nullable Position after);

  /** What people were told of a task at one change. */
  record Told(
      long version,
      Instant at,
      TaskStatus status,
      int attempt,
      int generation,
      String sentence,
      String next) {}

  /**
   * A part of a task's timeline, the oldest first.
   *
   * @param changes at most as many as asked for
   * @param more whether there are later ones
   */
  record Timeline(List<Told> changes, boolean more) {

    /** Copies the changes. */
    public Timeline {
      changes = List.copyOf(changes);
    }
  }

  /**
   * What people were told of a task.
   *
   * @param afterVersion only changes with a larger version; 0 for all
   * @param most how many at the most
   */
  Timeline timeline(String id, long afterVersion, int most);

  /**
   * What a tenant has spent in a month, in US cents.
   *
   * @param month {@code yyyy-MM}, UTC
   */
  Change.Money spent(String tenant, String month);

  /**
   * A person's or the stack's own decision to stop or go on.
   *
   * @param at when
   * @param paused whether it stopped
   * @param by who: a token's name and tenant, or the stack itself
   * @param reason why, for people
   */
  record Decision(Instant at, boolean paused, String by, String reason) {

    /**
     * The decision in a write of the control item: every pause and resumption is one, but a refused
     * probe, after which a stack that paused itself only waits on.
     */
    public static Optional<Decision> between(Control before, Control after) {
      boolean waitsOn = before.paused() && after.paused() && !after.byPerson();
      if (after.pauses() == before.pauses() || waitsOn || after.since() == null) {
        return Optional.empty();
      }
      return Optional.of(
          new Decision(
              after.since(),
              after.paused(),
              after.byPerson() || (before.byPerson() && !after.paused())
                  ? "a person"
                  : "the stack itself",
              after.reason() == null ? "No reason is on record." : after.reason()));
    }
  }

  /**
   * The last decisions about the stack, the latest first.
   *
   * @param most how many at the most
   */
  List<Decision> decisions(int most);
}
