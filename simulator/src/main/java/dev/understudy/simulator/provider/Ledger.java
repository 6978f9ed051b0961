package dev.understudy.simulator.provider;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked, what was accepted and what was paid: the truth that a caller's own records are
 * compared with.
 *
 * @param charges one per accepted task, in the order of acceptance
 * @param tasks one per accepted task, in the same order
 * @param submits one per POST that reached the provider, whatever became of it
 * @param maxConcurrent the most tasks that were unfinished at the provider at once
 */
public record Ledger(
    List<Charge> charges, List<TaskEntry> tasks, List<Submit> submits, int maxConcurrent) {
  /** Keeps its own copies. */
  public Ledger {
    charges = List.copyOf(charges);
    tasks = List.copyOf(tasks);
    submits = List.copyOf(submits);
  }

  /**
   * A charge.
   *
   * @param providerTaskId what it is for
   * @param seed of the request; null: none was sent
   * @param at when the task was accepted
   * @param amountUsd what it costs
   * @param refunded whether it was given back since
   */
  public record Charge(
      String providerTaskId,
      @Nullable Long seed,
      Instant at,
      BigDecimal amountUsd,
      boolean refunded) {}

  /**
   * A task.
   *
   * @param id the provider's
   * @param seed of the request; null: none was sent
   * @param status the true one, in Runway's words, whatever GETs were told
   * @param ratio as asked
   * @param model as asked
   * @param character where it was fetched from, without the query, which may hold a signature
   * @param reference the same for the reference
   * @param acceptedAt when it was accepted
   * @param startedAt when its rendering started; null: still waiting
   * @param finishedAt when it ended; null: not yet
   * @param failureCode null: none
   * @param gets when each GET of it came, answered well or not
   * @param downloads when each GET of its output came
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record TaskEntry(
      String id,
      @Nullable Long seed,
      ProviderStatus status,
      String ratio,
      String model,
      String character,
      String reference,
      Instant acceptedAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable String failureCode,
      List<Instant> gets,
      List<Instant> downloads) {
    /** Keeps its own copies. */
    public TaskEntry {
      gets = List.copyOf(gets);
      downloads = List.copyOf(downloads);
    }
  }

  /**
   * A POST.
   *
   * @param at when it came
   * @param seed as sent; null: none, or none that could be read
   * @param outcome accepted, a refusal with its status, or the fault that happened
   * @param providerTaskId null: nothing was accepted
   */
  public record Submit(
      Instant at, @Nullable Long seed, String outcome, @Nullable String providerTaskId) {}
}
