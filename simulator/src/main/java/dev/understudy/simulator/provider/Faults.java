package dev.understudy.simulator.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The faults that are still to happen, oldest first. Not safe for threads: the provider locks. */
final class Faults {
  private static final class Pending {
    final Fault fault;
    int toSkip;
    int left;

    Pending(Fault fault) {
      this.fault = fault;
      this.toSkip = fault.skip() == null ? 0 : fault.skip();
      this.left = fault.times() == null ? 1 : fault.times();
    }
  }

  private final List<Pending> pending = new ArrayList<>();

  void add(Fault fault) {
    pending.add(new Pending(fault));
  }

  void clear() {
    pending.clear();
  }

  List<Fault> list() {
    return pending.stream().map(one -> one.fault).toList();
  }

  /** Uses up one time of the oldest fault that matches. */
  Optional<Fault> take(Point point, @Nullable Long seed, Predicate<Fault> also) {
    for (Pending one : List.copyOf(pending)) {
      if (one.fault.matches(point, seed) && also.test(one.fault) && use(one)) {
        return Optional.of(one.fault);
      }
    }
    return Optional.empty();
  }

  /** Uses up one time of every fault that matches. */
  List<Fault> takeAll(Point point, @Nullable Long seed) {
    return List.copyOf(pending).stream()
        .filter(one -> one.fault.matches(point, seed))
        .filter(this::use)
        .map(one -> one.fault)
        .toList();
  }

  private boolean use(Pending one) {
    if (one.toSkip > 0) {
      one.toSkip--;
      return false;
    }
    if (one.left > 0 && --one.left == 0) {
      pending.remove(one);
    }
    return true;
  }
}
