package dev.understudy.core.watch;

import static dev.understudy.core.watch.Measurement.once;
import static dev.understudy.core.watch.Measurement.seconds;

import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a stored change is to those who watch. Like everything else that moves with a change it
 * follows from the task before and after it and from nothing else, so that no caller can forget it
 * (docs/adr/002).
 */
public final class Transition {

  private Transition() {}

  /**
   * The line of a change.
   *
   * @return empty for one that people are not told of: a poll's turn, a look that found nothing new
   */
  public static Optional<Observation> of(Change change) {
    if (!change.told()) {
      return Optional.empty();
    }
    var before = change.before();
    var after = change.after();
    var facts = new LinkedHashMap<String, Object>();
    facts.put("taskId", after.id());
    facts.put("tenant", after.tenant());
    facts.put("generation", after.generation());
    facts.put("version", after.version());
    facts.put("attempt", after.attempt());
    if (before != null) {
      facts.put("from", before.status().name());
      facts.put("secondsSinceLast", Duration.between(before.updatedAt(), change.at()).toSeconds());
    }
    facts.put("to", after.status().name());
    facts.put("place", after.place());
    facts.put("charged", after.charged());
    if (after.stall() != null) {
      facts.put("stall", after.stall().reason().name());
    }
    if (after.failure() != null) {
      facts.put("failureCode", after.failure().code());
    }
    return Optional.of(
        new Observation(
            after.sentence(),
            facts,
            measurements(before, after, change.at()),
            entered(before, after, TaskStatus.FAILED) && after.failure() != null
                ? FailureReason.of(after.failure())
                : null));
  }

  private static List<Measurement> measurements(@Nullable Task before, Task after, Instant at) {
    var found = new ArrayList<Measurement>();
    if (before == null) {
      found.add(once(Metric.ACCEPTED));
      return found;
    }
    if (entered(before, after, TaskStatus.SUBMITTING)) {
      found.add(once(Metric.SUBMITTED));
    }
    count(
        found,
        Metric.CHARGED,
        after.attempts().stream().filter(attempt -> newlyCharged(before, attempt)).count());
    count(found, Metric.SECOND_CHARGES, unfollowed(after) - unfollowed(before));
    if (before.providerTaskId() == null && after.providerTaskId() != null) {
      found.add(seconds(Metric.SECONDS_QUEUED, Duration.between(after.createdAt(), at)));
    }
    if (entered(before, after, TaskStatus.PERSISTING)) {
      measureRendering(found, before, after);
    }
    if (entered(before, after, TaskStatus.SUCCEEDED)) {
      found.add(once(Metric.SUCCEEDED));
      found.add(new Measurement(Metric.FAILED, 0));
      if (after.doneAt() != null) {
        found.add(seconds(Metric.SECONDS_PERSISTING, Duration.between(after.doneAt(), at)));
      }
    }
    if (entered(before, after, TaskStatus.FAILED)) {
      found.add(once(Metric.FAILED));
    }
    if (!before.status().ended() && after.status().ended() && after.providerTaskId() != null) {
      found.add(new Measurement(Metric.POLLS, after.polls()));
    }
    return found;
  }

  private static void measureRendering(List<Measurement> found, Task before, Task after) {
    var sent = after.submittedAt();
    var done = after.doneAt();
    if (sent == null || done == null) {
      return;
    }
    found.add(seconds(Metric.SECONDS_RENDERING, Duration.between(sent, done)));
    found.add(
        seconds(
            Metric.SECONDS_UNSEEN,
            Duration.between(before.seenAt() == null ? sent : before.seenAt(), done)));
  }

  private static void count(List<Measurement> found, Metric metric, long number) {
    if (number > 0) {
      found.add(new Measurement(metric, number));
    }
  }

  private static boolean entered(@Nullable Task before, Task after, TaskStatus status) {
    return after.status() == status && (before == null || before.status() != status);
  }

  private static boolean newlyCharged(Task before, Attempt attempt) {
    return attempt.charge() == Charge.CHARGED
        && before.attemptNumber(attempt.number()).map(Attempt::charge).orElse(null)
            != Charge.CHARGED;
  }

  /**
   * How many attempts the provider has accepted that bring no video: the task follows another one,
   * or has ended. While neither is so, one that was accepted may still be followed.
   */
  private static long unfollowed(Task task) {
    var followed = task.providerTaskId();
    if (followed == null && !task.status().ended()) {
      return 0;
    }
    return task.attempts().stream()
        .map(Attempt::providerTaskId)
        .filter(id -> id != null && !id.equals(followed))
        .count();
  }
}
