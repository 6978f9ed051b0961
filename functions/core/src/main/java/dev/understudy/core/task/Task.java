package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.request.PerformanceRequest;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One performance to render, as it is stored. It is a value: every change makes a new one ({@link
 * Changes}), and the table accepts it only over the revision it was made from.
 *
 * @param id the task's id, a UUID
 * @param tenant whose task it is; orders by S3 belong to {@code default}
 * @param createdAt when it was accepted
 * @param updatedAt when it last changed status, place, stall or money
 * @param status where it is
 * @param attempt the attempt it is in, from 1
 * @param generation raised with every execution; older executions are bystanders; 0 before the
 *     first
 * @param version raised with every change that people are told of; numbers the history
 * @param rev raised with every write; every write is conditional on the one it read
 * @param writer the nonce of the last write
 * @param place whether it holds one of the places at the provider
 * @param dueAt when reconcile has to look at it; null once nothing is due
 * @param notBefore a waiting task is not admitted before this
 * @param request what is asked of the provider
 * @param character the character as pinned
 * @param reference the reference as pinned
 * @param callerUris https addresses given by the caller; gone once the task has ended
 * @param order the S3 order it came from; null for API tasks
 * @param deliverTo the key in the bucket where the video will lie
 * @param attempts the attempts in order; of those that were certainly refused only the last few
 * @param providerTaskId the provider's id that is being followed
 * @param submittedAt when that id was recorded
 * @param providerStatus what the provider said last: PENDING, THROTTLED or RUNNING
 * @param progress 0 to 1, as the provider says while running
 * @param seenAt when it last said how the task stands
 * @param throttledAt when it last said that it had not begun; null if it never did
 * @param polls GETs that were answered or not
 * @param nextPollAt no GET before this
 * @param doneAt when the provider was first seen to be done, with or without a video
 * @param notVisibleSince since when the provider has not known the id
 * @param deliveryTries downloads that failed since the last stall
 * @param stall what stands in the way, if anything
 * @param idleGenerations executions in a row that ended without progress
 * @param returns how often it went back to waiting without a refusal
 * @param refusal the provider's refusals of this task so far
 * @param failure why it failed
 * @param output the delivered video
 * @param warnings what is likely to disappoint, and what was unexpected in the video
 * @param tags the caller's words for it, at most 10
 * @param hiddenAt when its user deleted it after it was sent: it is not shown any more, and is
 *     delivered all the same; null while it is shown
 * @param sentence where it is, for people
 * @param next what will happen next, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Task(
    String id,
    String tenant,
    Instant createdAt,
    Instant updatedAt,
    TaskStatus status,
    int attempt,
    int generation,
    long version,
    long rev,
    @Nullable String writer,
    boolean place,
    @Nullable Instant dueAt,
    @Nullable Instant notBefore,
    PerformanceRequest request,
    Input character,
    Input reference,
    @Nullable CallerUris callerUris,
    @Nullable OrderRef order,
    String deliverTo,
    List<Attempt> attempts,
    @Nullable String providerTaskId,
    @Nullable Instant submittedAt,
    @Nullable String providerStatus,
    @Nullable Double progress,
    @Nullable Instant seenAt,
    @Nullable Instant throttledAt,
    int polls,
    @Nullable Instant nextPollAt,
    @Nullable Instant doneAt,
    @Nullable Instant notVisibleSince,
    int deliveryTries,
    @Nullable Stall stall,
    int idleGenerations,
    int returns,
    @Nullable Refusal refusal,
    @Nullable Failure failure,
    @Nullable Output output,
    List<String> warnings,
    List<String> tags,
    @Nullable Instant hiddenAt,
    String sentence,
    String next) {

  /** Copies the lists. */
  public Task {
    attempts = List.copyOf(attempts);
    warnings = List.copyOf(warnings);
    tags = List.copyOf(tags);
  }

  /**
   * A task as it is accepted: waiting for a place, its price set aside in the month of acceptance
   * (UTC).
   *
   * @param priceCents the price of one request in US cents
   */
  public static Task accepted(
      String id,
      String tenant,
      Instant now,
      int priceCents,
      PerformanceRequest request,
      Input character,
      Input reference,
      @Nullable CallerUris callerUris,
      @Nullable OrderRef order,
      String deliverTo,
      List<String> warnings,
      List<String> tags) {
    return new Task(
        id,
        tenant,
        now,
        now,
        TaskStatus.QUEUED,
        1,
        0,
        1,
        0,
        null,
        false,
        null,
        null,
        request,
        character,
        reference,
        callerUris,
        order,
        deliverTo,
        List.of(
            Attempt.reserved(
                1, priceCents, YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString())),
        null,
        null,
        null,
        null,
        null,
        null,
        0,
        null,
        null,
        null,
        0,
        null,
        0,
        0,
        null,
        null,
        null,
        warnings,
        tags,
        null,
        "It is accepted and waits for a place at the provider.",
        "It is sent to the provider as soon as a place is free.");
  }

  /** Waits for a place, without an execution. */
  @JsonIgnore
  public boolean waiting() {
    return status == TaskStatus.QUEUED && !place;
  }

  /** Nothing moves it any more but a person, or an answer that nobody expects. */
  @JsonIgnore
  public boolean waitsForPerson() {
    return status == TaskStatus.SUBMISSION_UNKNOWN || (stall != null && dueAt == null);
  }

  /** The attempt it is in. */
  @JsonIgnore
  public Attempt currentAttempt() {
    return attempts.getLast();
  }

  /** The attempt of this number, if there was one. */
  public Optional<Attempt> attemptNumber(int number) {
    return attempts.stream().filter(a -> a.number() == number).findFirst();
  }

  /** The first attempt that the provider has accepted, if one is known. */
  public Optional<Attempt> acceptedAttempt() {
    return attempts.stream().filter(a -> a.providerTaskId() != null).findFirst();
  }

  /** Whether it was charged, over all its attempts, in the words that people see. */
  @JsonIgnore
  public String charged() {
    if (attempts.stream().anyMatch(a -> a.charge() == Charge.CHARGED)) {
      return "yes";
    }
    return attempts.stream().anyMatch(a -> a.charge() == Charge.UNKNOWN) ? "unknown" : "no";
  }

  /** True when the provider has the task and has not ended it, as far as is known. */
  @JsonIgnore
  public boolean following() {
    return status == TaskStatus.SUBMITTED || status == TaskStatus.PERSISTING;
  }

  /**
   * True when its last change is one that a person has to be told of: a submission is unknown, a
   * stall has begun, or a stall is not tried again by itself any more. In between a stall is tried
   * again, which nobody has to be called for.
   */
  public boolean personNeeded() {
    if (status == TaskStatus.SUBMISSION_UNKNOWN) {
      return true;
    }
    if (stall == null || dueAt == null) {
      return stall != null;
    }
    boolean untried = dueAt.isAfter(updatedAt); // a person's "try again" makes it due at once
    return stall.since().equals(updatedAt) && untried;
  }

  Builder edit() {
    return new Builder(this);
  }

  /** The next state of a task, field by field; only {@link Changes} and acceptance make one. */
  static final class Builder {
    private String id;
    private String tenant;
    private Instant createdAt;
    private Instant updatedAt;
    private TaskStatus status;
    private int attempt;
    private int generation;
    private long version;
    private long rev;
    private @Nullable String writer;
    private boolean place;
    private @Nullable Instant dueAt;
    private @Nullable Instant notBefore;
    private PerformanceRequest request;
    private Input character;
    private Input reference;
    private @Nullable CallerUris callerUris;
    private @Nullable OrderRef order;
    private String deliverTo;
    private List<Attempt> attempts;
    private @Nullable String providerTaskId;
    private @Nullable Instant submittedAt;
    private @Nullable String providerStatus;
    private @Nullable Double progress;
    private @Nullable Instant seenAt;
    private @Nullable Instant throttledAt;
    private int polls;
    private @Nullable Instant nextPollAt;
    private @Nullable Instant doneAt;
    private @Nullable Instant notVisibleSince;
    private int deliveryTries;
    private @Nullable Stall stall;
    private int idleGenerations;
    private int returns;
    private @Nullable Refusal refusal;
    private @Nullable Failure failure;
    private @Nullable Output output;
    private List<String> warnings;
    private List<String> tags;
    private @Nullable Instant hiddenAt;
    private String sentence;
    private String next;

    private Builder(Task task) {
      this.id = task.id;
      this.tenant = task.tenant;
      this.createdAt = task.createdAt;
      this.updatedAt = task.updatedAt;
      this.status = task.status;
      this.attempt = task.attempt;
      this.generation = task.generation;
      this.version = task.version;
      this.rev = task.rev;
      this.writer = task.writer;
      this.place = task.place;
      this.dueAt = task.dueAt;
      this.notBefore = task.notBefore;
      this.request = task.request;
      this.character = task.character;
      this.reference = task.reference;
      this.callerUris = task.callerUris;
      this.order = task.order;
      this.deliverTo = task.deliverTo;
      this.attempts = task.attempts;
      this.providerTaskId = task.providerTaskId;
      this.submittedAt = task.submittedAt;
      this.providerStatus = task.providerStatus;
      this.progress = task.progress;
      this.seenAt = task.seenAt;
      this.throttledAt = task.throttledAt;
      this.polls = task.polls;
      this.nextPollAt = task.nextPollAt;
      this.doneAt = task.doneAt;
      this.notVisibleSince = task.notVisibleSince;
      this.deliveryTries = task.deliveryTries;
      this.stall = task.stall;
      this.idleGenerations = task.idleGenerations;
      this.returns = task.returns;
      this.refusal = task.refusal;
      this.failure = task.failure;
      this.output = task.output;
      this.warnings = task.warnings;
      this.tags = task.tags;
      this.hiddenAt = task.hiddenAt;
      this.sentence = task.sentence;
      this.next = task.next;
    }

    Builder status(TaskStatus value) {
      this.status = value;
      return this;
    }

    Builder attempt(int value) {
      this.attempt = value;
      return this;
    }

    Builder generation(int value) {
      this.generation = value;
      return this;
    }

    Builder place(boolean value) {
      this.place = value;
      return this;
    }

    Builder dueAt(@Nullable Instant value) {
      this.dueAt = value;
      return this;
    }

    Builder notBefore(@Nullable Instant value) {
      this.notBefore = value;
      return this;
    }

    Builder callerUris(@Nullable CallerUris value) {
      this.callerUris = value;
      return this;
    }

    Builder providerTaskId(@Nullable String value) {
      this.providerTaskId = value;
      return this;
    }

    Builder providerStatus(@Nullable String value) {
      this.providerStatus = value;
      return this;
    }

    Builder progress(@Nullable Double value) {
      this.progress = value;
      return this;
    }

    Builder seenAt(@Nullable Instant value) {
      this.seenAt = value;
      return this;
    }

    Builder throttledAt(@Nullable Instant value) {
      this.throttledAt = value;
      return this;
    }

    Builder nextPollAt(@Nullable Instant value) {
      this.nextPollAt = value;
      return this;
    }

    Builder doneAt(@Nullable Instant value) {
      this.doneAt = value;
      return this;
    }

    Builder notVisibleSince(@Nullable Instant value) {
      this.notVisibleSince = value;
      return this;
    }

    Builder deliveryTries(int value) {
      this.deliveryTries = value;
      return this;
    }

    Builder stall(@Nullable Stall value) {
      this.stall = value;
      return this;
    }

    Builder idleGenerations(int value) {
      this.idleGenerations = value;
      return this;
    }

    Builder returns(int value) {
      this.returns = value;
      return this;
    }

    Builder refusal(@Nullable Refusal value) {
      this.refusal = value;
      return this;
    }

    Builder failure(@Nullable Failure value) {
      this.failure = value;
      return this;
    }

    Builder output(@Nullable Output value) {
      this.output = value;
      return this;
    }

    Builder submittedAt(@Nullable Instant at) {
      this.submittedAt = at;
      return this;
    }

    Builder warnings(List<String> value) {
      this.warnings = value;
      return this;
    }

    Builder hiddenAt(@Nullable Instant value) {
      this.hiddenAt = value;
      return this;
    }

    Builder attempt(Attempt changed) {
      var list = new ArrayList<>(attempts);
      list.replaceAll(a -> a.number() == changed.number() ? changed : a);
      if (list.stream().noneMatch(a -> a.number() == changed.number())) {
        list.add(changed);
        list.sort(Comparator.comparingInt(Attempt::number));
      }
      this.attempts = list;
      return this;
    }

    /** Drops the oldest attempts that certainly were not accepted, but for the last few. */
    Builder forgetReturned(int kept) {
      var list = new ArrayList<>(attempts);
      long returned = list.stream().filter(Builder::forgettable).count();
      for (var each = list.iterator(); each.hasNext() && returned > kept; ) {
        if (forgettable(each.next())) {
          each.remove();
          returned--;
        }
      }
      this.attempts = list;
      return this;
    }

    private static boolean forgettable(Attempt attempt) {
      return attempt.charge() == Charge.RETURNED && attempt.providerTaskId() == null;
    }

    /** Closes a change that people are told of. */
    Task told(Instant now, String newSentence, String newNext) {
      this.version++;
      this.updatedAt = now;
      this.sentence = newSentence;
      this.next = newNext;
      return quiet();
    }

    /** Says it in other words, before anybody was told. */
    Task retold(String newSentence, String newNext) {
      this.sentence = newSentence;
      this.next = newNext;
      return quiet();
    }

    /** Closes a change that nobody is told of. */
    Task quiet() {
      return new Task(
          id,
          tenant,
          createdAt,
          updatedAt,
          status,
          attempt,
          generation,
          version,
          rev,
          writer,
          place,
          dueAt,
          notBefore,
          request,
          character,
          reference,
          callerUris,
          order,
          deliverTo,
          attempts,
          providerTaskId,
          submittedAt,
          providerStatus,
          progress,
          seenAt,
          throttledAt,
          polls,
          nextPollAt,
          doneAt,
          notVisibleSince,
          deliveryTries,
          stall,
          idleGenerations,
          returns,
          refusal,
          failure,
          output,
          warnings,
          tags,
          hiddenAt,
          sentence,
          next);
    }

    Builder stamped(String nonce) {
      this.rev++;
      this.writer = nonce;
      return this;
    }
  }
}
