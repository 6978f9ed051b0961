package dev.understudy.adapters.dynamodb;

import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What is stored: each record with its key, its places in the two indexes and the time at which the
 * table forgets it. GSI1 lists a tenant's tasks by age; GSI2 holds only what somebody has to look
 * at: waiting tasks by age, those that wait for a person by their last change, all else by the time
 * it is due.
 */
final class Items {

  static final String WRITER = "writer";
  static final String GSI1 = "GSI1";
  static final String GSI2 = "GSI2";
  static final String DUE = "DUE";
  static final String PERSON = "PERSON";

  private static final String EXPIRES_AT = "expiresAt";

  /** A task's history outlives its longest way through the pipeline by this. */
  private static final Duration HISTORY_KEPT = Duration.ofDays(60);

  private Items() {}

  /**
   * A task.
   *
   * @param at the time of the change, from which an ended task is kept
   * @param retention how long; zero keeps it
   */
  static Map<String, AttributeValue> task(Task task, Instant at, Duration retention) {
    var item = Attributes.of(task);
    item.putAll(Key.task(task.id()).attributes());
    item.putAll(listed(task.tenant(), task.createdAt(), task.id()));
    if (task.waiting()) {
      item.put("gsi2pk", Attributes.of(waitingOf(task.tenant())));
      item.put("gsi2sk", Attributes.of(task.createdAt()));
    } else if (task.waitsForPerson()) {
      item.put("gsi2pk", Attributes.of(PERSON));
      item.put("gsi2sk", Attributes.of(task.updatedAt()));
    } else {
      due(item, task.dueAt());
    }
    if (task.status().ended()) {
      expire(item, at, retention);
    }
    return item;
  }

  /** What people were told at a change. */
  static Map<String, AttributeValue> history(Change change, Duration retention) {
    var task = change.after();
    var item = keyed(Key.history(task.id(), task.version()));
    item.put("at", Attributes.of(change.at()));
    item.put("status", Attributes.of(task.status().name()));
    item.put("attempt", Attributes.of(task.attempt()));
    item.put("generation", Attributes.of(task.generation()));
    item.put("version", Attributes.of(task.version()));
    item.put("sentence", Attributes.of(task.sentence()));
    item.put("next", Attributes.of(task.next()));
    item.put(WRITER, Attributes.of(writer(change)));
    expire(item, task.createdAt().plus(HISTORY_KEPT), retention);
    return item;
  }

  /** That a change is still to be announced. */
  static Map<String, AttributeValue> outbox(Change change) {
    var item = keyed(Key.outbox(change.after().id()));
    item.put("version", Attributes.of(change.after().version()));
    due(item, change.at().plus(TaskStore.ANNOUNCE_GRACE));
    return item;
  }

  /** An order, with the revision that this write gives it. */
  static Map<String, AttributeValue> order(Order order, long rev, String writer) {
    var item = Attributes.of(order);
    item.putAll(Key.order(order.formKey()).attributes());
    due(item, order.dueAt());
    return stamped(item, rev, writer);
  }

  /** What is remembered of the sends of one order, with the revision that this write gives it. */
  static Map<String, AttributeValue> replay(Replay replay, long rev, String writer) {
    var item = Attributes.of(replay);
    item.putAll(Key.replay(replay.key()).attributes());
    // in whole seconds, and not in the second before
    item.put(EXPIRES_AT, Attributes.of(replay.forgottenAt().plusSeconds(1).getEpochSecond()));
    return stamped(item, rev, writer);
  }

  /**
   * A decision about the stack.
   *
   * @param pauses the number of this pause or resumption
   */
  static Map<String, AttributeValue> decision(Decision decision, long pauses, Duration retention) {
    var item = Attributes.of(decision);
    item.putAll(Key.decision(pauses).attributes());
    expire(item, decision.at(), retention);
    return item;
  }

  /** The control item, with the revision that this write gives it. */
  static Map<String, AttributeValue> control(Control control, long rev, String writer) {
    var item = Attributes.of(control);
    item.putAll(Key.CONTROL.attributes());
    return stamped(item, rev, writer);
  }

  /** The nonce of a change; {@link Change#of} and {@link Change#create} never leave it out. */
  static String writer(Change change) {
    return Objects.requireNonNull(change.after().writer(), "a change without a writer");
  }

  /** The revision that a change was made from; 0 for a new task. */
  static long revBefore(Change change) {
    var before = change.before();
    return before == null ? 0 : before.rev();
  }

  /** The partition of GSI1 with a tenant's tasks. */
  static String tasksOf(String tenant) {
    return "TENANT#" + tenant;
  }

  /** All the keys of a task in a tenant's list. */
  static Map<String, AttributeValue> listedAt(String tenant, Instant createdAt, String id) {
    return with(listed(tenant, createdAt, id), Key.task(id).attributes());
  }

  /** When a task in a list was accepted. */
  static Instant listedSince(Map<String, AttributeValue> item) {
    var place = Attributes.text(item, "gsi1sk");
    return Instant.parse(place.substring(0, place.indexOf('#')));
  }

  private static Map<String, AttributeValue> listed(String tenant, Instant createdAt, String id) {
    return Map.of(
        "gsi1pk", Attributes.of(tasksOf(tenant)),
        "gsi1sk", Attributes.of(Attributes.of(createdAt).s() + "#" + id));
  }

  /** An item with more in it. */
  static Map<String, AttributeValue> with(
      Map<String, AttributeValue> item, Map<String, AttributeValue> more) {
    var both = new HashMap<>(item);
    both.putAll(more);
    return both;
  }

  /** The partition of GSI2 with a tenant's waiting tasks. */
  static String waitingOf(String tenant) {
    return "WAIT#" + tenant;
  }

  /** Whether this very write made the stored item. */
  static boolean writtenBy(String writer, Map<String, AttributeValue> stored) {
    return Attributes.optionalText(stored, WRITER).filter(writer::equals).isPresent();
  }

  private static Map<String, AttributeValue> keyed(Key key) {
    return new HashMap<>(key.attributes());
  }

  private static Map<String, AttributeValue> stamped(
      Map<String, AttributeValue> item, long rev, String writer) {
    item.put("rev", Attributes.of(rev));
    item.put(WRITER, Attributes.of(writer));
    return item;
  }

  private static void due(Map<String, AttributeValue> item, @Nullable Instant at) {
    if (at != null) {
      item.put("gsi2pk", Attributes.of(DUE));
      item.put("gsi2sk", Attributes.of(at));
    }
  }

  private static void expire(Map<String, AttributeValue> item, Instant from, Duration retention) {
    if (retention.isPositive()) {
      item.put(EXPIRES_AT, Attributes.of(from.plus(retention).getEpochSecond()));
    }
  }
}
