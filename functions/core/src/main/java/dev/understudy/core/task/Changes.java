package dev.understudy.core.task;

import dev.understudy.core.settings.Settings;
import dev.understudy.core.settings.TimeLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every change that may be made to a task, as functions from the task as read to the task to store.
 * They are pure; who may make them is decided by the caller, and whether they count by the table.
 */
public final class Changes {

  /** Pinned inputs are kept this long after acceptance; a task not sent by then fails. */
  public static final Duration INPUTS_KEPT = Duration.ofDays(30);

  private static final int[] RETURN_MINUTES = {1, 5, 15, 60};
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);

  /** Attempts that are kept although nothing was accepted of them, so that an item stays small. */
  private static final int RETURNED_KEPT = 5;

  private Changes() {}

  /**
   * A new task gets its place with its acceptance: it never waits, and people are told once.
   *
   * @param task as accepted, not stored yet
   */
  public static Task acceptedWithPlace(Task task, Instant now, Settings settings) {
    return task.edit()
        .place(true)
        .generation(1)
        .dueAt(now.plus(settings.dueGrace()))
        .retold(
            "It is accepted, has a place at the provider and is being started.",
            "It is sent to the provider.");
  }

  /** A place is given: the generation rises and an execution may start. */
  public static Task admitted(Task task, Instant now, Settings settings) {
    return task.edit()
        .place(true)
        .notBefore(null)
        .generation(task.generation() + 1)
        .dueAt(now.plus(settings.dueGrace()))
        .told(
            now,
            "It has a place at the provider and is being started.",
            "It is sent to the provider.");
  }

  /**
   * The POST is about to be made, by this owner alone.
   *
   * @throws IllegalStateException when an attempt was accepted already
   */
  public static Task submitting(Task task, Instant now, String owner, Settings settings) {
    if (task.acceptedAttempt().isPresent()) {
      throw new IllegalStateException("task " + task.id() + " has been accepted already");
    }
    var leaseUntil = now.plus(TimeLimits.lease(settings.submitTimeout()));
    return task.edit()
        .status(TaskStatus.SUBMITTING)
        .attempt(task.currentAttempt().ownedBy(owner, leaseUntil))
        .dueAt(leaseUntil)
        .told(
            now,
            "It is being sent to the provider.",
            "The provider answers with its id; if no answer comes, it is not sent again by itself.");
  }

  /**
   * Back to waiting without anything having been sent: it could not be started, or Submit failed
   * before the POST. Each return waits longer: 1, 5, 15, 60 minutes.
   *
   * @param task QUEUED, or SUBMITTING by the caller itself, who knows that nothing was sent
   */
  public static Task returned(Task task, Instant now, String why) {
    var pause =
        Duration.ofMinutes(RETURN_MINUTES[Math.min(task.returns(), RETURN_MINUTES.length - 1)]);
    var edit = task.status() == TaskStatus.QUEUED ? task.edit() : nextAttempt(task, why);
    return edit.place(false)
        .returns(task.returns() + 1)
        .notBefore(now.plus(pause))
        .dueAt(null)
        .told(
            now,
            sentence(why) + " Nothing was sent, nothing was paid.",
            "It is started again in %s.".formatted(words(pause)));
  }

  /**
   * Back to waiting because the stack does not submit now (paused, or the provider asked to wait).
   */
  public static Task heldBack(Task task, Instant now, String why) {
    return task.edit()
        .place(false)
        .dueAt(null)
        .told(
            now,
            sentence(why) + " Nothing was sent, nothing was paid.",
            "It is started again once the stack submits again.");
  }

  /**
   * The provider certainly did not accept it, and may later: the next attempt waits.
   *
   * @param forbidden true for a 403, which may be this task's own: its second one ends it if
   *     another task passes in between
   */
  public static Task refused(Task task, Instant now, String sentence, boolean forbidden) {
    var old = task.refusal();
    var refusal =
        new Refusal(
            old == null ? now : old.first(),
            old == null ? 1 : old.count() + 1,
            old != null && old.forbiddenAt() != null ? old.forbiddenAt() : forbidden ? now : null,
            sentence);
    return nextAttempt(task, sentence)
        .refusal(refusal)
        .dueAt(null)
        .told(
            now,
            "The provider did not accept it: %s Nothing was paid.".formatted(sentence(sentence)),
            "It is sent again as soon as the provider takes tasks.");
  }

  /** The provider refused this very request, or would not take it in time: the end, not charged. */
  public static Task rejected(Task task, Instant now, Failure failure) {
    return ended(unsent(task, failure.sentence()), TaskStatus.FAILED)
        .failure(failure)
        .told(
            now,
            sentence(failure.sentence()) + " Nothing was paid.",
            "Nothing: this is the end of the task.");
  }

  /** This attempt certainly came to nothing; the next one waits with the same money. */
  private static Task.Builder nextAttempt(Task task, String outcome) {
    var current = task.currentAttempt();
    var next = Attempt.reserved(current.number() + 1, current.cents(), current.month());
    return unsent(task, outcome)
        .forgetReturned(RETURNED_KEPT)
        .attempt(next)
        .attempt(next.number())
        .status(TaskStatus.QUEUED);
  }

  private static Task.Builder unsent(Task task, String outcome) {
    return task.edit().place(false).attempt(task.currentAttempt().with(Charge.RETURNED, outcome));
  }

  /** The POST may or may not have been accepted. */
  public static Task unknown(Task task, Instant now, String why) {
    return task.edit()
        .status(TaskStatus.SUBMISSION_UNKNOWN)
        .place(false)
        .attempt(task.currentAttempt().with(Charge.UNKNOWN, why))
        .dueAt(null)
        .told(
            now,
            "It is not known whether the provider accepted it: %s".formatted(sentence(why)),
            "It is not sent again by itself, because it may be paid already. If the provider's id"
                + " still arrives it goes on; otherwise a person decides (docs/operations.md).");
  }

  /**
   * Writes a provider's id to its attempt, whatever the task's status is, and follows it where
   * nothing else is followed yet.
   *
   * @param attempt the attempt whose POST brought it
   * @param own true when the invocation that made the POST goes on itself; otherwise the task is
   *     due at once, because no execution may be left
   * @return the changed task, or empty when that id is on record already
   */
  public static Optional<Task> idRecorded(
      Task task, int attempt, String providerTaskId, Instant now, boolean own, Settings settings) {
    var current = task.currentAttempt();
    var posted =
        task.attemptNumber(attempt)
            .orElseGet(() -> Attempt.reserved(attempt, current.cents(), current.month()));
    if (providerTaskId.equals(posted.providerTaskId())) {
      return Optional.empty();
    }
    var edit = task.edit().attempt(posted.accepted(providerTaskId));
    boolean waitingForThis =
        task.attempt() == attempt
            && (task.status() == TaskStatus.SUBMITTING
                || task.status() == TaskStatus.SUBMISSION_UNKNOWN);
    boolean nextNotSentYet = task.attempt() > attempt && task.status() == TaskStatus.QUEUED;
    if (!waitingForThis && !nextNotSentYet) {
      return Optional.of(
          edit.told(
              now,
              task.providerTaskId() == null
                  ? "The provider accepted attempt %d after all, so that it is charged."
                      .formatted(attempt)
                  : "A second charge was seen: the provider also accepted attempt %d. %s"
                      .formatted(attempt, task.sentence()),
              task.next()));
    }
    if (nextNotSentYet) {
      edit.attempt(notNeeded(current));
    }
    return Optional.of(following(edit, providerTaskId, now, own, settings));
  }

  /**
   * A waiting task of which an earlier attempt turned out to be accepted follows that one and sends
   * nothing more.
   *
   * @param accepted an attempt with a provider's id
   */
  public static Task earlierFollowed(Task task, Attempt accepted, Instant now, Settings settings) {
    var id = Objects.requireNonNull(accepted.providerTaskId());
    var edit = task.edit().attempt(notNeeded(task.currentAttempt()));
    return following(edit, id, now, false, settings);
  }

  private static Attempt notNeeded(Attempt reserved) {
    return reserved.with(Charge.RETURNED, "not needed: an earlier attempt was accepted");
  }

  private static Task following(
      Task.Builder edit, String providerTaskId, Instant now, boolean own, Settings settings) {
    var firstPoll = now.plus(settings.pollFirst());
    return edit.status(TaskStatus.SUBMITTED)
        .providerTaskId(providerTaskId)
        .submittedAt(now)
        .nextPollAt(firstPoll)
        .notBefore(null)
        .idleGenerations(0)
        .dueAt(own ? firstPoll.plus(settings.dueGrace()) : now)
        .told(
            now,
            "The provider has accepted it.",
            "It is rendered; we ask for it from time to time.");
  }

  /**
   * The provider is at work.
   *
   * @param nextPoll when it is asked again
   * @param progress 0 to 1, or null when it does not say
   */
  public static Task working(
      Task task,
      Instant now,
      String providerStatus,
      @Nullable Double progress,
      Instant nextPoll,
      Settings settings) {
    var edit =
        task.edit()
            .providerStatus(providerStatus)
            .progress(progress)
            .notVisibleSince(null)
            .nextPollAt(nextPoll)
            .idleGenerations(0)
            .dueAt(nextPoll.plus(settings.dueGrace()));
    if (task.stall() == null) {
      return edit.quiet();
    }
    return edit.stall(null)
        .told(
            now,
            "The provider is at work on it again.",
            "It is rendered; we ask for it from time to time.");
  }

  /**
   * The answer said nothing that counts (not yet visible, done without a video, an error): ask
   * again.
   *
   * @param notVisible whether the provider does not know the id
   * @param done whether the provider says it is done
   */
  public static Task notYet(
      Task task,
      Instant now,
      boolean notVisible,
      boolean done,
      Instant nextPoll,
      Settings settings) {
    return task.edit()
        .notVisibleSince(notVisible ? first(task.notVisibleSince(), now) : task.notVisibleSince())
        .doneAt(done ? first(task.doneAt(), now) : task.doneAt())
        .nextPollAt(nextPoll)
        .dueAt(nextPoll.plus(settings.dueGrace()))
        .quiet();
  }

  /** The provider has finished and names a video. The place is free. */
  public static Task persisting(Task task, Instant now, Settings settings) {
    return task.edit()
        .status(TaskStatus.PERSISTING)
        .place(false)
        .progress(1.0)
        .doneAt(first(task.doneAt(), now))
        .notVisibleSince(null)
        .stall(null)
        .deliveryTries(0)
        .idleGenerations(0)
        .nextPollAt(now.plus(settings.pollMin()))
        .dueAt(now.plus(TimeLimits.PERSIST_FUNCTION).plus(settings.dueGrace()))
        .told(
            now,
            "The provider has finished; the video is being copied and checked.",
            "The video lands in the bucket.");
  }

  /** A try to deliver failed and is repeated by the same execution. */
  public static Task deliveryFailed(Task task, Instant nextPoll, Settings settings) {
    return persistingAt(task.edit().deliveryTries(task.deliveryTries() + 1), nextPoll, settings);
  }

  /** The provider named no video when it was asked for one; the same execution asks again. */
  public static Task askedAgain(Task task, Instant nextPoll, Settings settings) {
    return persistingAt(task.edit(), nextPoll, settings);
  }

  private static Task persistingAt(Task.Builder edit, Instant nextPoll, Settings settings) {
    return edit.nextPollAt(nextPoll)
        .dueAt(nextPoll.plus(TimeLimits.PERSIST_FUNCTION).plus(settings.dueGrace()))
        .quiet();
  }

  /** Something stands in the way of a task whose id is on record; it keeps its status. */
  public static Task stalled(
      Task task, Instant now, Stall.Reason reason, String sentence, Settings settings) {
    var old = task.stall();
    var closed = sentence(sentence);
    var stall = old == null ? Stall.begin(reason, closed, now) : old.again(reason, closed);
    boolean person = stall.needsPerson(now);
    return task.edit()
        .place(false)
        .stall(stall)
        .deliveryTries(0)
        .idleGenerations(0)
        .dueAt(person ? null : now.plus(stall.pause(settings.stallRetry())))
        .told(
            now,
            closed,
            person
                ? "A person has to look at it (docs/operations.md); it is not given up."
                : "It is tried again in %s; it is not given up."
                    .formatted(words(stall.pause(settings.stallRetry()))));
  }

  /** The provider ended the task without a video. Whether it keeps the money is not documented. */
  public static Task failedByProvider(Task task, Instant now, Failure failure) {
    var edit = ended(task.edit(), TaskStatus.FAILED).failure(failure);
    task.attempts().stream()
        .filter(a -> a.charge() == Charge.CHARGED)
        .filter(
            a -> task.providerTaskId() != null && task.providerTaskId().equals(a.providerTaskId()))
        .forEach(
            a -> edit.attempt(a.with(Charge.UNKNOWN, "accepted, then failed by the provider")));
    return edit.told(
        now,
        sentence(failure.sentence()),
        "Nothing: this is the end of the task. The provider may have kept the charge; order again to try again.");
  }

  /** The video lies in the bucket, checked. */
  public static Task succeeded(Task task, Instant now, Output output, List<String> unexpected) {
    var warnings = new ArrayList<>(task.warnings());
    unexpected.stream().filter(w -> !warnings.contains(w)).forEach(warnings::add);
    return ended(task.edit(), TaskStatus.SUCCEEDED)
        .output(output)
        .progress(1.0)
        .warnings(List.copyOf(warnings))
        .told(
            now,
            "The video %s is in the bucket.".formatted(output.key()),
            "Nothing: the shot is finished.");
  }

  /**
   * A new execution takes over; every older one becomes a bystander. It is late only when its turn
   * to ask the provider has come and a grace has passed.
   */
  public static Task nextGeneration(Task task, Instant now, Settings settings) {
    var grace = settings.dueGrace().multipliedBy(1L << Math.min(task.idleGenerations(), 10));
    if (task.status() == TaskStatus.PERSISTING) {
      grace = grace.plus(TimeLimits.PERSIST_FUNCTION);
    }
    if (grace.compareTo(LONGEST_GRACE) > 0) {
      grace = LONGEST_GRACE;
    }
    var turn = task.nextPollAt();
    var starts = turn != null && turn.isAfter(now) ? turn : now;
    var stall = task.stall();
    var edit =
        task.edit()
            .generation(task.generation() + 1)
            .idleGenerations(task.idleGenerations() + 1)
            .dueAt(starts.plus(grace));
    return stall == null
        ? edit.told(now, "Its execution was lost; a new one takes over.", task.next())
        : edit.told(
            now,
            "It is tried again after this: %s".formatted(stall.sentence()),
            "If it does not get on now, it is tried again later; it is not given up.");
  }

  /** Taken back by its user before anything was sent. */
  public static Task cancelled(Task task, Instant now) {
    return ended(unsent(task, "cancelled"), TaskStatus.CANCELLED)
        .told(
            now,
            "It was cancelled before it was sent. Nothing was paid.",
            "Nothing: this is the end of the task.");
  }

  private static Task.Builder ended(Task.Builder edit, TaskStatus end) {
    return edit.status(end)
        .place(false)
        .stall(null)
        .dueAt(null)
        .notBefore(null)
        .nextPollAt(null)
        .callerUris(null);
  }

  private static Instant first(@Nullable Instant earlier, Instant now) {
    return earlier == null ? now : earlier;
  }

  /** What came from elsewhere, closed like a sentence of ours. */
  private static String sentence(String text) {
    var stripped = text.strip();
    return stripped.matches("(?s).*[.!?…]") ? stripped : stripped + ".";
  }

  private static String words(Duration pause) {
    return pause.toSeconds() % 60 == 0 && pause.toMinutes() > 0
        ? pause.toMinutes() + " min"
        : pause.toSeconds() + " s";
  }
}
