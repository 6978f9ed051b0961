package dev.understudy.core.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollPolicyTest {
  private static final PollPolicy DEFAULT = policy(75, 5);
  private static final Reading RUNNING = new Reading.Working(Reading.ProviderStatus.RUNNING, null);
  private static final Reading THROTTLED =
      new Reading.Working(Reading.ProviderStatus.THROTTLED, null);

  @Test
  void firstWait_shouldBeTheEarliestPlausibleEnd() {
    assertThat(DEFAULT.firstWait()).isEqualTo(Duration.ofSeconds(75));
    assertThat(policy(2, 5).firstWait()).isEqualTo(Duration.ofSeconds(5));
    assertThat(policy(0, 1).firstWait()).isEqualTo(Duration.ofSeconds(1));
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
    assertThat(DEFAULT.next(Duration.ofSeconds(20), RUNNING, null, still())).hasSeconds(55);
  }

  @Test
  void next_shouldWaitLonger_whenTheTaskHasNotStarted() {
    assertThat(DEFAULT.next(Duration.ofMinutes(2), THROTTLED, null, still())).hasSeconds(60);
    assertThat(DEFAULT.next(Duration.ofMinutes(2), RUNNING, null, still())).hasSeconds(9);
  }

  @Test
  void next_shouldAskWhenItIsDone_whenTheProgressIsSteady() {
    // 100 s at work and half done, as it was 20 s ago at 40 %: 100 s are left
    assertThat(next(100, 0.5, 20, 0.4)).hasSeconds(40); // believed up to four times the usual wait
    assertThat(next(100, 0.8, 20, 0.64)).hasSeconds(26);
    assertThat(next(100, 0.99, 20, 0.79)).hasSeconds(5);
  }

  @Test
  void next_shouldGoByTime_whenTheProgressCannotBeBelieved() {
    var byTime = DEFAULT.next(Duration.ofSeconds(100), RUNNING, null, still());

    assertThat(next(100, 0.5, 20, 0.5)).as("it stands still").isEqualTo(byTime);
    assertThat(next(100, 0.5, 20, 0.1)).as("it jumps").isEqualTo(byTime);
    assertThat(next(100, 0.9, 20, 0.87)).as("it slows down").isEqualTo(byTime);
    assertThat(next(100, 0.5, 20, 0.6)).as("it falls back").isEqualTo(byTime);
    assertThat(DEFAULT.next(Duration.ofSeconds(100), running(0.5), null, still()))
        .as("it is the first")
        .isEqualTo(byTime);
  }

  /** The shares and ages of the class, in seconds of a first wait of 75 s. */
  @ParameterizedTest
  @CsvSource({
    "0,75", "74,5", "75,15", "80,14", "100,10", "115,9", "200,9", "270,23", "330,38", "600,38",
    "1100,50", "5000,60"
  })
  void next_shouldFollowTheAge_asItIsWrittenDown(int age, int wait) {
    assertThat(DEFAULT.next(Duration.ofSeconds(age), RUNNING, null, still())).hasSeconds(wait);
  }

  @Test
  void next_shouldVaryByATenth_eitherWay() {
    var age = Duration.ofSeconds(5000);
    assertThat(DEFAULT.next(age, RUNNING, null, lowest())).hasSeconds(54);
    assertThat(DEFAULT.next(age, RUNNING, null, highest())).hasSeconds(66);
  }

  @Test
  void next_shouldBelieveAProgress_whoseTwoEstimatesAreAQuarterApartAtMost() {
    // 25 s are left by the whole time, and 22 s by the pace since the answer before
    assertThat(next(100, 0.8, 20, 0.618)).hasSeconds(26);
    // 25 s and 18 s
    assertThat(next(100, 0.8, 20, 0.578)).hasSeconds(10);
  }

  @Test
  void next_shouldKeepToRetryAfter_withinTenMinutes() {
    Duration since = Duration.ofMinutes(2);

    assertThat(DEFAULT.next(since, notYet(Duration.ofSeconds(90)), null, lowest()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(90));
    assertThat(DEFAULT.next(since, notYet(Duration.ofSeconds(1)), null, still())).hasSeconds(9);
    assertThat(DEFAULT.next(since, notYet(Duration.ofDays(30)), null, still()))
        .isLessThanOrEqualTo(Duration.ofMinutes(12));
  }

  @Test
  void next_shouldLookAgainSoon_whenOnlyTheUrlIsMissing() {
    assertThat(DEFAULT.next(Duration.ofHours(2), new Reading.DoneWithoutOutput(), null, still()))
        .hasSeconds(19);
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
      Reading reading =
          switch (random.nextInt(3)) {
            case 0 -> THROTTLED;
            case 1 -> notYet(Duration.ofSeconds(i));
            default -> running(random.nextDouble());
          };
      var earlier =
          random.nextBoolean()
              ? null
              : new PollPolicy.Earlier(
                  Duration.ofMillis(random.nextInt(100_000)), random.nextDouble());

      Duration wait = policy.next(since, reading, earlier, random);

      assertThat(wait.toMillis() % 1_000).isZero();
      assertThat(wait).isBetween(policy.pollMin(), Duration.ofHours(1));
    }
  }

  @Test
  void constructor_shouldRefuse_whatCannotBeKept() {
    assertThatIllegalArgumentException().isThrownBy(() -> policy(60, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> policy(-1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> policy(3_601, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> policy(60, 3_601));
    assertThat(policy(3_600, 1).firstWait()).hasHours(1);
    assertThat(policy(0, 3_600).firstWait()).hasHours(1);
  }

  /** When a task that ends at a time is asked about, in seconds since it was submitted. */
  private static List<Long> times(
      PollPolicy policy, Reading reading, double end, RandomGenerator random) {
    List<Long> times = new ArrayList<>();
    long now = policy.firstWait().toSeconds();
    times.add(now);
    while (now < end) {
      now += policy.next(Duration.ofSeconds(now), reading, null, random).toSeconds();
      times.add(now);
    }
    return times;
  }

  private static PollPolicy policy(long first, long min) {
    return new PollPolicy(Duration.ofSeconds(first), Duration.ofSeconds(min));
  }

  private static Duration next(long atWork, double progress, long ago, double before) {
    return DEFAULT.next(
        Duration.ofSeconds(atWork),
        running(progress),
        new PollPolicy.Earlier(Duration.ofSeconds(ago), before),
        still());
  }

  private static Reading running(double progress) {
    return new Reading.Working(Reading.ProviderStatus.RUNNING, progress);
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

  private static RandomGenerator highest() {
    return () -> -1L;
  }
}
