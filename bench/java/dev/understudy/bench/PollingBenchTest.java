package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import org.junit.jupiter.api.Test;

class PollingBenchTest {

  @Test
  void pollPolicy_shouldKeepEveryClaim_onFewerTasks() {
    assertThat(PollingBench.report(20_000).claims())
        .hasSizeGreaterThan(5)
        .allSatisfy(claim -> assertThat(claim.passed()).as(claim.toString()).isTrue());
  }

  @Test
  void bestByTime_shouldBeTheWholeWait_whenAllTasksTakeAsLong() {
    var tasks = Collections.nCopies(10, new RenderTime(0, 100));

    var best = new BestByTime(tasks).at(1);

    assertThat(best.polls()).isEqualTo(1);
    assertThat(best.lag()).isCloseTo(0, within(1e-9));
  }
}
