package dev.understudy.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HouseTest {
  @Test
  void runtime_shouldBeJava25() {
    assertThat(Runtime.version().feature()).isEqualTo(25);
  }
}
