package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class OrchestrationBenchTest {

  @Test
  void orchestration_shouldKeepItsClaims_onFewTasks() throws IOException {
    var claims = OrchestrationBench.report(12).claims();

    // what the whole costs depends on prices and assumptions, and is judged by `make bench` alone
    assertThat(claims)
        .filteredOn(claim -> !claim.what().startsWith("variable cost"))
        .hasSize(4)
        .allSatisfy(claim -> assertThat(claim.passed()).as(claim.toString()).isTrue());
  }
}
