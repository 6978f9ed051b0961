package dev.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.simulator.provider.Action;
import dev.understudy.simulator.provider.Call;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.simulator.provider.Point;
import dev.understudy.simulator.provider.Provider;
import dev.understudy.simulator.provider.Reply;
import dev.understudy.simulator.provider.Settings;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What the same faults cost with the ways of sending that are at hand, in the ledger of the same
 * provider. Every task meets a fault in its first send; later sends meet one as often as not.
 */
class PeersTest {

  private static final int TASKS = 5_000;
  private static final String KEY = "simulated-key";
  private static final String BODY =
      """
      {"model":"act_two","character":{"type":"image","uri":"https://media.example.org/%d.png"},
       "reference":{"type":"video","uri":"https://media.example.org/%d.mp4"},"ratio":"1280:720",
       "bodyControl":true,"expressionIntensity":3,"seed":%d,"contentModeration":{"publicFigureThreshold":"auto"}}\
      """;

  /** What the sender knows of a send. */
  private enum Heard {
    /** The id. */
    ID,
    /** It was certainly not accepted, and may be later. */
    LATER,
    /** An error, a reset or nothing. */
    DOUBT,
    /** Nothing at all: the sender was killed in the middle of it. */
    KILLED
  }

  private static final List<Action> FAULTS =
      List.of(
          Action.RATE_LIMIT,
          Action.ERROR_BEFORE_ACCEPTANCE,
          Action.RESET_BEFORE_ACCEPTANCE,
          Action.TIMEOUT_BEFORE_ACCEPTANCE,
          Action.ERROR_AFTER_ACCEPTANCE,
          Action.RESET_AFTER_ACCEPTANCE,
          Action.TIMEOUT_AFTER_ACCEPTANCE);

  /** Whether it sends again after this, having sent so often. */
  private interface Policy {
    boolean again(Heard last, int sends);
  }

  /**
   * What a policy comes to.
   *
   * @param charges in the ledger
   * @param twice charges beyond the first of a task
   * @param lost tasks that nobody has an id of, and nothing says so
   * @param person tasks that wait for a person
   */
  private record Sum(int charges, int twice, int lost, int person) {}

  private static Heard send(Provider provider, SplittableRandom fate, int task, boolean faulty) {
    boolean killed = faulty && fate.nextInt(4) == 0;
    if (killed && fate.nextBoolean()) {
      return Heard.KILLED; // before the request was out
    }
    if (faulty && !killed) {
      provider.add(Fault.once(null, Point.SUBMIT, FAULTS.get(fate.nextInt(FAULTS.size()))));
    }
    var reply =
        provider.submit(
            new Call(
                Map.of("Authorization", "Bearer " + KEY, "X-Runway-Version", "2024-11-06"),
                BODY.formatted(task, task, task),
                ProviderSide.HOST));
    provider.clearFaults();
    return killed
        ? Heard.KILLED
        : switch (reply) {
          case Reply.Answer answer when answer.status() == 200 -> Heard.ID;
          case Reply.Answer answer when answer.status() == 429 -> Heard.LATER;
          default -> Heard.DOUBT;
        };
  }

  private static Sum of(Policy policy, boolean remembersDoubt) {
    var provider = ProviderSide.plain(Instant.parse("2026-11-21T09:00:00Z"), Settings.usual());
    int lost = 0;
    int person = 0;
    for (int task = 0; task < TASKS; task++) {
      var fate = new SplittableRandom(task);
      var last = send(provider, fate, task, true);
      boolean doubt = last != Heard.LATER && last != Heard.ID;
      boolean known = last == Heard.ID;
      for (int sends = 1; !known && policy.again(last, sends); sends++) {
        last = send(provider, fate, task, fate.nextBoolean());
        known = last == Heard.ID;
        doubt |= last == Heard.DOUBT || last == Heard.KILLED;
      }
      boolean waits = !known && remembersDoubt && doubt;
      person += waits ? 1 : 0;
      lost += known || waits ? 0 : 1;
    }
    var byTask = new HashMap<String, Integer>();
    for (var entry : provider.ledger(null).tasks()) {
      byTask.merge(entry.character(), 1, Integer::sum);
    }
    int charges = byTask.values().stream().mapToInt(Integer::intValue).sum();
    return new Sum(charges, charges - byTask.size(), lost, person);
  }

  @Test
  void understudy_shouldNeitherPayTwiceNorLose_whereTheOthersDo() {
    // twice more on an error, a reset or a timeout; a program that died sends nothing more
    var sdk = of((last, sends) -> sends < 3 && last != Heard.KILLED, false);
    // three times more on any error, a crash of the function among them
    var retry = of((last, sends) -> sends < 4, false);
    // a crash leaves "in progress" behind, which expires: then it is sent once more
    var expiring = of((last, sends) -> last == Heard.KILLED && sends < 3 || sends < 2, false);
    // again only where it was certainly not accepted; what is in doubt waits for a person
    var ours = of((last, sends) -> last == Heard.LATER, true);

    System.out.printf(
        "%nper 1,000 tasks whose first send meets a fault%n%-48s %8s %11s %6s %19s%n",
        "policy", "charges", "paid twice", "lost", "waits for a person");
    print("Runway's SDKs (a failing create is sent 3 times)", sdk);
    print("Step Functions' default Retry", retry);
    print("idempotency whose record expires", expiring);
    print("Understudy", ours);

    assertThat(ours.twice()).isZero();
    assertThat(ours.lost()).isZero();
    assertThat(List.of(sdk, retry, expiring))
        .allSatisfy(peer -> {
          assertThat(peer.twice()).isPositive();
          assertThat(peer.lost()).isPositive();
        });
  }

  private static void print(String name, Sum sum) {
    System.out.printf(
        "%-48s %8.0f %11.0f %6.0f %19.0f%n",
        name,
        sum.charges() * 1000.0 / TASKS,
        sum.twice() * 1000.0 / TASKS,
        sum.lost() * 1000.0 / TASKS,
        sum.person() * 1000.0 / TASKS);
  }
}
