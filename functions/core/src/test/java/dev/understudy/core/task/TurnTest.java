package dev.understudy.core.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnTest {

  private final TestStack stack = new TestStack();

  /** A wait that ends before its turn would be asked for again at once, without an end. */
  @ParameterizedTest
  @CsvSource({
    "PT-1S,0",
    "PT0S,0",
    "PT0.000000001S,1",
    "PT0.0004S,1",
    "PT0.001S,1",
    "PT1S,1",
    "PT1.0000001S,2",
    "PT2H,3600"
  })
  void of_shouldWaitUntilTheTurnHasCome_inWholeSeconds(Duration until, int seconds) {
    var task = stack.submitted();
    var turn = Objects.requireNonNull(task.nextPollAt());

    assertThat(Turn.of(task, task.generation(), turn.minus(until)))
        .isEqualTo(new Turn(Turn.Next.POLL, seconds, null));
  }

  @ParameterizedTest
  @CsvSource({"PT-1S,0", "PT0S,0", "PT0.4S,1", "PT5S,5", "PT60S,60", "PT60.001S,0", "PT2H,0"})
  void endAt_shouldWaitForWhatIsSoon_andForNothingElse(Duration until, int seconds) {
    var now = stack.clock.instant();

    assertThat(Turn.endAt(now.plus(until), now)).isEqualTo(new Turn(Turn.Next.END, seconds, null));
  }

  @Test
  void endAt_shouldEndAtOnce_whenThereIsNothingToWaitFor() {
    assertThat(Turn.endAt(null, stack.clock.instant())).isEqualTo(Turn.end());
  }
}
