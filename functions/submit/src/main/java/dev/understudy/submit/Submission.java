package dev.understudy.submit;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.InputSigner;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.provider.DefiniteRefusal;
import dev.understudy.core.provider.PostOutcome;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.request.ProviderBody;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.settings.TimeLimits;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.Refusal;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Turn.Unrecorded;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The at-most-once protocol of the paid POST.
 *
 * <p>Everything that can fail without costing anything comes first: reading, signing, the key. Then
 * the task becomes SUBMITTING under this invocation's nonce, in a transaction that also checks that
 * the stack is not paused. Then comes the POST and nothing else. Whoever finds SUBMITTING later
 * leaves it alone; only an expired lease turns it into SUBMISSION_UNKNOWN, and nothing but a person
 * sends it again from there. A provider's id is written whatever has happened meanwhile.
 */
public final class Submission {

  private static final Logger log = LoggerFactory.getLogger(Submission.class);

  private final TaskStore store;
  private final TaskWriter writer;
  private final Provider provider;
  private final InputSigner signer;
  private final ApiKey apiKey;
  private final Admission admission;
  private final Announcer announcer;
  private final Settings settings;
  private final InstantSource clock;

  /** Wires the protocol. */
  public Submission(
      TaskStore store,
      TaskWriter writer,
      Provider provider,
      InputSigner signer,
      ApiKey apiKey,
      Admission admission,
      Announcer announcer,
      Settings settings,
      InstantSource clock) {
    this.store = store;
    this.writer = writer;
    this.provider = provider;
    this.signer = signer;
    this.apiKey = apiKey;
    this.admission = admission;
    this.announcer = announcer;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Submits the task if it is admitted in this generation; otherwise says what follows from what is
   * stored.
   *
   * @param timeLeft how long the invocation may still run
   * @throws NotSubmitted when something failed before anything was sent; repeating is safe
   */
  public Turn submit(String id, int generation, Supplier<Duration> timeLeft) {
    Ready ready;
    try {
      var loaded = store.findWithControl(id);
      var task = loaded.task();
      if (task == null
          || task.generation() != generation
          || task.status() != TaskStatus.QUEUED
          || !task.place()) {
        return Turn.of(task, generation, clock.instant());
      }
      var prepared = prepare(task, loaded.control(), timeLeft);
      if (prepared.isEmpty()) {
        return Turn.endAt(loaded.control().notBefore(), clock.instant());
      }
      ready = prepared.get();
    } catch (Unavailable e) {
      throw new NotSubmitted(e.sentence(), e);
    }
    return switch (claim(ready)) {
      case Claimed.Yes yes -> send(yes.task(), ready, timeLeft);
      case Claimed.No no -> Turn.end();
    };
  }

  /**
   * All that the POST needs.
   *
   * @param task the task as read
   * @param control the control item as read before the POST
   * @param key the provider's key
   * @param body the request
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Ready(Task task, Control control, String key, byte[] body) {}

  /** Empty when the task does not go on now; that is stored then. */
  private Optional<Ready> prepare(Task task, Control control, Supplier<Duration> timeLeft) {
    var now = clock.instant();
    var accepted = task.acceptedAttempt();
    if (accepted.isPresent()) {
      return give(task, Changes.earlierFollowed(task, accepted.get(), now, settings));
    }
    if (!control.maySubmit(task.id())) {
      return give(
          task, Changes.heldBack(task, now, "The stack is paused: %s".formatted(control.reason())));
    }
    if (control.waits(now)) {
      return give(task, Changes.heldBack(task, now, "The provider asked to wait."));
    }
    if (!now.isBefore(task.createdAt().plus(Changes.INPUTS_KEPT))) {
      return give(
          task,
          Changes.rejected(
              task,
              now,
              new Failure(
                  Failure.INPUTS_EXPIRED,
                  "It waited for 30 days and could not be sent, and its inputs are not kept longer: order it again.")));
    }
    var key = apiKey.current();
    if (key.isBlank()) {
      apiKey.forget();
      admission.control(
          c -> paused(c, control, task, "No CometAPI key is set: put it into the stack's secret."));
      return give(task, Changes.heldBack(task, now, "No CometAPI key is set."));
    }
    try {
      var uris = task.callerUris();
      var body =
          ProviderBody.json(
              task.request(),
              uri(task.character(), uris == null ? null : uris.character()),
              uri(task.reference(), uris == null ? null : uris.reference()),
              settings.modelName());
      if (tooLate(timeLeft)) {
        return give(task, Changes.returned(task, now, "Too little time was left to send it."));
      }
      return Optional.of(new Ready(task, control, key, body));
    } catch (Misconfigured e) {
      log.error("Task {} cannot be sent: {}", task.id(), e.sentence());
      return give(task, Changes.returned(task, now, e.sentence()));
    }
  }

  private boolean tooLate(Supplier<Duration> timeLeft) {
    return timeLeft.get().compareTo(settings.submitTimeout().plus(TimeLimits.TIME_TO_RECORD)) < 0;
  }

  private URI uri(Input input, @Nullable String callerUri) {
    if (input.key() != null) {
      return signer.sign(input.key()).uri();
    }
    if (callerUri == null) {
      throw new IllegalStateException("an input is neither pinned nor has it an address");
    }
    return URI.create(callerUri);
  }

  private Optional<Ready> give(Task before, Task after) {
    writer.replace(before, after).ifPresent(this::told);
    return Optional.empty();
  }

  private sealed interface Claimed {
    record Yes(Task task) implements Claimed {}

    record No() implements Claimed {}
  }

  private Claimed claim(Ready ready) {
    var nonce = writer.nonce();
    var after = Changes.submitting(ready.task(), clock.instant(), nonce, settings);
    var change = Change.of(ready.task(), after, Change.Guard.MAY_SUBMIT, nonce);
    Written written;
    try {
      written = store.write(change);
    } catch (Unavailable e) {
      // It may be stored. Nothing was sent, but a repetition would find SUBMITTING and leave it:
      // the lease decides.
      throw new NotSubmitted(e.sentence(), e);
    }
    return switch (written) {
      case WON -> new Claimed.Yes(change.after());
      case MAY_NOT_SUBMIT -> {
        give(
            ready.task(), Changes.heldBack(ready.task(), clock.instant(), "The stack was paused."));
        yield new Claimed.No();
      }
      case STALE, NO_PLACE, CAP_REACHED -> new Claimed.No();
    };
  }

  private Turn send(Task task, Ready ready, Supplier<Duration> timeLeft) {
    int attempt = task.attempt();
    if (tooLate(timeLeft)
        || clock.instant().isAfter(task.updatedAt().plus(TimeLimits.CLAIM_TO_POST))) {
      log.warn("Task {} was not sent: too long passed since its claim.", task.id());
      update(
          task.id(),
          t ->
              mine(t, attempt)
                  ? Optional.of(
                      Changes.returned(
                          t, clock.instant(), "Too long passed before it could be sent."))
                  : Optional.empty());
      admission.admitSome();
      return Turn.end();
    }
    var outcome =
        PostOutcome.of(provider.submit(ready.body(), ready.key(), settings.submitTimeout()));
    return switch (outcome) {
      case PostOutcome.Accepted accepted ->
          accepted(task, attempt, accepted.providerTaskId(), ready.control());
      case PostOutcome.Rejected rejected -> {
        ended(task.id(), attempt, new Failure(Failure.REQUEST_REJECTED, rejected.sentence()));
        passed(ready.control(), task.id());
        admission.admitSome();
        yield Turn.end();
      }
      case PostOutcome.Busy busy -> {
        var until = busy(task, attempt, busy, ready.control());
        admission.admitSome();
        yield Turn.endAt(until, clock.instant());
      }
      case PostOutcome.Blocked blocked -> {
        blocked(task, attempt, blocked, ready.control());
        admission.admitSome();
        yield Turn.end();
      }
      case PostOutcome.Unknown unknown -> {
        log.error(
            "Task {} attempt {}: the end of its submission is unknown: {}",
            task.id(),
            attempt,
            unknown.reason());
        boolean counts =
            update(
                task.id(),
                t ->
                    mine(t, attempt) && t.status() == TaskStatus.SUBMITTING
                        ? Optional.of(Changes.unknown(t, clock.instant(), unknown.reason()))
                        : Optional.empty());
        if (counts) {
          control(control -> control.unknown(clock.instant(), task.id(), settings));
        }
        admission.admitSome();
        yield Turn.end();
      }
    };
  }

  private Turn accepted(Task task, int attempt, String providerTaskId, Control control) {
    log.info("Task {} attempt {} was accepted as {}.", task.id(), attempt, providerTaskId);
    Optional<TaskWriter.Updated> recorded;
    try {
      recorded = writer.recordId(task, new Unrecorded(attempt, providerTaskId), clock, settings);
    } catch (RuntimeException e) { // whatever it is: the charge must not be lost with it
      log.error(
          "Task {} attempt {}: its id {} is not written yet; the next state does it.",
          task.id(),
          attempt,
          providerTaskId,
          e);
      return Turn.record(attempt, providerTaskId);
    }
    passed(control, task.id());
    recorded
        .filter(TaskWriter.Updated::changed)
        .map(TaskWriter.Updated::task)
        .ifPresent(this::told);
    return Turn.of(
        recorded.map(TaskWriter.Updated::task).orElse(null), task.generation(), clock.instant());
  }

  /** Gives the time until which the provider takes no task, as far as that could be written. */
  private @Nullable Instant busy(Task task, int attempt, PostOutcome.Busy busy, Control read) {
    var now = clock.instant();
    var sentence =
        "The provider would not take it for %s: %s"
            .formatted(words(settings.maxWait()), busy.reason());
    update(
        task.id(),
        t -> {
          if (!mine(t, attempt)) {
            return Optional.empty();
          }
          var refusal = t.refusal();
          boolean tooLong =
              refusal != null
                  && read.refusing(refusal.first(), now).compareTo(settings.maxWait()) >= 0;
          return Optional.of(
              tooLong
                  ? Changes.rejected(t, now, new Failure(Failure.NOT_ACCEPTED, sentence))
                  : Changes.refused(t, now, busy.reason(), false));
        });
    return control(control ->
            (control.paused() && task.id().equals(control.probe())
                    ? control.reached(now, task.id())
                    : control)
                .busy(now, busy.retryAfter()))
        .map(Control::notBefore)
        .orElse(null);
  }

  private void blocked(Task task, int attempt, PostOutcome.Blocked blocked, Control control) {
    apiKey.forget();
    boolean forbidden = blocked.refusal() == DefiniteRefusal.FORBIDDEN;
    if (forbidden && anotherPassedSince(task.refusal())) {
      ended(task.id(), attempt, new Failure(Failure.REQUEST_REJECTED, blocked.reason()));
      if (!control.calm()) {
        control(c -> c.reached(clock.instant(), task.id()));
      }
      return;
    }
    update(
        task.id(),
        t ->
            mine(t, attempt)
                ? Optional.of(Changes.refused(t, clock.instant(), blocked.reason(), forbidden))
                : Optional.empty());
    control(c -> paused(c, control, task, blocked.reason()));
  }

  /** Whether the provider has taken another task since it first forbade this one. */
  private boolean anotherPassedSince(@Nullable Refusal refusal) {
    if (refusal == null || refusal.forbiddenAt() == null) {
      return false;
    }
    try {
      var accepted = store.control().lastAccepted();
      return accepted != null && accepted.isAfter(refusal.forbiddenAt());
    } catch (UnderstudyException e) {
      log.warn(
          "Whether another task passed is not known now, so this one waits on. {}", e.sentence());
      return false;
    }
  }

  /** Pauses over the control item as it was before the POST: a resumption since then holds. */
  private Control paused(Control stored, Control read, Task task, String why) {
    return stored.pauses() == read.pauses()
        ? stored.pausedByItself(clock.instant(), task.id(), why, settings)
        : stored;
  }

  private void passed(Control read, String taskId) {
    if (!read.calm()) {
      control(control -> control.passed(clock.instant(), taskId));
    }
  }

  /**
   * Writes what a POST tells of the stack. By now it is written what it tells of the task, and that
   * must not look like a failure: the next answer of the provider tells the same of the stack.
   */
  private Optional<Control> control(UnaryOperator<Control> rule) {
    try {
      return Optional.of(admission.control(rule));
    } catch (UnderstudyException e) {
      log.error("The control item was not updated; the next submission does it. {}", e.sentence());
      return Optional.empty();
    }
  }

  private void ended(String id, int attempt, Failure failure) {
    update(
        id,
        task ->
            mine(task, attempt)
                ? Optional.of(Changes.rejected(task, clock.instant(), failure))
                : Optional.empty());
  }

  /** The answer to this attempt's POST still counts: nothing but its lease has run out, at most. */
  private static boolean mine(Task task, int attempt) {
    return task.attempt() == attempt
        && (task.status() == TaskStatus.SUBMITTING
            || task.status() == TaskStatus.SUBMISSION_UNKNOWN);
  }

  private boolean update(String id, Function<Task, Optional<Task>> rule) {
    var changed =
        writer.update(id, rule).filter(TaskWriter.Updated::changed).map(TaskWriter.Updated::task);
    changed.ifPresent(this::told);
    return changed.isPresent();
  }

  private static String words(Duration length) {
    return length.toSeconds() % 3600 == 0 && length.toHours() > 0
        ? length.toHours() + " h"
        : length.toSeconds() + " s";
  }

  private void told(Task task) {
    announcer.announce(task);
  }
}
