package dev.understudy.core.task;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.settings.Settings;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a task, lets a rule decide, and writes; begins anew when somebody else was faster. */
public final class TaskWriter {

  private static final Logger log = LoggerFactory.getLogger(TaskWriter.class);

  /** Others can be faster only so often before something is wrong. */
  private static final int TRIES = 20;

  private final TaskStore store;
  private final RandomGenerator random;

  /**
   * @param store the table
   * @param random where nonces come from
   */
  public TaskWriter(TaskStore store, RandomGenerator random) {
    this.store = store;
    this.random = random;
  }

  /**
   * A task after a rule was applied to it.
   *
   * @param before as it was read
   * @param task as stored now
   */
  public record Updated(Task before, Task task) {

    /** Whether this call changed it. */
    public boolean changed() {
      return task.rev() != before.rev();
    }
  }

  /**
   * Applies a rule to the task as it is stored, until its result is stored or the rule wants no
   * change.
   *
   * @param id the task's id
   * @param rule gives the changed task, or empty for no change; called again with what is stored
   *     then whenever somebody else was faster
   * @return the task as stored, or empty where there is none
   * @throws Unavailable when the table does not answer, or the task keeps changing
   */
  public Optional<Updated> update(String id, Function<Task, Optional<Task>> rule) {
    return update(id, null, rule);
  }

  private Optional<Updated> update(
      String id, @Nullable Task inHand, Function<Task, Optional<Task>> rule) {
    for (int i = 0; i < TRIES; i++) {
      var before = i == 0 && inHand != null ? inHand : store.find(id).orElse(null);
      if (before == null) {
        return Optional.empty();
      }
      var after = rule.apply(before);
      if (after.isEmpty()) {
        return Optional.of(new Updated(before, before));
      }
      var change = Change.of(before, after.get(), Change.Guard.NONE, nonce());
      if (store.write(change) == Written.WON) {
        return Optional.of(new Updated(before, change.after()));
      }
    }
    throw new Unavailable(
        "Task %s kept changing while it was to be written; try again.".formatted(id));
  }

  /**
   * Writes a provider's id to its attempt, whatever has become of the task meanwhile; a second
   * charge is an alarm.
   *
   * @param generation the generation of the execution that has the id in hand and goes on itself
   * @return the task as stored, or empty where there is none
   * @throws Unavailable when the table does not answer, or the task keeps changing
   */
  public Optional<Updated> recordId(
      String id, int generation, Turn.Unrecorded accepted, InstantSource clock, Settings settings) {
    return recordId(id, null, generation, accepted, clock, settings);
  }

  /**
   * The same by whoever made the claim: the id is written over the task in hand at once, and the
   * task is only read where somebody else has written to it since.
   *
   * @param claimed the task as the claim of its POST has stored it
   */
  public Optional<Updated> recordId(
      Task claimed, Turn.Unrecorded accepted, InstantSource clock, Settings settings) {
    return recordId(claimed.id(), claimed, claimed.generation(), accepted, clock, settings);
  }

  private Optional<Updated> recordId(
      String id,
      @Nullable Task inHand,
      int generation,
      Turn.Unrecorded accepted,
      InstantSource clock,
      Settings settings) {
    var updated =
        update(
            id,
            inHand,
            task ->
                Changes.idRecorded(
                    task,
                    accepted.attempt(),
                    accepted.providerTaskId(),
                    clock.instant(),
                    task.generation() == generation,
                    settings));
    updated
        .filter(u -> u.changed() && !accepted.providerTaskId().equals(u.task().providerTaskId()))
        .ifPresent(u ->
            log.error(
                "Task {}: a second charge. The provider also accepted attempt {} as {}.",
                id,
                accepted.attempt(),
                accepted.providerTaskId()));
    return updated;
  }

  /**
   * Writes a change of the task as it was read, once.
   *
   * @return the task as stored, or empty when it was not written because it is another by now
   */
  public Optional<Task> replace(Task before, Task after) {
    var change = Change.of(before, after, Change.Guard.NONE, nonce());
    return store.write(change) == Written.WON ? Optional.of(change.after()) : Optional.empty();
  }

  /** A fresh nonce. */
  public String nonce() {
    return Ids.uuid(random);
  }
}
