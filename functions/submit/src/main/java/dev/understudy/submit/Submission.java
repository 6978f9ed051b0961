package dev.understudy.submit;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.errors.Unavailable;
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
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn;
import java.net.URI;
import java.time.Duration;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
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
      if (task == null || task.generation() != generation || task.status() != TaskStatus.QUEUED || !task.place()) {
        return Turn.of(task, generation, clock.instant());
      }
      var prepared = prepare(task, loaded.control(), timeLeft);
      if (prepared.isEmpty()) {
        return Turn.end();
      }
      ready = prepared.get();
    } catch (Unavailable e) {
      throw new NotSubmitted(e.sentence(), e);
    }
    return switch (claim(ready)) {
      case Claimed.Yes yes -> send(yes.task(), ready);
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
    if (!control.maySubmit(task.id())) {
      return give(task, Changes.heldBack(task, now, "The stack is paused: %s".formatted(control.reason())));
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
      pause(control, task, "No CometAPI key is set: put it into the stack's secret.");
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
      if (timeLeft.get().compareTo(settings.submitTimeout().plus(TimeLimits.TIME_TO_RECORD)) < 0) {
        return give(task, Changes.returned(task, now, "Too little time was left to send it."));
      }
      return Optional.of(new Ready(task, control, key, body));
    } catch (Misconfigured e) {
      log.error("Task {} cannot be sent: {}", task.id(), e.sentence());
      return give(task, Changes.returned(task, now, e.sentence()));
    }
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
      // It may be stored. Nothing was sent, but a repetition would find SUBMITTING and leave it: the lease decides.
      throw new NotSubmitted(e.sentence(), e);
    }
    return switch (written) {
      case WON -> new Claimed.Yes(change.after());
      case MAY_NOT_SUBMIT -> {
        give(ready.task(), Changes.heldBack(ready.task(), clock.instant(), "The stack was paused."));
        yield new Claimed.No();
      }
      case STALE, NO_PLACE, CAP_REACHED -> new Claimed.No();
    };
  }

  private Turn send(Task task, Ready ready) {
    int attempt = task.attempt();
    if (clock.instant().isAfter(task.updatedAt().plus(TimeLimits.CLAIM_TO_POST))) {
      log.warn("Task {} was not sent: too long passed since its claim.", task.id());
      notAccepted(task.id(), attempt, "Too long passed before it could be sent.", false);
      return Turn.end();
    }
    var outcome = PostOutcome.of(provider.submit(ready.body(), ready.key(), settings.submitTimeout()));
    return switch (outcome) {
      case PostOutcome.Accepted accepted -> accepted(task, attempt, accepted.providerTaskId(), ready.control());
      case PostOutcome.Rejected rejected -> {
        passed(ready.control(), task.id());
        ended(task.id(), attempt, new Failure(Failure.REQUEST_REJECTED, rejected.sentence()));
        yield Turn.end();
      }
      case PostOutcome.Busy busy -> {
        admission.control(
            control -> (control.paused() && task.id().equals(control.probe()) ? control.passed(clock.instant(), task.id()) : control)
                .busy(clock.instant(), busy.retryAfter()));
        notAccepted(task.id(), attempt, busy.reason(), false);
        yield Turn.end();
      }
      case PostOutcome.Blocked blocked -> {
        blocked(task, attempt, blocked, ready.control());
        yield Turn.end();
      }
      case PostOutcome.Unknown unknown -> {
        log.error("Task {} attempt {}: the end of its submission is unknown: {}", task.id(), attempt, unknown.reason());
        update(task.id(), t -> mine(t, attempt) && t.status() == TaskStatus.SUBMITTING
            ? Optional.of(Changes.unknown(t, clock.instant(), unknown.reason()))
            : Optional.empty());
        admission.control(control -> control.unknown(clock.instant(), task.id(), settings));
        admission.admitSome();
        yield Turn.end();
      }
    };
  }

  private Turn accepted(Task task, int attempt, String providerTaskId, Control control) {
    log.info("Task {} attempt {} was accepted as {}.", task.id(), attempt, providerTaskId);
    Optional<Task> recorded;
    try {
      recorded =
          writer
              .record(task.id(), new Turn.Unrecorded(attempt, providerTaskId), clock.instant(), settings)
              .map(TaskWriter.Updated::task);
    } catch (Unavailable e) {
      log.error("Task {} attempt {}: its id {} is not written yet; the next state does it.", task.id(), attempt, providerTaskId);
      return Turn.record(attempt, providerTaskId);
    }
    passed(control, task.id());
    recorded.ifPresent(announcer::announce);
    return Turn.of(recorded.orElse(null), task.generation(), clock.instant());
  }

  private void blocked(Task task, int attempt, PostOutcome.Blocked blocked, Control control) {
    apiKey.forget();
    var refusal = task.refusal();
    var othersPassed = store.control().lastAccepted();
    boolean itsOwn =
        blocked.refusal() == DefiniteRefusal.FORBIDDEN
            && refusal != null
            && refusal.blockedAt() != null
            && othersPassed != null
            && othersPassed.isAfter(refusal.blockedAt());
    if (itsOwn) {
      passed(control, task.id());
      ended(task.id(), attempt, new Failure(Failure.REQUEST_REJECTED, blocked.reason()));
      return;
    }
    pause(control, task, blocked.reason());
    notAccepted(task.id(), attempt, blocked.reason(), true);
  }

  /** Pauses over the control item as it was before the POST: a resumption since then holds. */
  private void pause(Control read, Task task, String why) {
    admission.control(
        control ->
            control.pauses() == read.pauses() ? control.pausedByItself(clock.instant(), task.id(), why, settings) : control);
  }

  private void passed(Control read, String taskId) {
    if (read.calm()) {
      return;
    }
    try {
      admission.control(control -> control.passed(clock.instant(), taskId));
    } catch (Unavailable e) {
      log.warn("The control item was not updated; the next submission does it. {}", e.sentence());
    }
  }

  private void notAccepted(String id, int attempt, String sentence, boolean blocking) {
    var now = clock.instant();
    update(
        id,
        task -> {
          if (!mine(task, attempt)) {
            return Optional.empty();
          }
          var first = task.refusal() == null ? now : task.refusal().first();
          if (!blocking && !now.isBefore(first.plus(settings.maxWait())) && task.refusal() != null) {
            return Optional.of(
                Changes.rejected(
                    task,
                    now,
                    new Failure(
                        Failure.NOT_ACCEPTED,
                        "The provider would not take it for %d hours: %s".formatted(settings.maxWait().toHours(), sentence))));
          }
          return Optional.of(Changes.refused(task, now, sentence, blocking));
        });
    admission.admitSome();
  }

  private void ended(String id, int attempt, Failure failure) {
    update(
        id,
        task ->
            mine(task, attempt) ? Optional.of(Changes.rejected(task, clock.instant(), failure)) : Optional.empty());
    admission.admitSome();
  }

  /** The answer to this attempt's POST still counts: nothing but its lease has run out, at most. */
  private static boolean mine(Task task, int attempt) {
    return task.attempt() == attempt
        && (task.status() == TaskStatus.SUBMITTING || task.status() == TaskStatus.SUBMISSION_UNKNOWN);
  }

  private void update(String id, Function<Task, Optional<Task>> rule) {
    writer.update(id, rule).filter(TaskWriter.Updated::changed).map(TaskWriter.Updated::task).ifPresent(this::told);
  }

  private void told(Task task) {
    announcer.announce(task);
  }
}
