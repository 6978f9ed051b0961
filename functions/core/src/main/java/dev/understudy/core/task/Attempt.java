package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One paid POST, sent or still to be sent.
 *
 * @param number 1 for the first; a refused or repeated order raises it
 * @param charge what became of its price
 * @param cents its price in US cents
 * @param month the month whose cap it counts against, UTC, {@code yyyy-MM}
 * @param owner the nonce of the invocation that may send it; null before SUBMITTING
 * @param leaseUntil when that ownership ends
 * @param providerTaskId the provider's id, once known; written whatever the task's status is
 * @param attachedBy the person who attached that id; null for one that the provider itself answered
 * @param outcome what the POST came back with, in one sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Attempt(
    int number,
    Charge charge,
    int cents,
    String month,
    @Nullable String owner,
    @Nullable Instant leaseUntil,
    @Nullable String providerTaskId,
    @Nullable String attachedBy,
    @Nullable String outcome) {

  /** Checks that the attempt is numbered from 1 and that its price is not negative. */
  public Attempt {
    if (number < 1 || cents < 0) {
      throw new IllegalArgumentException("attempt " + number + " of " + cents + " cents");
    }
  }

  /** An attempt whose price is set aside and that nobody has begun to send. */
  public static Attempt reserved(int number, int cents, String month) {
    return new Attempt(number, Charge.RESERVED, cents, month, null, null, null, null, null);
  }

  Attempt ownedBy(String nonce, Instant until) {
    return new Attempt(
        number, charge, cents, month, nonce, until, providerTaskId, attachedBy, outcome);
  }

  Attempt with(Charge newCharge, String newOutcome) {
    return new Attempt(
        number, newCharge, cents, month, owner, leaseUntil, providerTaskId, attachedBy, newOutcome);
  }

  Attempt accepted(String id) {
    return new Attempt(
        number,
        Charge.CHARGED,
        cents,
        month,
        owner,
        leaseUntil,
        id,
        null,
        "accepted by the provider");
  }

  Attempt attached(String id, String who) {
    return new Attempt(
        number,
        Charge.CHARGED,
        cents,
        month,
        owner,
        leaseUntil,
        id,
        who,
        "the provider's id was attached by a person");
  }
}
