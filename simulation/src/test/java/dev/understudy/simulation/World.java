package dev.understudy.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Time, chance and order of one history: what is due next happens next, one thing at a time. */
final class World {

  private record Event(Instant at, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Event> agenda = new PriorityQueue<>();
  private final @Nullable List<String> trace;
  private final Instant began;
  private long events;
  private Instant now;
  private @Nullable Invocation current;

  /** The invocations that stand still somewhere in their code. */
  final List<Invocation> standing = new ArrayList<>();

  /** What happens, by chance. */
  final SplittableRandom fate;

  World(long seed, Instant now, boolean traced) {
    this.fate = new SplittableRandom(seed);
    this.began = now;
    this.now = now;
    this.trace = traced ? new ArrayList<>() : null;
  }

  Instant now() {
    return now;
  }

  /** Has something happen at that time, after what is to happen then already. */
  void at(Instant when, Runnable action) {
    agenda.add(new Event(when.isBefore(now) ? now : when, events++, action));
  }

  void in(Duration time, Runnable action) {
    at(now.plus(time), action);
  }

  /** When something happens next; null when nothing will. */
  @Nullable Instant next() {
    var first = agenda.peek();
    return first == null ? null : first.at;
  }

  /** Lets happen what is next. */
  void step() {
    var event = agenda.remove();
    now = event.at;
    event.action.run();
  }

  /** Lets time pass up to a moment at which nothing is on the agenda. */
  void advance(Instant to) {
    now = to;
  }

  /** The invocation whose code runs now; null while none does. */
  @Nullable Invocation current() {
    return current;
  }

  void current(@Nullable Invocation invocation) {
    current = invocation;
  }

  /** Notes a line for people; the supplier is asked only if anybody reads it. */
  void say(Supplier<String> line) {
    if (trace != null) {
      var time = Duration.between(began, now);
      trace.add(
          "%3dh%02dm%02d.%03ds  %s%s"
              .formatted(
                  time.toHours(),
                  time.toMinutesPart(),
                  time.toSecondsPart(),
                  time.toMillisPart(),
                  current == null ? "" : current + " ",
                  line.get()));
    }
  }

  /** What was noted. */
  List<String> trace() {
    return trace == null ? List.of() : List.copyOf(trace);
  }

  boolean chance(double probability) {
    return fate.nextDouble() < probability;
  }

  /** Whole milliseconds up to that, evenly. */
  Duration upTo(Duration most) {
    return Duration.ofMillis(fate.nextLong(most.toMillis() + 1));
  }

  <T> T oneOf(List<T> list) {
    return list.get(fate.nextInt(list.size()));
  }
}
