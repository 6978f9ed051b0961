package dev.understudy.core.stack;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Waiting;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Task;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives waiting tasks the places at the provider: the turn is the waiting tenant's with the fewest
 * places, then its oldest task's. Whoever frees a place and every run of reconcile calls it; the
 * table's conditions make any number of callers at once safe.
 */
public final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  /** Tries to write the control item before giving up for now. */
  private static final int TRIES = 10;

  /** How many of a tenant's oldest tasks are looked at for one that may start. */
  private static final int LOOK_AT = 100;

  private final TaskStore store;
  private final Executions executions;
  private final Settings settings;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** Wires the rule to the table and the state machine. */
  public Admission(
      TaskStore store,
      Executions executions,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.executions = executions;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Admits as many waiting tasks as there are places for.
   *
   * @param most how many at the most, to bound the caller's time
   * @return the tasks admitted
   */
  public int admit(int most) {
    var control = store.control();
    if (control.paused() || control.waits(clock.instant())) {
      return 0;
    }
    int admitted = 0;
    var passedOver = new HashSet<String>();
    while (admitted < most) {
      var places = store.places();
      if (places.inFlight() >= settings.maxInFlight()) {
        return admitted;
      }
      var tenant = places.next(passedOver, random);
      if (tenant.isEmpty()) {
        return admitted;
      }
      switch (admitOneOf(tenant.get().name())) {
        case ADMITTED -> admitted++;
        case NONE_READY -> passedOver.add(tenant.get().name());
        case NO_PLACE -> {
          return admitted;
        }
      }
    }
    return admitted;
  }

  /** Admits as many as a caller on its way to something else should. */
  public void admitSome() {
    try {
      admit(3);
    } catch (UnderstudyException e) {
      log.warn("Nothing was admitted now; reconcile does it within a minute. {}", e.sentence());
    } catch (RuntimeException e) { // the caller goes on: what it came for is done
      log.error("Nothing was admitted now; reconcile does it within a minute.", e);
    }
  }

  /** How a new task enters the stack. */
  public sealed interface Entry {

    /** The task to store. */
    Task task();

    /** It is stored with its place, and starts at once. */
    record WithPlace(Task task) implements Entry {}

    /** Places are free, but it is the turn of others who wait: it is stored waiting. */
    record BehindOthers(Task task) implements Entry {}

    /**
     * It is stored waiting.
     *
     * @param why for people, what for
     */
    record Waits(Task task, String why) implements Entry {}
  }

  /**
   * How a new task enters the stack, as far as can be said from what was read; the table decides.
   * It goes past nobody who waits, of whatever tenant.
   *
   * @param accepted the task, not stored yet
   */
  public Entry entry(Task accepted, Control control, Places places) {
    var now = clock.instant();
    if (control.paused()) {
      return new Entry.Waits(accepted, "the stack is paused");
    }
    if (control.waits(now)) {
      return new Entry.Waits(accepted, "the provider takes no task just now");
    }
    if (places.inFlight() >= settings.maxInFlight()) {
      return new Entry.Waits(accepted, "all places at the provider are taken");
    }
    if (places.next(Set.of(), random).isPresent()) {
      return new Entry.BehindOthers(accepted);
    }
    return places.tenant(accepted.tenant()).hasRoom()
        ? new Entry.WithPlace(Changes.acceptedWithPlace(accepted, now, settings))
        : new Entry.Waits(accepted, "all places of the tenant are taken");
  }

  /**
   * How storing a new task ended.
   *
   * @param written as the table has decided; NO_PLACE never
   * @param entry how it entered, if it is stored
   * @param task the task as stored, if it is
   */
  public record Entered(Written written, Entry entry, Task task) {}

  /**
   * Stores a new task, with its place where it can have one.
   *
   * @param accepted the task, not stored yet
   * @param write stores the change, with what belongs to it
   */
  public Entered enter(
      Task accepted, Control control, Places places, Function<Change, Written> write) {
    var capCents = places.tenant(accepted.tenant()).capCents();
    var entry = entry(accepted, control, places);
    var change = Change.create(entry.task(), Ids.uuid(random)).within(capCents);
    var written = write.apply(change);
    if (written == Written.NO_PLACE) { // the last one was taken in between
      entry = new Entry.Waits(accepted, "all places are taken");
      change = Change.create(entry.task(), Ids.uuid(random)).within(capCents);
      written = write.apply(change);
    }
    return new Entered(written, entry, change.after());
  }

  /**
   * What follows from an entry that is stored. It never fails: reconcile does what it could not.
   */
  public void entered(Entered entered) {
    switch (entered.entry()) {
      case Entry.WithPlace placed -> start(entered.task());
      case Entry.BehindOthers behind -> admitSome();
      case Entry.Waits waits -> {}
    }
  }

  private enum Outcome {
    ADMITTED,
    NONE_READY,
    NO_PLACE
  }

  private Outcome admitOneOf(String tenant) {
    for (var candidate : ready(tenant)) {
      var outcome = admitTask(candidate.id());
      if (outcome.isPresent()) {
        return outcome.get();
      }
    }
    return Outcome.NONE_READY;
  }

  private List<Waiting> ready(String tenant) {
    var now = clock.instant();
    return store.waiting(tenant, LOOK_AT).stream()
        .filter(w -> w.notBefore() == null || !now.isBefore(w.notBefore()))
        .toList();
  }

  /** Empty when the task is not waiting any more, so that the next one is tried. */
  private Optional<Outcome> admitTask(String id) {
    var task = store.find(id).orElse(null);
    if (task == null || !task.waiting() || notYet(task, clock.instant())) {
      return Optional.empty();
    }
    var change =
        Change.of(
            task,
            Changes.admitted(task, clock.instant(), settings),
            Change.Guard.NONE,
            Ids.uuid(random));
    return switch (store.write(change)) {
      case WON -> {
        start(change.after());
        yield Optional.of(Outcome.ADMITTED);
      }
      case NO_PLACE -> Optional.of(Outcome.NO_PLACE);
      case STALE, CAP_REACHED, MAY_NOT_SUBMIT -> Optional.empty();
    };
  }

  private static boolean notYet(Task task, Instant now) {
    return task.notBefore() != null && now.isBefore(task.notBefore());
  }

  private void start(Task task) {
    try {
      executions.start(task.id(), task.generation());
    } catch (UnderstudyException e) {
      log.warn(
          "Task {} has its place but was not started; reconcile does it. {}",
          task.id(),
          e.sentence());
    } catch (RuntimeException e) { // the task is stored, and whoever stored it goes on
      log.error("Task {} has its place but was not started; reconcile does it.", task.id(), e);
    }
  }

  /**
   * Sends one waiting task to a provider that refused the last one, if the stack paused itself and
   * it is time: never the one refused last while another waits.
   *
   * @return whether a probe was admitted
   */
  public boolean probe() {
    var control = store.control();
    if (!control.probeDue(clock.instant())) {
      return false;
    }
    var places = store.places();
    if (places.inFlight() >= settings.maxInFlight()) {
      return false;
    }
    var candidates =
        places.tenants().stream()
            .filter(t -> t.waiting() > 0)
            .flatMap(t -> ready(t.name()).stream())
            .map(Waiting::id)
            .toList();
    var chosen =
        candidates.stream()
            .filter(id -> !id.equals(control.lastRefused()))
            .findFirst()
            .or(() -> candidates.stream().findFirst());
    if (chosen.isEmpty()) {
      return false;
    }
    if (!store.write(control, control.probing(clock.instant(), chosen.get(), settings).written())) {
      return false;
    }
    return admitTask(chosen.get()).filter(Outcome.ADMITTED::equals).isPresent();
  }

  /**
   * Applies a rule to the control item as it is stored.
   *
   * @param rule gives the new item; the same item for no change
   * @return the item as stored
   * @throws Unavailable when the table does not answer, or the item keeps changing
   */
  public Control control(UnaryOperator<Control> rule) {
    for (int i = 0; i < TRIES; i++) {
      var before = store.control();
      var after = rule.apply(before);
      if (after.equals(before)) {
        return before;
      }
      if (store.write(before, after.written())) {
        if (after.paused() && !before.paused()) {
          if (after.byPerson()) {
            log.info("The stack was paused by {}: {}", after.by(), after.reason());
          } else {
            log.error("The stack paused itself: {}", after.reason());
          }
        }
        if (before.paused() && !after.paused()) {
          log.info("The stack resumed.");
        }
        return after.written();
      }
    }
    throw new Unavailable(
        "The stack's control item kept changing while it was to be written; try again.");
  }
}
