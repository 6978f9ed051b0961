package dev.understudy.adapters.dynamodb;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.Unavailable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * Sends a call until it is decided: conflicts, throttling and answers that got lost are sent again,
 * with pauses of random length (so that those who met do not meet again), a few times and for a few
 * seconds. The SDK's own retries lie below this and know nothing of conflicts.
 */
final class Resending {

  static final int TRIES = 6;

  /** No call is sent again later than this after the first, however long each of them took. */
  static final Duration PATIENCE = Duration.ofSeconds(4);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  /** Lets time pass; tests let none. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration pause) throws InterruptedException;
  }

  private final InstantSource clock;
  private final RandomGenerator random;
  private final Sleeper sleeper;

  Resending(InstantSource clock, RandomGenerator random, Sleeper sleeper) {
    this.clock = clock;
    this.random = random;
    this.sleeper = sleeper;
  }

  /**
   * Sends a call until it answers.
   *
   * @param what what the call does to the table, for the error's sentence: "read task 7"
   * @param call sends it once; throws what the SDK throws
   * @param lookAgain what a consistent read afterwards tells of a call that stayed without an
   *     answer: it may have counted all the same
   * @throws Unavailable when that does not decide it either
   */
  <T> T until(String what, Supplier<T> call, Supplier<Optional<T>> lookAgain) {
    var until = clock.instant().plus(PATIENCE);
    for (int failed = 1; ; failed++) {
      try {
        return call.get();
      } catch (SdkException e) {
        var pause = pause(failed);
        if (!mayPass(e) || failed == TRIES || clock.instant().plus(pause).isAfter(until)) {
          return afterDoubt(lookAgain, e).orElseThrow(() -> unavailable(what, e));
        }
        sleep(what, pause);
      }
    }
  }

  /** The same for a call that changes nothing, or nothing that anyone has to know of. */
  <T> T until(String what, Supplier<T> call) {
    return until(what, call, Optional::empty);
  }

  /**
   * Waits before the rest of a call that was answered in part is sent again.
   *
   * @param repetition 1 for the first
   * @throws Unavailable when it was repeated often enough
   */
  void pauseBefore(String what, int repetition) {
    if (repetition == TRIES) {
      throw new Unavailable(
          "DynamoDB did not %s whole after several tries: try again later.".formatted(what));
    }
    sleep(what, pause(repetition));
  }

  private Duration pause(int failed) {
    long most = FIRST_PAUSE.multipliedBy(1L << (failed - 1)).toMillis();
    return Duration.ofMillis(random.nextLong(most) + 1);
  }

  private void sleep(String what, Duration pause) {
    try {
      sleeper.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("It was interrupted before it could %s.".formatted(what), e);
    }
  }

  private static <T> Optional<T> afterDoubt(Supplier<Optional<T>> lookAgain, SdkException first) {
    try {
      return lookAgain.get();
    } catch (SdkException e) {
      first.addSuppressed(e);
      return Optional.empty();
    }
  }

  private static boolean mayPass(SdkException e) {
    return switch (e) {
      case TransactionConflictException _, TransactionInProgressException _ -> true;
      case TransactionCanceledException cancelled -> onlyConflicts(cancelled);
      case SdkServiceException service ->
          service.isThrottlingException() || service.statusCode() >= 500;
      case AbortedException _, NonRetryableException _ -> false;
      default -> true;
    };
  }

  private static boolean onlyConflicts(TransactionCanceledException cancelled) {
    return cancelled.cancellationReasons().stream()
        .allMatch(reason ->
            switch (reason.code()) {
              case "None",
                  "ConditionalCheckFailed", // behind a conflict: else the caller had decided it
                  "TransactionConflict",
                  "ThrottlingError",
                  "ProvisionedThroughputExceeded" ->
                  true;
              default -> false;
            });
  }

  /** Names the error by its code alone: a message of the service may repeat what was sent. */
  private static Unavailable unavailable(String what, SdkException e) {
    var code =
        ServiceFailure.code(e).isEmpty() ? e.getClass().getSimpleName() : ServiceFailure.code(e);
    var sentence =
        mayPass(e)
            ? "DynamoDB did not %s after several tries (%s): try again later."
            : "DynamoDB refused to %s (%s): check the table's name and the function's permissions.";
    return new Unavailable(sentence.formatted(what, code), e);
  }
}
