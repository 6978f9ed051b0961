package dev.understudy.core.task;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One write: the task as it was read and as it shall be. What else moves with it — the places of
 * the stack and the tenant, the money of each month, the history — follows from the two and from
 * nothing else, so no transition can forget it.
 *
 * @param before the task as read; null for a new one
 * @param after the task to store, stamped with the writer's nonce
 * @param guard what must hold of the stack besides
 * @param capCents the tenant's own monthly cap in US cents, which money that is set aside is held
 *     against; null for the stack's
 */
public record Change(@Nullable Task before, Task after, Guard guard, @Nullable Integer capCents) {

  /** What must hold of the stack's control item for the write to count. */
  public enum Guard {
    /** Nothing. */
    NONE,
    /** The stack is not paused, or this task is the probe. */
    MAY_SUBMIT
  }

  /** Checks the edge and that (attempt, rank) does not shrink. */
  public Change {
    if (before != null) {
      boolean nextAttempt = after.attempt() == before.attempt() + 1;
      if (!(nextAttempt || after.attempt() == before.attempt())
          || !Edge.allowed(before.status(), after.status(), nextAttempt)) {
        throw new IllegalStateException(
            "task %s may not go from %s (attempt %d) to %s (attempt %d)"
                .formatted(
                    after.id(),
                    before.status(),
                    before.attempt(),
                    after.status(),
                    after.attempt()));
      }
    }
  }

  /**
   * A change of a stored task.
   *
   * @param nonce fresh for this write; it is what tells whether the write won
   */
  public static Change of(Task before, Task after, Guard guard, String nonce) {
    return new Change(before, after.edit().stamped(nonce).quiet(), guard, null);
  }

  /**
   * A new task.
   *
   * @param nonce fresh for this write
   */
  public static Change create(Task task, String nonce) {
    return new Change(null, task.edit().stamped(nonce).quiet(), Guard.NONE, null);
  }

  /** The same held against a tenant's own cap; null for the stack's. */
  public Change within(@Nullable Integer tenantsCapCents) {
    return new Change(before, after, guard, tenantsCapCents);
  }

  /** Whether people are told: then it has a history item and is announced. */
  public boolean told() {
    return before == null || after.version() > before.version();
  }

  /** Places taken (1), given back (-1) or neither (0). */
  public int places() {
    return count(after.place()) - (before == null ? 0 : count(before.place()));
  }

  /** The same for the tenant's number of waiting tasks. */
  public int waiting() {
    return count(after.waiting()) - (before == null ? 0 : count(before.waiting()));
  }

  /** What moves in each month's ledger, in cents; months with no movement are left out. */
  public Map<String, Money> money() {
    var moves = new TreeMap<String, Money>();
    after.attempts().forEach(a -> moves.merge(a.month(), Money.of(a), Money::plus));
    if (before != null) {
      before.attempts().forEach(a -> moves.merge(a.month(), Money.of(a).negated(), Money::plus));
    }
    moves.values().removeIf(Money.NONE::equals);
    return moves;
  }

  private static int count(boolean counted) {
    return counted ? 1 : 0;
  }

  /**
   * A movement in a month's ledger, in cents.
   *
   * @param reserved set aside
   * @param charged taken by the provider
   * @param unknown possibly taken
   */
  public record Money(int reserved, int charged, int unknown) {

    /** No movement. */
    public static final Money NONE = new Money(0, 0, 0);

    static Money of(Attempt attempt) {
      return switch (attempt.charge()) {
        case RESERVED -> new Money(attempt.cents(), 0, 0);
        case CHARGED -> new Money(0, attempt.cents(), 0);
        case UNKNOWN -> new Money(0, 0, attempt.cents());
        case RETURNED -> NONE;
      };
    }

    Money plus(Money other) {
      return new Money(reserved + other.reserved, charged + other.charged, unknown + other.unknown);
    }

    Money negated() {
      return new Money(-reserved, -charged, -unknown);
    }

    /** What it adds to the amount held against the cap. */
    public int committed() {
      return reserved + charged + unknown;
    }

    /**
     * True when the cap decides: only setting money aside asks it. A charge that turns up late is a
     * fact and is written over the cap.
     */
    public boolean asksCap() {
      return reserved > 0 && committed() > 0;
    }
  }

  /** When the history item and the announcement of this change are dated. */
  public Instant at() {
    return after.updatedAt();
  }
}
