package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseTest {

  private static final String WHY = "{'why':'The invoice is being checked.'}";

  private final TestStack stack = new TestStack();
  private final Pause switches = new Pause(stack.table, stack.admission, stack.table, stack.clock);

  @Test
  void pause_shouldHoldWhatWaits_untilResume() {
    var paused = Calls.json(switches.pause(Calls.with(WHY), Calls.ADMIN, ""));
    assertThat(paused.path("paused").asBoolean()).isTrue();
    assertThat(paused.path("byPerson").asBoolean()).isTrue();
    assertThat(paused.path("reason").asText()).isEqualTo("The invoice is being checked.");
    assertThat(paused.path("since").asText())
        .isEqualTo(stack.clock.instant().toString().replace("Z", ".000Z"));
    assertThat(paused.path("decisions")).hasSize(1);
    assertThat(paused.path("decisions").get(0).path("by").asText())
        .isEqualTo("token 1a2b3c4d of operators");
    assertThat(Calls.json(switches.show(Calls.with(""), Calls.ADMIN, ""))).isEqualTo(paused);

    var task = stack.waiting();
    assertThat(stack.admission.admit(5)).isZero();

    stack.clock.advance(Duration.ofMinutes(5));
    var resumed =
        Calls.json(switches.resume(Calls.with("{'why':'It is right.'}"), Calls.ADMIN, ""));
    assertThat(resumed.path("paused").asBoolean()).isFalse();
    assertThat(resumed.has("reason")).isFalse();
    assertThat(resumed.path("decisions")).hasSize(2);
    assertThat(resumed.path("decisions").get(0).path("reason").asText()).isEqualTo("It is right.");
    assertThat(stack.task(task.id()).place()).as("it admits at once").isTrue();
  }

  @Test
  void resume_shouldChangeNothing_whenTheStackRuns() {
    var answer = Calls.json(switches.resume(Calls.with(WHY), Calls.ADMIN, ""));

    assertThat(answer.toString())
        .isEqualTo("{\"paused\":false,\"byPerson\":false,\"decisions\":[]}");
  }

  @Test
  void resume_shouldEndAPauseThatTheStackMadeItself() {
    stack.control(c -> c.pausedByItself(stack.clock.instant(), "t", "401.", stack.settings));

    var shown = Calls.json(switches.show(Calls.with(""), Calls.ADMIN, ""));
    assertThat(shown.path("byPerson").asBoolean()).isFalse();
    assertThat(shown.path("decisions").get(0).path("by").asText()).isEqualTo("the stack itself");

    var resumed = Calls.json(switches.resume(Calls.with(WHY), Calls.ADMIN, ""));
    assertThat(resumed.path("paused").asBoolean()).isFalse();
  }

  @Test
  void switches_shouldBeForAdminsOnly_andWantAReason() {
    Calls.refused(403, () -> switches.pause(Calls.with(WHY), Calls.USER, ""));
    Calls.refused(403, () -> switches.resume(Calls.with(WHY), Calls.USER, ""));
    Calls.refused(403, () -> switches.show(Calls.with(""), Calls.USER, ""));
    Calls.refused(400, () -> switches.pause(Calls.with("{}"), Calls.ADMIN, ""));
    Calls.refused(400, () -> switches.pause(Calls.with("{'why':'x','for':1}"), Calls.ADMIN, ""));
    Calls.refused(400, () -> switches.resume(Calls.with(""), Calls.ADMIN, ""));
    assertThat(stack.table.control().paused()).isFalse();
  }
}
