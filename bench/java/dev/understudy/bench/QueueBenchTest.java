package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueueBenchTest {

  @Test
  void queue_shouldLoseNothingAndStarveNobody_onFewTasks() {
    assertThat(QueueBench.report(300, 1, 2, 7).claims())
        .filteredOn(claim -> !claim.what().contains("beside the ideal")) // needs a longer queue
        .hasSize(20)
        .allSatisfy(claim -> assertThat(claim.passed()).as(claim.toString()).isTrue());
  }
}
