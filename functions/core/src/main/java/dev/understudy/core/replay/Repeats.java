package dev.understudy.core.replay;

import dev.understudy.core.replay.Replay.Made;
import dev.understudy.core.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a send is a new order (docs/adr/011-replay.md). The decision counts only if the
 * record is still the one that it was made from: it is written in the transaction that accepts the
 * task, or over the revision that was read, and else decided anew.
 */
public final class Repeats {

  /** How long a key, or a body that names a seed, stands for the task that it made. */
  public static final Duration KEY_LIFE = Duration.ofHours(24);

  /**
   * How far apart the sends of one call lie at most. The SDKs send three times, wait 60 s for each
   * answer and pause up to 60 s in between.
   */
  public static final Duration CALL_LIFE = Duration.ofMinutes(5);

  /** How many tasks a record remembers. */
  public static final int MOST = 80;

  /** Sends with a higher retry count are repeats of whatever there is; a bit each would not fit. */
  static final int MOST_COUNTED = 30;

  private final Function<String, Optional<Task>> tasks;

  /**
   * @param tasks reads the task of an id
   */
  public Repeats(Function<String, Optional<Task>> tasks) {
    this.tasks = tasks;
  }

  /**
   * What a send is.
   *
   * @param stored the record of its earlier sends as read; null for none
   * @param newTask the id that a task made by it would have
   */
  public Verdict judge(Send send, @Nullable Replay stored, String newTask, Instant now) {
    return switch (send) {
      case Send.Single single -> new Verdict.Order();
      case Send.Keyed keyed -> judge(keyed, stored, newTask, now);
      case Send.Counted counted -> judge(counted, stored, newTask, now);
    };
  }

  private Verdict judge(Send.Keyed send, @Nullable Replay stored, String newTask, Instant now) {
    int count = Math.min(send.count(), MOST_COUNTED);
    if (stored != null && now.isBefore(stored.forgottenAt())) {
      if (!stored.body().equals(send.body())) {
        return new Verdict.OtherBody();
      }
      var last = stored.made().getLast();
      boolean sameCall = !last.has(count) && now.isBefore(last.lastSend().plus(CALL_LIFE));
      var earlier = tasks.apply(last.task()).filter(task -> sameCall || stands(task));
      if (earlier.isPresent()) {
        return new Verdict.Repeat(earlier.get());
      }
    }
    return new Verdict.Remembered(
        stored,
        new Replay(
            send.record(),
            send.body(),
            List.of(new Made(newTask, now, 1 << count)),
            now.plus(KEY_LIFE),
            rev(stored)));
  }

  private Verdict judge(Send.Counted send, @Nullable Replay stored, String newTask, Instant now) {
    var made = new ArrayList<>(stored == null ? List.<Made>of() : stored.made());
    made.removeIf(m -> !now.isBefore(m.lastSend().plus(CALL_LIFE)));
    int count = Math.min(send.count(), MOST_COUNTED);
    var places = places(made, send.count() > MOST_COUNTED ? MOST_COUNTED + 1 : count);
    int given = -1;
    @Nullable Task repeated = null;
    for (int place : places) {
      var task = tasks.apply(made.get(place).task()).orElse(null);
      if (task != null && (repeated == null || stands(task))) {
        given = place;
        repeated = task;
        if (stands(task)) {
          break;
        }
      }
    }
    if (repeated != null && stored != null) {
      made.set(given, made.get(given).and(count, now));
      return new Verdict.CountedRepeat(repeated, stored, record(send, stored, made, now));
    }
    if (made.size() == MOST) {
      return new Verdict.TooMany();
    }
    made.add(new Made(newTask, now, 1 << count));
    return new Verdict.Remembered(stored, record(send, stored, made, now));
  }

  /**
   * The tasks that a send with this retry count may be a repeat of, the likeliest first; none when
   * each was answered to such a send already. A first send that comes late belongs to the oldest
   * task that lacks one; a retry follows the send before it, and of several the youngest, because
   * the calls before were probably answered. Of these the first that stands is given, and else the
   * first whatever has become of it, as the call would have heard if its answer had not been lost.
   */
  private static List<Integer> places(List<Made> made, int count) {
    var all = IntStream.range(0, made.size()).boxed();
    if (count == 0) {
      return all.filter(i -> !made.get(i).has(0)).toList();
    }
    return all.filter(i -> count > MOST_COUNTED || !made.get(i).has(count))
        .sorted(
            Comparator.comparing((Integer i) -> follows(made.get(i), count))
                .thenComparing(i -> i)
                .reversed())
        .toList();
  }

  private static boolean follows(Made made, int count) {
    return count <= MOST_COUNTED && made.has(count - 1);
  }

  private static Replay record(
      Send.Counted send, @Nullable Replay stored, List<Made> made, Instant now) {
    return new Replay(send.record(), send.body(), made, now.plus(CALL_LIFE), rev(stored));
  }

  private static long rev(@Nullable Replay stored) {
    return stored == null ? 0 : stored.rev();
  }

  /**
   * Whether a task is still what was ordered. One that is hidden, cancelled or failed is not: who
   * orders again wants another one.
   */
  private static boolean stands(Task task) {
    return task.hiddenAt() == null
        && switch (task.status()) {
          case QUEUED, SUBMITTING, SUBMISSION_UNKNOWN, SUBMITTED, PERSISTING, SUCCEEDED -> true;
          case CANCELLED, FAILED -> false;
        };
  }
}
