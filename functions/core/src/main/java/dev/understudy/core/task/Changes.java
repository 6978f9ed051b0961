package dev.understudy.core.task;

import dev.understudy.core.settings.Settings;
import dev.understudy.core.settings.TimeLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
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

  /** What the provider says of a task that waits for its own turn there. */
  private static final String THROTTLED = "THROTTLED";

  private static final int[] RETURN_MINUTES = {1, 5, 15, 60};
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);

  /** Attempts that are kept although nothing was accepted of them, so that an item stays small. */
  private static final int RETURNED_KEPT = 5;

  /** So much later than its lease ends may a task that is being sent be looked at. */
  private static final Duration LITTLE_LATER = Duration.ofMinutes(1);

  private static final String END = "Nothing: this is the end of the task.";
  private static final String ACCEPTED = "The provider has accepted it.";
  private static final String RENDERED = "It is rendered; we ask for it from time to time.";

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
        .dueAt(due(task, leaseUntil, leaseUntil.plus(LITTLE_LATER), leaseUntil))
        .told(
            now,
            "It is being sent to the provider.",
            "The provider answers with its id; if no answer comes, it is not sent again by itself.");
  }

  /**
   * Back to waiting without anything having been sent: it could not be started, or Submit failed
   * before the POST. Each return waits longer: 1, 5, 15, 60 minutes.
   *
   * <p>A task that was deleted meanwhile does not wait again ({@link #hidden}).
   *
   * @param task QUEUED, or SUBMITTING by the caller itself, who knows that nothing was sent
   */
  public static Task returned(Task task, Instant now, String why) {
    var instead = insteadOfWaiting(task, now, why);
    if (instead.isPresent()) {
      return instead.get();
    }
    var pause =
        Duration.ofMinutes(RETURN_MINUTES[Math.min(task.returns(), RETURN_MINUTES.length - 1)]);
    var edit = task.status() == TaskStatus.QUEUED ? task.edit() : nextAttempt(task, why);
    return edit.place(false)
        .returns(task.returns() + 1)
        .notBefore(now.plus(pause))
        .dueAt(null)
        .told(
            now,
            sentence(why) + " " + nothing("sent, nothing was paid", task),
            "It is started again in %s.".formatted(words(pause)));
  }

  /**
   * Back to waiting because the stack does not submit now (paused, or the provider asked to wait).
   *
   * <p>A task that was deleted meanwhile does not wait again ({@link #hidden}).
   */
  public static Task heldBack(Task task, Instant now, String why) {
    var instead = insteadOfWaiting(task, now, why);
    if (instead.isPresent()) {
      return instead.get();
    }
    return task.edit()
        .place(false)
        .dueAt(null)
        .told(
            now,
            sentence(why) + " " + nothing("sent, nothing was paid", task),
            "It is started again once the stack submits again.");
  }

  /**
   * The provider certainly did not accept it, and may later: the next attempt waits.
   *
   * <p>A task that was deleted meanwhile does not wait again ({@link #hidden}).
   *
   * @param forbidden true for a 403, which may be this task's own: its second one ends it if
   *     another task passes in between
   */
  public static Task refused(Task task, Instant now, String sentence, boolean forbidden) {
    var why = "The provider did not accept it: %s".formatted(sentence(sentence));
    var instead = insteadOfWaiting(task, now, why);
    if (instead.isPresent()) {
      return instead.get();
    }
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
            why + " " + nothing("paid", task),
            "It is sent again as soon as the provider takes tasks.");
  }

  /** The provider refused this very request, or would not take it in time: the end, not charged. */
  public static Task rejected(Task task, Instant now, Failure failure) {
    var instead = insteadOfItself(task, Charge.RETURNED, failure.sentence(), now);
    if (instead.isPresent()) {
      return instead.get();
    }
    return ended(unsent(task, failure.sentence()), TaskStatus.FAILED)
        .failure(failure)
        .told(now, sentence(failure.sentence()) + " " + nothing("paid", task), END);
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

  /**
   * Where another attempt has been accepted, that one is followed, whatever becomes of this one: it
   * is paid for. It was accepted long ago, so it is asked for at once.
   */
  private static Optional<Task> insteadOfItself(
      Task task, Charge charge, String outcome, Instant now) {
    return task.acceptedAttempt()
        .map(accepted ->
            following(
                task.edit().place(false).attempt(task.currentAttempt().with(charge, outcome)),
                Objects.requireNonNull(accepted.providerTaskId()),
                now,
                now,
                now,
                "%s Attempt %d was accepted, so that one is followed."
                    .formatted(sentence(outcome), accepted.number())));
  }

  /** What becomes of a task that would wait again, if it is anything else. */
  private static Optional<Task> insteadOfWaiting(Task task, Instant now, String why) {
    var instead = insteadOfItself(task, Charge.RETURNED, why, now);
    if (instead.isPresent() || task.hiddenAt() == null) {
      return instead;
    }
    return Optional.of(
        ended(unsent(task, why), TaskStatus.CANCELLED)
            .told(
                now,
                "%s It was deleted meanwhile, so it is cancelled. %s"
                    .formatted(sentence(why), nothing("paid", task)),
                END));
  }

  /**
   * What did not happen for the attempt that a task is in, without denying what may have happened
   * for the others.
   */
  private static String nothing(String done, Task task) {
    var others = task.attempts().stream().filter(a -> a.number() != task.attempt()).toList();
    for (var charge : List.of(Charge.CHARGED, Charge.UNKNOWN)) {
      var paid = others.stream().filter(a -> a.charge() == charge).findFirst();
      if (paid.isPresent()) {
        return "Nothing was %s for this attempt; attempt %d %s."
            .formatted(
                done,
                paid.get().number(),
                charge == Charge.CHARGED ? "was paid" : "may have been paid");
      }
    }
    return "Nothing was %s.".formatted(done);
  }

  /** The POST may or may not have been accepted. */
  public static Task unknown(Task task, Instant now, String why) {
    var instead = insteadOfItself(task, Charge.UNKNOWN, why, now);
    if (instead.isPresent()) {
      return instead.get();
    }
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
   * nothing else is followed yet, or another id that only a person had attached to that attempt.
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
    boolean nextUnknown =
        task.attempt() > attempt && task.status() == TaskStatus.SUBMISSION_UNKNOWN;
    boolean otherAttached =
        task.status() == TaskStatus.SUBMITTED
            && posted.attachedBy() != null
            && task.attempt() == attempt;
    if (!waitingForThis && !nextNotSentYet && !nextUnknown && !otherAttached) {
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
    return Optional.of(
        following(
            edit,
            providerTaskId,
            now,
            own ? due(task, now.plus(settings.pollFirst()), settings) : now,
            settings,
            otherAttached
                ? "The provider's own answer came after all and names another id than the one attached by a person: it is followed."
                : ACCEPTED));
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
    return following(edit, id, now, now, settings, ACCEPTED);
  }

  private static Attempt notNeeded(Attempt reserved) {
    return reserved.with(Charge.RETURNED, "not needed: an earlier attempt was accepted");
  }

  private static Task following(
      Task.Builder edit,
      String providerTaskId,
      Instant now,
      Instant dueAt,
      Settings settings,
      String sentence) {
    var firstPoll = now.plus(settings.pollFirst());
    return following(edit, providerTaskId, now, firstPoll, dueAt, sentence);
  }

  private static Task following(
      Task.Builder edit,
      String providerTaskId,
      Instant now,
      Instant firstPoll,
      Instant dueAt,
      String sentence) {
    return edit.status(TaskStatus.SUBMITTED)
        .providerTaskId(providerTaskId)
        .submittedAt(now)
        .seenAt(null)
        .throttledAt(null)
        .nextPollAt(firstPoll)
        .providerStatus(null)
        .notVisibleSince(null)
        .doneAt(null)
        .stall(null)
        .notBefore(null)
        .idleGenerations(0)
        .dueAt(dueAt)
        .told(now, sentence, RENDERED);
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
            .seenAt(now)
            .throttledAt(THROTTLED.equals(providerStatus) ? now : task.throttledAt())
            .notVisibleSince(null)
            .nextPollAt(nextPoll)
            .idleGenerations(0)
            .dueAt(due(task, nextPoll, settings));
    if (task.stall() == null) {
      return edit.quiet();
    }
    return edit.stall(null).told(now, "The provider is at work on it again.", RENDERED);
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
        .dueAt(due(task, nextPoll, settings))
        .quiet();
  }

  /** When the next poll is missed: a grace after it, or at least half of one. */
  private static Instant due(Task task, Instant nextPoll, Settings settings) {
    var grace = settings.dueGrace();
    var most = nextPoll.plus(grace);
    return due(task, nextPoll.plus(grace.dividedBy(2)), most, most);
  }

  /**
   * When a task is due: as stored, where that is neither too early nor too late, because another
   * time costs an entry of an index that is deleted and one that is written.
   *
   * @param otherwise what is stored if it is
   */
  private static Instant due(Task task, Instant earliest, Instant latest, Instant otherwise) {
    var stored = task.dueAt();
    return stored == null || stored.isBefore(earliest) || stored.isAfter(latest)
        ? otherwise
        : stored;
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

  /**
   * Deleted by its user: {@link #cancelled} where it has not been sent and no attempt was accepted,
   * otherwise {@link #hidden}.
   *
   * @return empty when it was deleted before
   */
  public static Optional<Task> deleted(Task task, Instant now) {
    if (task.hiddenAt() != null || task.status() == TaskStatus.CANCELLED) {
      return Optional.empty();
    }
    boolean unsent = task.status() == TaskStatus.QUEUED && task.acceptedAttempt().isEmpty();
    return Optional.of(unsent ? cancelled(task, now) : hidden(task, now));
  }

  /** Taken back by its user before it was sent: its place and its money are given back. */
  public static Task cancelled(Task task, Instant now) {
    return ended(unsent(task, "cancelled"), TaskStatus.CANCELLED)
        .told(now, "It was cancelled before it was sent. %s".formatted(nothing("paid", task)), END);
  }

  /**
   * Deleted by its user after it was sent: it is not shown any more, and goes on as before, because
   * it may be paid for. Only if it would have to wait for another try is it cancelled instead.
   */
  public static Task hidden(Task task, Instant now) {
    return task.edit()
        .hiddenAt(now)
        .told(
            now,
            "It was deleted by its user and is not shown any more. %s".formatted(task.sentence()),
            task.status() == TaskStatus.SUBMITTING
                ? "If the provider accepts it, the video is still delivered; otherwise it is cancelled."
                : task.next());
  }

  /**
   * A person has found the provider's id of an unknown submission: it is charged and followed, and
   * asked for at once.
   *
   * @param task SUBMISSION_UNKNOWN, with no attempt that has this id
   */
  public static Task attached(Task task, String providerTaskId, Instant now, Verdict verdict) {
    return following(
        task.edit().attempt(task.currentAttempt().attached(providerTaskId, verdict.who())),
        providerTaskId,
        now,
        now,
        now,
        verdict.sentence("Its id at the provider was attached"));
  }

  /**
   * A person orders a new attempt of an unknown submission, which may be paid for already: its
   * price is reserved anew, in the current month (UTC), and it waits for a place.
   *
   * @param task SUBMISSION_UNKNOWN, not hidden, its inputs still kept
   * @param priceCents the price of one request in US cents
   */
  public static Task attemptOrdered(Task task, Instant now, int priceCents, Verdict verdict) {
    var next =
        Attempt.reserved(
            task.attempt() + 1,
            priceCents,
            YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString());
    return task.edit()
        .attempt(next)
        .attempt(next.number())
        .status(TaskStatus.QUEUED)
        .notBefore(null)
        .returns(0)
        .refusal(null)
        .told(
            now,
            "%s Attempt %d may have been paid, too."
                .formatted(verdict.sentence("A new attempt was ordered"), task.attempt()),
            "It is sent to the provider as soon as a place is free, unless the id of an earlier attempt arrives before.");
  }

  /**
   * A person gives an unknown submission up.
   *
   * @param charge what that person knows of every attempt whose charge is unknown: CHARGED,
   *     RETURNED or still UNKNOWN
   */
  public static Task givenUp(Task task, Instant now, Charge charge, Verdict verdict) {
    var edit = ended(task.edit(), TaskStatus.FAILED);
    task.attempts().stream()
        .filter(a -> a.charge() == Charge.UNKNOWN)
        .forEach(a -> edit.attempt(a.with(charge, "given up by %s".formatted(verdict.who()))));
    var money =
        switch (charge) {
          case CHARGED -> "It was paid.";
          case RETURNED -> "Nothing was paid.";
          case UNKNOWN -> "It may have been paid.";
          case RESERVED -> throw new IllegalArgumentException("what was sent is not set aside");
        };
    return edit.failure(
            new Failure(
                Failure.GIVEN_UP,
                "It is not known whether the provider accepted it, and it was given up: %s %s"
                    .formatted(sentence(verdict.why()), money)))
        .told(now, "%s %s".formatted(verdict.sentence("It was given up"), money), END);
  }

  /**
   * A person wants a stalled task to be tried again: at once, and then by itself for another {@link
   * Stall#SELF_HELP}.
   *
   * @throws IllegalStateException when it is not stalled
   */
  public static Task triedAgain(Task task, Instant now, Verdict verdict) {
    var stall = task.stall();
    if (stall == null) {
      throw new IllegalStateException("task " + task.id() + " is not stalled");
    }
    return task.edit()
        .stall(stall.anew(now))
        .idleGenerations(0)
        .dueAt(now)
        .told(
            now,
            "%s %s".formatted(verdict.sentence("Another try was ordered"), stall.sentence()),
            "It is tried again within a minute, and then by itself for another %d h."
                .formatted(Stall.SELF_HELP.toHours()));
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
  static String sentence(String text) {
    var stripped = text.strip();
    return stripped.matches("(?s).*[.!?…]") ? stripped : stripped + ".";
  }

  private static String words(Duration pause) {
    return pause.toSeconds() % 60 == 0 && pause.toMinutes() > 0
        ? pause.toMinutes() + " min"
        : pause.toSeconds() + " s";
  }
}
