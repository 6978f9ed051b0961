package dev.understudy.core.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PollPolicyTest {
  private static final PollPolicy DEFAULT = policy(60, 5);
  private static final Reading RUNNING = new Reading.Working(Reading.ProviderStatus.RUNNING, null);
  private static final Reading THROTTLED =
      new Reading.Working(Reading.ProviderStatus.THROTTLED, null);

  @Test
  void firstWait_shouldBeTheEarliestPlausibleEnd() {
    assertThat(DEFAULT.firstWait()).isEqualTo(Duration.ofSeconds(60));
    assertThat(policy(2, 5).firstWait()).isEqualTo(Duration.ofSeconds(5));
    assertThat(policy(0, 1).firstWait()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void next_shouldNeedFewPollsAndSeeTheEndSoon_whenRendersTakeAsLongAsUsual() {
    Random random = new Random(20_260_301);
    long polls = 0;
    double lag = 0;
    int tasks = 50_000;
    for (int i = 0; i < tasks; i++) {
      double end = 120 * Math.exp(0.35 * random.nextGaussian());
      List<Long> times = times(DEFAULT, RUNNING, end, random);
      polls += times.size();
      lag += times.getLast() - end;
    }

    System.out.printf(
        "lognormal: %.2f polls, seen %.2f s after the end%n", 1.0 * polls / tasks, lag / tasks);
    assertThat(1.0 * polls / tasks).isLessThanOrEqualTo(7);
    assertThat(lag / tasks).isLessThanOrEqualTo(6);
  }

  @Test
  void next_shouldStayUnderFourHundredPolls_whenATaskTakesSixHours() {
    for (Reading reading : List.of(RUNNING, THROTTLED, new Reading.NotVisible())) {
      List<Long> times = times(DEFAULT, reading, 21_600, new Random(1));

      assertThat(times).hasSizeLessThan(400);
      List<Long> late = times.stream().filter(time -> time > 600).toList();
      assertThat(1.0 * (late.getLast() - late.getFirst()) / (late.size() - 1))
          .isGreaterThanOrEqualTo(50);
    }
  }

  @Test
  void next_shouldStayUnderFourHundredPolls_whenSixHoursMeetShortSettings() {
    assertThat(times(policy(10, 5), RUNNING, 21_600, new Random(1))).hasSizeLessThan(420);
  }

  @Test
  void next_shouldAskEverySecondOrTwo_whenSettingsAreShort() {
    List<Long> times = times(policy(2, 1), RUNNING, 30, new Random(1));

    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - 1)).isBetween(1L, 2L);
    }
    assertThat(times.getFirst()).isEqualTo(2);
  }

  @Test
  void next_shouldNotAskBeforeTheEarliestPlausibleEnd() {
    assertThat(DEFAULT.next(Duration.ofSeconds(20), RUNNING, still())).hasSeconds(40);
  }

  @Test
  void next_shouldWaitLonger_whenTheTaskHasNotStarted() {
    assertThat(DEFAULT.next(Duration.ofMinutes(2), THROTTLED, still())).hasSeconds(60);
    assertThat(DEFAULT.next(Duration.ofMinutes(2), RUNNING, still())).hasSeconds(10);
  }

  @Test
  void next_shouldKeepToRetryAfter_withinTenMinutes() {
    Duration since = Duration.ofMinutes(2);

    assertThat(DEFAULT.next(since, notYet(Duration.ofSeconds(90)), lowest()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(90));
    assertThat(DEFAULT.next(since, notYet(Duration.ofSeconds(1)), still())).hasSeconds(10);
    assertThat(DEFAULT.next(since, notYet(Duration.ofDays(30)), still()))
        .isLessThanOrEqualTo(Duration.ofMinutes(12));
  }

  @Test
  void next_shouldLookAgainSoon_whenOnlyTheUrlIsMissing() {
    assertThat(DEFAULT.next(Duration.ofHours(2), new Reading.DoneWithoutOutput(), still()))
        .hasSeconds(15);
  }

  @Test
  void next_shouldBeWholeSecondsWithinBounds_whateverIsAsked() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      PollPolicy policy =
          new PollPolicy(
              Duration.ofMillis(random.nextInt(3_600_001)),
              Duration.ofMillis(1_000 + random.nextInt(60_000)));
      Duration since = Duration.ofMillis(random.nextLong(-1_000, 40_000_000));
      Reading reading = random.nextBoolean() ? THROTTLED : notYet(Duration.ofSeconds(i));

      Duration wait = policy.next(since, reading, random);

      assertThat(wait.toMillis() % 1_000).isZero();
      assertThat(wait).isBetween(policy.pollMin(), Duration.ofHours(1));
    }
  }

  @Test
  void constructor_shouldRefuse_whatCannotBeKept() {
    assertThatIllegalArgumentException().isThrownBy(() -> policy(60, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> policy(-1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> policy(3_601, 5));
  }

  /** When a task that ends at a time is asked about, in seconds since it was submitted. */
  private static List<Long> times(
      PollPolicy policy, Reading reading, double end, RandomGenerator random) {
    List<Long> times = new ArrayList<>();
    long now = policy.firstWait().toSeconds();
    times.add(now);
    while (now < end) {
      now += policy.next(Duration.ofSeconds(now), reading, random).toSeconds();
      times.add(now);
    }
    return times;
  }

  private static PollPolicy policy(long first, long min) {
    return new PollPolicy(Duration.ofSeconds(first), Duration.ofSeconds(min));
  }

  private static Reading notYet(Duration retryAfter) {
    return new Reading.NotYet("busy", false, retryAfter);
  }

  private static RandomGenerator still() {
    return () -> 1L << 63; // nextDouble() is 0.5: no variation
  }

  private static RandomGenerator lowest() {
    return () -> 0L;
  }
}
