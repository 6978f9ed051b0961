package dev.understudy.core.stack;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the stack submits. It pauses itself when a refusal may concern every task, sends one
 * waiting task as a probe after a while, and resumes when that one passes; paused by a person it
 * waits for a person.
 *
 * @param rev raised with every write
 * @param pauses raised with every pause and resumption: a pause is only written over the one read
 *     before the POST that asks for it
 * @param paused whether only the probe may be submitted
 * @param byPerson whether a person paused it
 * @param by who paused it, or resumed it last; null for the stack itself
 * @param reason why it is paused, or why it was resumed last, for people; null for one that always
 *     ran
 * @param since when it was paused, or when it last resumed; null for one that always ran
 * @param notBefore the provider asked to wait until then
 * @param busyStreak refusals of the kind "later" in a row
 * @param unknownStreak unknown submissions in a row
 * @param probeAt when a probe may be admitted
 * @param probes probes so far
 * @param probe the task that is the probe
 * @param lastRefused the task whose refusal paused the stack, or the last probe refused
 * @param lastAccepted when the provider last took a task, or refused one for what it is, while
 *     something was held against it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Control(
    long rev,
    long pauses,
    boolean paused,
    boolean byPerson,
    @Nullable String by,
    @Nullable String reason,
    @Nullable Instant since,
    @Nullable Instant notBefore,
    int busyStreak,
    int unknownStreak,
    @Nullable Instant probeAt,
    int probes,
    @Nullable String probe,
    @Nullable String lastRefused,
    @Nullable Instant lastAccepted) {

  /** Unknown submissions in a row that pause the stack. */
  public static final int UNKNOWN_IN_A_ROW = 3;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  /** A Retry-After is kept to, but no longer than this: a wrong one must not stop the stack. */
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

  private static final String RESUMED_ITSELF =
      "The provider answered the probe, so it submits again.";

  private static final int[] PROBE_PAUSES = {1, 3, 12};

  /** A stack that runs and of which nothing has been written yet. */
  public static Control running() {
    return new Control(0, 0, false, false, null, null, null, null, 0, 0, null, 0, null, null, null);
  }

  /** Whether this task may be submitted as far as pausing goes. */
  public boolean maySubmit(String taskId) {
    return !paused || taskId.equals(probe);
  }

  /** Whether the provider asked to wait longer than now. */
  public boolean waits(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }

  /** Whether a probe is due: paused by itself, and its time has come. */
  public boolean probeDue(Instant now) {
    return paused && !byPerson && probeAt != null && !now.isBefore(probeAt) && !waits(now);
  }

  /**
   * How long the provider has been refusing a task, without the time in which nothing was sent.
   *
   * @param first when it was first refused
   * @return zero while the stack is paused
   */
  public Duration refusing(Instant first, Instant now) {
    if (paused) {
      return Duration.ZERO;
    }
    return Duration.between(since != null && since.isAfter(first) ? since : first, now);
  }

  /** Nothing to forget when a POST gets through. */
  @JsonIgnore
  public boolean calm() {
    return !paused && busyStreak == 0 && unknownStreak == 0;
  }

  /**
   * The provider asked to come back later.
   *
   * @param retryAfter what it named, an hour at the most; null: 5 s, doubled with each refusal in a
   *     row up to 5 min
   */
  public Control busy(Instant now, @Nullable Duration retryAfter) {
    var wait = retryAfter;
    if (wait == null) {
      wait = FIRST_WAIT.multipliedBy(1L << Math.min(busyStreak, 6));
      wait = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
    wait = wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
    var until = now.plus(wait);
    if (notBefore != null && notBefore.isAfter(until)) {
      until = notBefore;
    }
    return new Control(
        rev,
        pauses,
        paused,
        byPerson,
        by,
        reason,
        since,
        until,
        busyStreak + 1,
        unknownStreak,
        probeAt,
        probes,
        probe,
        lastRefused,
        lastAccepted);
  }

  /** One more submission of which the end is not known; the third in a row pauses. */
  public Control unknown(Instant now, String taskId, Settings settings) {
    var counted =
        new Control(
            rev,
            pauses,
            paused,
            byPerson,
            by,
            reason,
            since,
            notBefore,
            busyStreak,
            unknownStreak + 1,
            probeAt,
            probes,
            probe,
            lastRefused,
            lastAccepted);
    if (counted.unknownStreak < UNKNOWN_IN_A_ROW || (paused && !taskId.equals(probe))) {
      return counted;
    }
    return counted.pausedByItself(
        now,
        taskId,
        "%d submissions in a row ended without a known answer.".formatted(counted.unknownStreak),
        settings);
  }

  /**
   * Pauses by itself, or, where the probe was refused, waits longer for the next one. A person's
   * pause stays as it is.
   *
   * @param taskId the task that was refused
   * @param why the refusal, for people
   */
  public Control pausedByItself(Instant now, String taskId, String why, Settings settings) {
    if (byPerson) {
      return this;
    }
    boolean again = paused;
    int tried = again ? probes + 1 : 0;
    var pause =
        settings.probe().multipliedBy(PROBE_PAUSES[Math.min(tried, PROBE_PAUSES.length - 1)]);
    return new Control(
        rev,
        pauses + 1,
        true,
        false,
        null,
        why,
        again && since != null ? since : now,
        notBefore,
        busyStreak,
        unknownStreak,
        now.plus(pause),
        tried,
        null,
        taskId,
        lastAccepted);
  }

  /**
   * A person pauses the stack: no probe until a person resumes it.
   *
   * @param who who it is, in words: a token's name and tenant
   */
  public Control pausedByPerson(Instant now, String who, String why) {
    return new Control(
        rev,
        pauses + 1,
        true,
        true,
        who,
        why,
        now,
        notBefore,
        busyStreak,
        unknownStreak,
        null,
        0,
        null,
        lastRefused,
        lastAccepted);
  }

  /** This waiting task is sent as the probe. */
  public Control probing(Instant now, String taskId, Settings settings) {
    return new Control(
        rev,
        pauses,
        paused,
        byPerson,
        by,
        reason,
        since,
        notBefore,
        busyStreak,
        unknownStreak,
        now.plus(settings.probe()),
        probes,
        taskId,
        lastRefused,
        lastAccepted);
  }

  /**
   * A POST got through to a decision on its task: whatever was held against the provider is over.
   */
  public Control passed(Instant now, String taskId) {
    return answered(now, taskId, now);
  }

  /**
   * The provider did answer as it does when all is well, but did not decide on the task: the probe
   * has done its work, and it is no proof that another task passes.
   */
  public Control reached(Instant now, String taskId) {
    return answered(now, taskId, lastAccepted);
  }

  private Control answered(Instant now, String taskId, @Nullable Instant accepted) {
    boolean resumes = paused && !byPerson && taskId.equals(probe);
    boolean still = paused && !resumes;
    return new Control(
        rev,
        resumes ? pauses + 1 : pauses,
        still,
        byPerson && still,
        resumes ? null : by,
        resumes ? RESUMED_ITSELF : reason,
        resumes ? now : since,
        notBefore != null && notBefore.isAfter(now) ? notBefore : null,
        0,
        0,
        still ? probeAt : null,
        still ? probes : 0,
        still ? probe : null,
        lastRefused,
        accepted);
  }

  /**
   * A person resumes the stack.
   *
   * @param who who it is, in words: a token's name and tenant
   */
  public Control resumed(Instant now, String who, String why) {
    return new Control(
        rev,
        pauses + 1,
        false,
        false,
        who,
        why,
        now,
        null,
        0,
        0,
        null,
        0,
        null,
        lastRefused,
        lastAccepted);
  }

  /** The same with the revision that a write gives it. */
  public Control written() {
    return new Control(
        rev + 1,
        pauses,
        paused,
        byPerson,
        by,
        reason,
        since,
        notBefore,
        busyStreak,
        unknownStreak,
        probeAt,
        probes,
        probe,
        lastRefused,
        lastAccepted);
  }
}
