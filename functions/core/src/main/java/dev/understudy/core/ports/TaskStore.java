package dev.understudy.core.ports;

import dev.understudy.core.order.Order;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.stack.Control;
import dev.understudy.core.stack.Places;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table, as the rules need it. Every read of a single item is consistent. Every write is
 * conditional and is decided by its nonce: after an ambiguous answer the store reads and compares.
 * A store that does not answer after bounded retries throws {@link
 * dev.understudy.core.errors.Unavailable}.
 */
public interface TaskStore {

  /** How a conditional write ended. */
  enum Written {
    /** It is stored. */
    WON,
    /** The stored item is not the one it was made from: read again and decide anew. */
    STALE,
    /** The stack or the tenant has no place left. */
    NO_PLACE,
    /** The price would go over the tenant's cap of that month. */
    CAP_REACHED,
    /** The stack is paused and the task is not its probe. */
    MAY_NOT_SUBMIT
  }

  /**
   * A task and the stack's control item, read together.
   *
   * @param task the task, or null where there is none
   * @param control the control item
   */
  record Loaded(@Nullable Task task, Control control) {}

  /**
   * How the claim of a poll's turn ended.
   *
   * @param won whether the turn is the caller's
   * @param task the task as stored after the claim, or as found; null where there is none
   */
  record Claim(boolean won, @Nullable Task task) {}

  /**
   * A waiting task, from the index.
   *
   * @param id its id
   * @param notBefore when it may be admitted, or null
   */
  record Waiting(String id, @Nullable Instant notBefore) {}

  /** Something of which the time has come, from the index. */
  sealed interface Due {
    /** A task past its dueAt. */
    record OfTask(String id) implements Due {}

    /** An order to look at again. */
    record OfOrder(String formKey) implements Due {}

    /** A change that was not announced at once. */
    record OfAnnouncement(String id, long version) implements Due {}
  }

  /**
   * What a call that may be a repeat is judged by, read together.
   *
   * @param replay the record of its earlier sends, or null where there is none
   * @param control the control item
   */
  record Opening(@Nullable Replay replay, Control control) {}

  /**
   * What is open, from the index of it, which may be a moment behind: all that has a time at which
   * somebody has to look at it, and the tasks that wait for a person.
   *
   * @param oldestDue the earliest of these times; null where there is none
   * @param places the tasks that hold a place, by tenant
   * @param unknown submissions of which nobody knows whether they were accepted
   * @param stalled tasks that stand still although their render is paid for
   * @param whole whether all that is open was looked at
   */
  record Open(
      @Nullable Instant oldestDue,
      Map<String, Integer> places,
      int unknown,
      int stalled,
      boolean whole) {

    /** Copies the map. */
    public Open {
      places = Map.copyOf(places);
    }
  }

  /** Of so many open things {@link #open} looks at. */
  int MOST_OPEN = 3000;

  /** The task of this id. */
  Optional<Task> find(String id);

  /** The tasks of these ids, in any order; unknown ids are left out. */
  List<Task> findAll(List<String> ids);

  /** The task of this id and the control item. */
  Loaded findWithControl(String id);

  /**
   * Stores a change with all that follows from it, in one transaction.
   *
   * @param change the change
   * @return anything but CAP_REACHED for a change that reserves no money, and so on
   */
  Written write(Change change);

  /**
   * Stores a new task together with the order that it answers, in one transaction.
   *
   * @param change a change made by {@link Change#create}
   * @param before the order as read
   * @param after the order as accepted
   */
  Written accept(Change change, Order before, Order after);

  /**
   * The record of earlier sends of a call, with the control item.
   *
   * @param replayKey the record's key; null for a call that has none
   */
  Opening opening(@Nullable String replayKey);

  /**
   * Stores a new task together with the record that replays it, in one transaction.
   *
   * @param change a change made by {@link Change#create}
   * @param before the record as read; null for a new one
   * @param after the record with this task in it
   * @return STALE also when the record is another by now
   */
  Written accept(Change change, @Nullable Replay before, Replay after);

  /** Stores a record of sends if it still is the one that was read. */
  boolean write(Replay before, Replay after);

  /**
   * Claims the turn to ask the provider about a task: only if it is in this status and this
   * generation and its nextPollAt has come. Counts the poll.
   *
   * @param status SUBMITTED or PERSISTING
   * @param nextPollAt the earliest turn after this one
   * @param nonce fresh for this claim
   */
  Claim claimTurn(
      String id, int generation, TaskStatus status, Instant now, Instant nextPollAt, String nonce);

  /** Marks a change as announced, unless a later one has come. */
  void announced(String id, long version);

  /** The places of the stack and of every tenant that ever had a task. */
  Places places();

  /**
   * The oldest waiting tasks of a tenant.
   *
   * @param most how many at the most
   */
  List<Waiting> waiting(String tenant, int most);

  /**
   * What is due, the oldest first.
   *
   * @param most how many at the most
   */
  List<Due> due(Instant now, int most);

  /** What is open, the first {@link #MOST_OPEN} of it. */
  Open open();

  /**
   * What these tenants have committed in a month, in US cents; those that have nothing are left
   * out.
   *
   * @param month {@code yyyy-MM}, UTC
   */
  Map<String, Integer> committed(List<String> tenants, String month);

  /** The control item; a stack that never wrote one is running. */
  Control control();

  /** Stores the control item if it still is the one that was read. */
  boolean write(Control before, Control after);

  /** The order of this form. */
  Optional<Order> order(String formKey);

  /**
   * Stores an order if it still is the one that was read.
   *
   * @param before as read; null for a new one
   */
  boolean write(@Nullable Order before, Order after);

  /** How long an announcement may take before reconcile repeats it. */
  Duration ANNOUNCE_GRACE = Duration.ofSeconds(60);
}
