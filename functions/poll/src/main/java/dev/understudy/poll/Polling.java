package dev.understudy.poll;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.provider.PollPolicy;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.provider.Reading;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.settings.TimeLimits;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Turn.Unrecorded;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One poll: writes an id that Submit could not write, claims the turn, asks the provider once, and
 * stores what follows. Only the provider's own terminal failure ends a task here; everything else
 * that stands in the way for too long is a stall, and is judged only after an answer.
 */
public final class Polling {

  private static final Logger log = LoggerFactory.getLogger(Polling.class);

  private final TaskStore store;
  private final TaskWriter writer;
  private final Provider provider;
  private final ApiKey apiKey;
  private final Admission admission;
  private final Announcer announcer;
  private final Settings settings;
  private final PollPolicy policy;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** Wires the poll. */
  public Polling(
      TaskStore store,
      TaskWriter writer,
      Provider provider,
      ApiKey apiKey,
      Admission admission,
      Announcer announcer,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.writer = writer;
    this.provider = provider;
    this.apiKey = apiKey;
    this.admission = admission;
    this.announcer = announcer;
    this.settings = settings;
    this.policy = new PollPolicy(settings.pollFirst(), settings.pollMin());
    this.clock = clock;
    this.random = random;
  }

  /**
   * Polls the task if this execution's generation is the stored one and its turn has come.
   *
   * @param unrecorded an id that Submit had in hand and could not write, or null
   */
  public Turn poll(String id, int generation, @Nullable Unrecorded unrecorded) {
    if (unrecorded != null) {
      record(id, generation, unrecorded);
    }
    var key = apiKey.current();
    var now = clock.instant();
    var claim =
        store.claimTurn(
            id,
            generation,
            TaskStatus.SUBMITTED,
            now,
            now.plus(settings.pollMin()).plus(TimeLimits.CLAIM_TO_GET),
            writer.nonce());
    var task = claim.task();
    if (!claim.won() || task == null || task.providerTaskId() == null) {
      if (task != null && task.waiting()) {
        admission.admitSome(); // Submit had to wait for the provider, and the wait is over
      }
      return Turn.of(task, generation, clock.instant());
    }
    if (clock.instant().isAfter(now.plus(TimeLimits.CLAIM_TO_GET))) {
      log.warn("Task {} was not polled: too long passed since its claim.", id);
      return Turn.of(task, generation, clock.instant());
    }
    var reading = Reading.of(provider.task(task.providerTaskId(), key, TimeLimits.GET));
    var after = follow(task, reading, clock.instant());
    var stored = writer.replace(task, after);
    if (stored.isEmpty()) {
      return Turn.of(store.find(id).orElse(null), generation, clock.instant());
    }
    if (after.version() > task.version()) {
      announcer.announce(stored.get());
    }
    if (task.place() && !after.place()) {
      admission.admitSome();
    }
    return Turn.after(task, stored.get(), generation, clock.instant());
  }

  private void record(String id, int generation, Unrecorded unrecorded) {
    writer
        .recordId(id, generation, unrecorded, clock, settings)
        .filter(TaskWriter.Updated::changed)
        .ifPresent(updated -> announcer.announce(updated.task()));
  }

  /** What follows from an answer; pure but for the jitter of the next poll. */
  private Task follow(Task task, Reading reading, Instant now) {
    return switch (reading) {
      case Reading.Working working ->
          late(task, now)
              ? stalled(
                  task,
                  now,
                  Stall.Reason.DEADLINE,
                  "The provider has not finished it %s after it accepted it, and says it is still %s."
                      .formatted(words(settings.deadline()), working.status()))
              : Changes.working(
                  task,
                  now,
                  working.status().name(),
                  working.progress(),
                  next(task, working, now),
                  settings);
      case Reading.Done done -> Changes.persisting(task, now, settings);
      case Reading.Failed failed ->
          Changes.failedByProvider(
              task,
              now,
              new Failure(
                  failed.failureCode() == null ? Failure.PROVIDER_FAILED : failed.failureCode(),
                  failed.sentence()));
      case Reading.NotVisible notVisible ->
          since(notVisibleSince(task), settings.notVisibleGrace(), now)
              ? stalled(
                  task,
                  now,
                  Stall.Reason.NOT_VISIBLE,
                  "The provider gave an id for it, but has not known that id for %s."
                      .formatted(words(settings.notVisibleGrace())))
              : notYet(task, notVisible, now);
      case Reading.DoneWithoutOutput without ->
          since(task.doneAt(), settings.outputGrace(), now)
              ? stalled(
                  task,
                  now,
                  Stall.Reason.NO_OUTPUT,
                  "The provider says it is done, but has named no video for %s."
                      .formatted(words(settings.outputGrace())))
              : notYet(task, without, now);
      case Reading.NotYet notYet -> {
        if (notYet.alarm()) {
          apiKey.forget();
          log.error("Task {} cannot be polled: {}", task.id(), notYet.reason());
        } else {
          log.info("Task {} is asked for again: {}", task.id(), notYet.reason());
        }
        yield late(task, now)
            ? stalled(
                task,
                now,
                Stall.Reason.DEADLINE,
                "The provider has not finished it %s after it accepted it; the last answer was: %s"
                    .formatted(words(settings.deadline()), notYet.reason()))
            : notYet(task, notYet, now);
      }
    };
  }

  /**
   * A task that was seen before is out of sight since now; one that never was, since it was sent.
   */
  private static @Nullable Instant notVisibleSince(Task task) {
    boolean everSeen = task.providerStatus() != null;
    return task.notVisibleSince() != null || everSeen ? task.notVisibleSince() : task.submittedAt();
  }

  private Task stalled(Task task, Instant now, Stall.Reason reason, String sentence) {
    log.error("Task {} is stalled: {}", task.id(), sentence);
    return Changes.stalled(task, now, reason, sentence, settings);
  }

  private Task notYet(Task task, Reading reading, Instant now) {
    return Changes.notYet(
        task,
        now,
        reading instanceof Reading.NotVisible,
        reading instanceof Reading.DoneWithoutOutput,
        next(task, reading, now),
        settings);
  }

  private Instant next(Task task, Reading reading, Instant now) {
    return now.plus(policy.next(atWork(task, now), reading, earlier(task, now), random));
  }

  /** How long the provider can have been at work on it. */
  private static Duration atWork(Task task, Instant now) {
    var since = task.throttledAt() == null ? task.submittedAt() : task.throttledAt();
    return since == null ? Duration.ZERO : Duration.between(since, now);
  }

  private static PollPolicy.@Nullable Earlier earlier(Task task, Instant now) {
    var progress = task.progress();
    return progress == null || task.seenAt() == null
        ? null
        : new PollPolicy.Earlier(Duration.between(task.seenAt(), now), progress);
  }

  private boolean late(Task task, Instant now) {
    return since(task.submittedAt(), settings.deadline(), now);
  }

  private static boolean since(@Nullable Instant from, Duration length, Instant now) {
    return from != null && !now.isBefore(from.plus(length));
  }

  private static String words(Duration length) {
    return length.toSeconds() % 3600 == 0 && length.toHours() > 0
        ? length.toHours() + " h"
        : length.toSeconds() % 60 == 0 && length.toMinutes() > 0
            ? length.toMinutes() + " min"
            : length.toSeconds() + " s";
  }
}
