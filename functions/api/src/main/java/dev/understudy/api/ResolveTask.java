package dev.understudy.api;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Verdict;
import java.time.InstantSource;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * POST /v1/tasks/{id}/resolve: what only a person can decide, of a submission whose end is unknown
 * or of a stall (docs/operations.md). Tasks that their users have deleted are decided, too: they
 * may be paid for.
 */
final class ResolveTask implements Action {

  private static final Logger log = LoggerFactory.getLogger(ResolveTask.class);

  /** Others can be faster only so often before something is wrong. */
  private static final int TRIES = 20;

  private static final int LONGEST_ID = 200;

  private static final String DECISION = "decision";
  private static final String PROVIDER_TASK_ID = "providerTaskId";
  private static final String CHARGED = "charged";

  /** A decision. */
  private sealed interface Decision {
    Verdict verdict();

    /** The provider did accept it, under this id. */
    record Attach(String providerTaskId, Verdict verdict) implements Decision {}

    /** It is sent again, whether it is paid for or not. */
    record NewAttempt(Verdict verdict) implements Decision {}

    /** It ends, and this is what it cost. */
    record GiveUp(Charge charge, Verdict verdict) implements Decision {}

    /** What stood in its way is gone. */
    record TryAgain(Verdict verdict) implements Decision {}
  }

  private final TaskStore store;
  private final TaskWriter writer;
  private final Admission admission;
  private final Announcer announcer;
  private final Settings settings;
  private final InstantSource clock;
  private final Function<Task, Object> view;

  /**
   * @param view the task as GET shows it
   */
  ResolveTask(
      TaskStore store,
      TaskWriter writer,
      Admission admission,
      Announcer announcer,
      Settings settings,
      InstantSource clock,
      Function<Task, Object> view) {
    this.store = store;
    this.writer = writer;
    this.admission = admission;
    this.announcer = announcer;
    this.settings = settings;
    this.clock = clock;
    this.view = view;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    Reasons.adminsOnly(caller);
    var decision = read(Fields.of(call), caller);
    var task = decide(id, caller, decision);
    log.info(
        "Task {} was decided by {}: {}.", id, caller.who(), decision.getClass().getSimpleName());
    announcer.announce(task);
    if (task.waiting()) {
      admission.admitSome();
      task = store.find(id).orElse(task);
    }
    return Answer.ok(view.apply(task));
  }

  private static Decision read(Fields fields, Caller caller) {
    var word = fields.oneOf(DECISION, "attach", "new_attempt", "give_up", "try_again");
    if (word.isEmpty()) {
      fields.leave(PROVIDER_TASK_ID, CHARGED);
    }
    var providerTaskId = word.equals("attach") ? fields.text(PROVIDER_TASK_ID, LONGEST_ID) : "";
    if (!providerTaskId.matches("[!-~]*")) {
      fields.wrong(PROVIDER_TASK_ID, "must be the id alone, without spaces");
    }
    var charged = word.equals("give_up") ? fields.oneOf(CHARGED, "yes", "no", "unknown") : "";
    var verdict = Reasons.verdict(fields, caller);
    fields.check();
    return switch (word) {
      case "attach" -> new Decision.Attach(providerTaskId, verdict);
      case "new_attempt" -> new Decision.NewAttempt(verdict);
      case "give_up" ->
          new Decision.GiveUp(
              switch (charged) {
                case "yes" -> Charge.CHARGED;
                case "no" -> Charge.RETURNED;
                default -> Charge.UNKNOWN;
              },
              verdict);
      default -> new Decision.TryAgain(verdict);
    };
  }

  /** Decides of the task as it is stored; anew when somebody else was faster. */
  private Task decide(String id, Caller caller, Decision decision) {
    for (int i = 0; i < TRIES; i++) {
      var before = store.find(id).filter(caller::sees).orElseThrow(Refused::noSuchTask);
      var after = decided(before, decision);
      var change = Change.of(before, after, Change.Guard.NONE, writer.nonce());
      if (decision instanceof Decision.NewAttempt) {
        change = change.within(store.places().tenant(before.tenant()).capCents());
      }
      switch (store.write(change)) {
        case WON -> {
          return change.after();
        }
        case CAP_REACHED ->
            throw new Refused(
                402,
                "A new attempt would go over the monthly cap of tenant %s: raise the cap, or decide again next month."
                    .formatted(before.tenant()));
        case STALE, NO_PLACE, MAY_NOT_SUBMIT -> {}
      }
    }
    throw new Unavailable("Task %s kept changing while it was to be decided.".formatted(id));
  }

  private Task decided(Task task, Decision decision) {
    var now = clock.instant();
    return switch (decision) {
      case Decision.Attach attach -> {
        unknownOnly(task, "An id can only be attached");
        task.attempts().stream()
            .filter(a -> attach.providerTaskId().equals(a.providerTaskId()))
            .findFirst()
            .ifPresent(a -> {
              throw new Refused(
                  409,
                  "Attempt %d of this task has that id already: look for another one."
                      .formatted(a.number()));
            });
        yield Changes.attached(task, attach.providerTaskId(), now, attach.verdict());
      }
      case Decision.NewAttempt newAttempt -> {
        unknownOnly(task, "A new attempt can only be ordered");
        if (task.hiddenAt() != null) {
          throw new Refused(
              409,
              "The task was deleted by its user, so it is not sent again: attach its id or give it up.");
        }
        if (!now.isBefore(task.createdAt().plus(Changes.INPUTS_KEPT))) {
          throw new Refused(
              409,
              "The inputs of this task are not kept any more, %d days after it was accepted: give it up and order it again."
                  .formatted(Changes.INPUTS_KEPT.toDays()));
        }
        yield Changes.attemptOrdered(task, now, settings.priceCents(), newAttempt.verdict());
      }
      case Decision.GiveUp giveUp -> {
        unknownOnly(task, "A task can only be given up");
        yield Changes.givenUp(task, now, giveUp.charge(), giveUp.verdict());
      }
      case Decision.TryAgain tryAgain -> {
        if (task.stall() == null) {
          throw new Refused(
              409,
              "A task can only be tried again while it is stalled, and this one is not; it is %s: %s"
                  .formatted(task.status(), task.sentence()));
        }
        yield Changes.triedAgain(task, now, tryAgain.verdict());
      }
    };
  }

  private static void unknownOnly(Task task, String what) {
    if (task.status() != TaskStatus.SUBMISSION_UNKNOWN) {
      throw new Refused(
          409,
          "%s while it is unknown whether the provider accepted the task, and this one is %s: %s"
              .formatted(what, task.status(), task.sentence()));
    }
  }
}
