package dev.understudy.persist;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.provider.Reading;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.settings.TimeLimits;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the finished video home: asks the provider for a fresh address, in its turn, lets {@link
 * Delivery} copy and check the video, and stores that it succeeded. What fails is tried again at
 * once a few times, because the provider gives a fresh address each time, and is then a stall.
 * Repeating all of it is harmless.
 */
public final class Persistence {

  private static final Logger log = LoggerFactory.getLogger(Persistence.class);

  /** Downloads that may fail before the task counts as stalled. */
  private static final int TRIES = 3;

  /** How long to wait for an address that the provider does not name now. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(20);

  private final TaskStore store;
  private final TaskWriter writer;
  private final Provider provider;
  private final ApiKey apiKey;
  private final Delivery delivery;
  private final Announcer announcer;
  private final Settings settings;
  private final InstantSource clock;

  /** Wires the function. */
  public Persistence(
      TaskStore store,
      TaskWriter writer,
      Provider provider,
      ApiKey apiKey,
      Delivery delivery,
      Announcer announcer,
      Settings settings,
      InstantSource clock) {
    this.store = store;
    this.writer = writer;
    this.provider = provider;
    this.apiKey = apiKey;
    this.delivery = delivery;
    this.announcer = announcer;
    this.settings = settings;
    this.clock = clock;
  }

  /** Persists the task's video if this generation is the stored one and its turn has come. */
  public Turn persist(String id, int generation) {
    var key = apiKey.current();
    var now = clock.instant();
    var claim =
        store.claimTurn(
            id,
            generation,
            TaskStatus.PERSISTING,
            now,
            now.plus(settings.pollMin()).plus(TimeLimits.CLAIM_TO_GET),
            writer.nonce());
    var task = claim.task();
    if (!claim.won() || task == null || task.providerTaskId() == null) {
      return Turn.of(task, generation, clock.instant());
    }
    if (clock.instant().isAfter(now.plus(TimeLimits.CLAIM_TO_GET))) {
      log.warn("Task {} was not asked for: too long passed since its claim.", id);
      return Turn.of(task, generation, clock.instant());
    }
    var reading = Reading.of(provider.task(task.providerTaskId(), key, TimeLimits.GET));
    return switch (delivery.destination(task)) {
      case Delivery.Destination.Reached reached -> finish(task, reached.delivered(), generation);
      case Delivery.Destination.Free free -> deliver(task, free.key(), reading, generation);
    };
  }

  private Turn deliver(Task task, String key, Reading reading, int generation) {
    return switch (reading) {
      case Reading.Done done ->
          switch (delivery.deliver(task, key, done.output())) {
            case Delivery.Result.Delivered result -> finish(task, result, generation);
            case Delivery.Result.Refused refused ->
                again(task, Stall.Reason.NOT_DELIVERED, refused.sentence(), generation);
          };
      case Reading.NotYet notYet -> {
        if (notYet.alarm()) {
          apiKey.forget();
          log.error("Task {} cannot be asked for: {}", task.id(), notYet.reason());
        }
        yield notNamed(task, notYet.reason(), generation);
      }
      case Reading.Working working ->
          notNamed(task, "it says the task is still %s".formatted(working.status()), generation);
      case Reading.DoneWithoutOutput without -> notNamed(task, "it names no video", generation);
      case Reading.NotVisible notVisible ->
          notNamed(task, "it does not know the id any more", generation);
      case Reading.Failed failed ->
          notNamed(task, "it says now that the task failed: " + failed.sentence(), generation);
    };
  }

  /**
   * The provider was done before and does not say so now: it is believed again within the grace.
   */
  private Turn notNamed(Task task, String reason, int generation) {
    var done = task.doneAt();
    boolean late = done != null && !clock.instant().isBefore(done.plus(settings.outputGrace()));
    var sentence =
        "The provider had finished it, but gives no address of the video: %s".formatted(reason);
    return late
        ? stall(task, Stall.Reason.NO_OUTPUT, sentence, generation)
        : write(
            task,
            Changes.askedAgain(task, in(longer(settings.pollMin(), ASK_AGAIN)), settings),
            generation);
  }

  private Turn again(Task task, Stall.Reason reason, String sentence, int generation) {
    log.warn(
        "Task {} was not delivered, try {}: {}", task.id(), task.deliveryTries() + 1, sentence);
    return task.deliveryTries() + 1 < TRIES
        ? retry(task, generation)
        : stall(task, reason, sentence, generation);
  }

  private Turn retry(Task task, int generation) {
    var pause = longer(settings.pollMin(), Duration.ofSeconds(5L << task.deliveryTries()));
    return write(task, Changes.deliveryFailed(task, in(pause), settings), generation);
  }

  private Instant in(Duration pause) {
    return clock.instant().plus(pause);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private Turn stall(Task task, Stall.Reason reason, String sentence, int generation) {
    log.error("Task {} is stalled: {}", task.id(), sentence);
    return write(
        task, Changes.stalled(task, clock.instant(), reason, sentence, settings), generation);
  }

  private Turn finish(Task task, Delivery.Result.Delivered result, int generation) {
    return write(
        task,
        Changes.succeeded(task, clock.instant(), result.output(), result.unexpected()),
        generation);
  }

  private Turn write(Task task, Task after, int generation) {
    Instant now = clock.instant();
    Optional<Task> stored = writer.replace(task, after);
    @Nullable Task current = stored.or(() -> store.find(task.id())).orElse(null);
    if (stored.isPresent() && after.version() > task.version()) {
      announcer.announce(stored.get());
    }
    return Turn.after(task, current, generation, now);
  }
}
