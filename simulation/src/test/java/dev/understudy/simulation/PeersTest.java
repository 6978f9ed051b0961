package dev.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What the same faults cost with other ways of sending: the policies that are at hand, in the same
 * ledger. A shot is lost where nobody has its id and nothing says that there may be one.
 */
class PeersTest {

  private static final int TASKS = 100_000;

  /** How one send can end. */
  private enum Send {
    ANSWERED,
    REFUSED_FOR_NOW,
    LOST_BEFORE,
    LOST_AFTER,
    KILLED_BEFORE,
    KILLED_AFTER
  }

  /** What a policy comes to. */
  private record Sum(int charges, int duplicates, int lost, int waiting) {}

  private static Send send(SplittableRandom fate) {
    // one send in four meets a fault: as often before the provider's acceptance as after it
    if (fate.nextInt(4) != 0) {
      return Send.ANSWERED;
    }
    return switch (fate.nextInt(6)) {
      case 0, 1 -> Send.REFUSED_FOR_NOW;
      case 2 -> Send.LOST_BEFORE;
      case 3 -> Send.LOST_AFTER;
      case 4 -> Send.KILLED_BEFORE;
      default -> Send.KILLED_AFTER;
    };
  }

  private static boolean charged(Send send) {
    return send == Send.ANSWERED || send == Send.LOST_AFTER || send == Send.KILLED_AFTER;
  }

  /** Sends until an answer comes, some times at the most. */
  private interface Policy {
    boolean again(Send last, int sends);
  }

  private static Sum of(Policy policy, boolean remembersDoubt) {
    int charges = 0;
    int duplicates = 0;
    int lost = 0;
    int waiting = 0;
    for (long seed = 0; seed < TASKS; seed++) {
      var fate = new SplittableRandom(seed);
      int paid = 0;
      boolean delivered = false;
      boolean doubt = false;
      Send last = Send.REFUSED_FOR_NOW;
      for (int sends = 0; sends == 0 || policy.again(last, sends); sends++) {
        last = send(fate);
        paid += charged(last) ? 1 : 0;
        delivered |= last == Send.ANSWERED;
        doubt |= last != Send.ANSWERED && last != Send.REFUSED_FOR_NOW;
      }
      charges += paid;
      duplicates += Math.max(0, paid - 1);
      boolean person = remembersDoubt && !delivered && doubt;
      waiting += person ? 1 : 0;
      lost += !delivered && !person ? 1 : 0;
    }
    return new Sum(charges, duplicates, lost, waiting);
  }

  @Test
  void ourPolicy_shouldNeitherPayTwiceNorLose_whereTheOthersDo() {
    // the SDK: twice more on anything but an answer; a process that died sends nothing more
    var sdk =
        of(
            (last, sends) ->
                sends < 3
                    && (last == Send.REFUSED_FOR_NOW
                        || last == Send.LOST_BEFORE
                        || last == Send.LOST_AFTER),
            false);
    // Step Functions' default Retry on all errors: three more times, whatever it was
    var retry = of((last, sends) -> sends < 4 && last != Send.ANSWERED, false);
    // idempotency whose record of what is in progress expires: the same, once it has expired
    var expiring = of((last, sends) -> sends < 3 && last != Send.ANSWERED, false);
    // ours: again only where it was certainly not accepted; what is in doubt waits for a person
    var ours = of((last, sends) -> last == Send.REFUSED_FOR_NOW, true);

    System.out.printf(
        "%nper 1,000 tasks, one send in four faulty%n%-46s %9s %12s %6s %19s%n",
        "policy", "charges", "paid twice", "lost", "waits for a person");
    print("Runway's SDK: a failing create is sent 3 times", sdk);
    print("Step Functions' default Retry", retry);
    print("idempotency that expires", expiring);
    print("Understudy", ours);

    assertThat(ours.duplicates()).isZero();
    assertThat(ours.lost()).isZero();
    assertThat(sdk.duplicates()).isPositive();
    assertThat(sdk.lost()).isPositive();
    assertThat(retry.duplicates()).isPositive();
    assertThat(expiring.duplicates()).isPositive();
  }

  private static void print(String name, Sum sum) {
    System.out.printf(
        "%-46s %9.0f %12.0f %6.0f %19.0f%n",
        name,
        sum.charges() * 1000.0 / TASKS,
        sum.duplicates() * 1000.0 / TASKS,
        sum.lost() * 1000.0 / TASKS,
        sum.waiting() * 1000.0 / TASKS);
  }
}
