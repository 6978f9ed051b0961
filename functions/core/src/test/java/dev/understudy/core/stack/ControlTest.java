package dev.understudy.core.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.core.json.Json;
import dev.understudy.core.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ControlTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Settings settings = Settings.defaults();

  private static Duration until(@Nullable Instant at) {
    assertThat(at).isNotNull();
    return Duration.between(NOW, at);
  }

  @Test
  void running_shouldLetEveryTaskPass() {
    assertThat(Control.running().maySubmit("a")).isTrue();
    assertThat(Control.running().calm()).isTrue();
    assertThat(Control.running().waits(NOW)).isFalse();
    assertThat(Control.running().probeDue(NOW)).isFalse();
  }

  @Test
  void busy_shouldDoubleFromFiveSecondsToFiveMinutes() {
    var control = Control.running();
    var waits = new ArrayList<Long>();
    for (int i = 0; i < 9; i++) {
      control =
          new Control(
                  0,
                  0,
                  false,
                  false,
                  null,
                  null,
                  null,
                  null,
                  control.busyStreak(),
                  0,
                  null,
                  0,
                  null,
                  null,
                  null)
              .busy(NOW, null);
      waits.add(until(control.notBefore()).toSeconds());
    }
    assertThat(waits).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
  }

  @Test
  void busy_shouldKeepToRetryAfter_andNeverShortenAWait() {
    var control = Control.running().busy(NOW, Duration.ofSeconds(120));
    assertThat(until(control.notBefore())).isEqualTo(Duration.ofSeconds(120));
    assertThat(until(control.busy(NOW, Duration.ofSeconds(10)).notBefore()))
        .isEqualTo(Duration.ofSeconds(120));
    assertThat(control.waits(NOW.plusSeconds(119))).isTrue();
    assertThat(control.waits(NOW.plusSeconds(120))).isFalse();
  }

  @Test
  void busy_shouldNotStopTheStackForLongerThanAnHour_whateverTheProviderAsks() {
    assertThat(until(Control.running().busy(NOW, Duration.ofSeconds(Long.MAX_VALUE)).notBefore()))
        .isEqualTo(Duration.ofHours(1));
  }

  @Test
  void pausedByItself_shouldProbeAfterFiveFifteenSixtyMinutes() {
    var control = Control.running();
    Instant now = NOW;
    var pauses = new ArrayList<Long>();
    for (int i = 0; i < 5; i++) {
      control = control.pausedByItself(now, "t" + i, "401.", settings);
      var at = control.probeAt();
      Objects.requireNonNull(at);
      pauses.add(Duration.between(now, at).toMinutes());
      now = at;
      assertThat(control.probeDue(now.minusSeconds(1))).isFalse();
      assertThat(control.probeDue(now)).isTrue();
      control = control.probing(now, "p" + i, settings);
      assertThat(control.probeDue(now)).as("one probe at a time").isFalse();
      assertThat(control.probeDue(now.plus(settings.probe())))
          .as("a lost probe is replaced")
          .isTrue();
    }
    assertThat(pauses).containsExactly(5L, 15L, 60L, 60L, 60L);
    assertThat(control.since()).isEqualTo(NOW);
  }

  @Test
  void pausedByItself_shouldLetOnlyTheProbePass() {
    var control = Control.running().pausedByItself(NOW, "refused", "401.", settings);
    assertThat(control.maySubmit("refused")).isFalse();
    control = control.probing(NOW.plus(MINUTE), "probe", settings);
    assertThat(control.maySubmit("probe")).isTrue();
    assertThat(control.maySubmit("other")).isFalse();
    assertThat(control.lastRefused()).isEqualTo("refused");
  }

  @Test
  void everyPauseAndResumption_shouldHaveItsNumber() {
    var paused = Control.running().pausedByItself(NOW, "t", "401.", settings);
    assertThat(paused.pauses()).isEqualTo(1);
    assertThat(paused.pausedByItself(NOW, "t", "401.", settings).pauses()).isEqualTo(2);
    assertThat(paused.probing(NOW, "p", settings).passed(NOW, "p").pauses()).isEqualTo(2);
    assertThat(paused.resumed(NOW, "a person", "Back.").pauses()).isEqualTo(2);
  }

  @Test
  void passed_shouldSaySinceWhenAndWhyItRuns_onlyIfItResumed() {
    var later = NOW.plusSeconds(9);
    var running = Control.running().resumed(NOW, "a person", "Back.").unknown(NOW, "t", settings);

    var stillRunning = running.passed(later, "t");
    assertThat(stillRunning.by()).isEqualTo("a person");
    assertThat(stillRunning.reason()).isEqualTo("Back.");
    assertThat(stillRunning.since()).isEqualTo(NOW);

    var paused = running.pausedByItself(NOW, "t", "401.", settings).probing(NOW, "p", settings);
    var resumed = paused.passed(later, "p");
    assertThat(resumed.by()).isNull();
    assertThat(resumed.reason()).isNotEqualTo("401.");
    assertThat(resumed.since()).isEqualTo(later);
  }

  @Test
  void probeDue_shouldRespectWhatTheProviderAskedFor() {
    var control =
        Control.running()
            .pausedByItself(NOW, "t", "401.", settings)
            .busy(NOW, Duration.ofMinutes(30));
    assertThat(control.probeDue(NOW.plus(Duration.ofMinutes(29)))).isFalse();
    assertThat(control.probeDue(NOW.plus(Duration.ofMinutes(30)))).isTrue();
  }

  @Test
  void passed_shouldResume_onlyByTheProbe() {
    var paused =
        Control.running().pausedByItself(NOW, "t", "401.", settings).probing(NOW, "p", settings);

    var byOther = paused.passed(NOW.plusSeconds(1), "other");
    assertThat(byOther.paused()).isTrue();
    assertThat(byOther.probe()).isEqualTo("p");
    assertThat(byOther.pauses()).isEqualTo(paused.pauses());
    assertThat(byOther.lastAccepted()).isEqualTo(NOW.plusSeconds(1));

    var byProbe = paused.passed(NOW.plusSeconds(1), "p");
    assertThat(byProbe.paused()).isFalse();
    assertThat(byProbe.pauses()).isEqualTo(paused.pauses() + 1);
    assertThat(byProbe.reason()).isEqualTo("The provider answered the probe, so it submits again.");
    assertThat(byProbe.by()).isNull();
    assertThat(byProbe.probe()).isNull();
    assertThat(byProbe.probes()).isZero();
    assertThat(byProbe.since()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void reached_shouldResumeByTheProbe_withoutProofThatAnotherPassed() {
    var paused =
        Control.running().pausedByItself(NOW, "t", "401.", settings).probing(NOW, "p", settings);

    assertThat(paused.reached(NOW, "p").paused()).isFalse();
    assertThat(paused.reached(NOW, "p").lastAccepted()).isNull();
  }

  @Test
  void passed_shouldForgetStreaks_butKeepAWaitThatIsNotOver() {
    var control =
        Control.running()
            .busy(NOW, MINUTE)
            .unknown(NOW, "t", settings)
            .passed(NOW.plusSeconds(30), "x");
    assertThat(control.calm()).isTrue();
    assertThat(control.notBefore()).isEqualTo(NOW.plus(MINUTE));
    assertThat(control.passed(NOW.plus(MINUTE), "x").notBefore()).isNull();
  }

  @Test
  void unknown_shouldPauseAtTheThirdInARow() {
    var two = Control.running().unknown(NOW, "a", settings).unknown(NOW, "b", settings);
    assertThat(two.paused()).isFalse();

    var three = two.unknown(NOW, "c", settings);
    assertThat(three.paused()).isTrue();
    assertThat(three.reason()).isEqualTo("3 submissions in a row ended without a known answer.");
    assertThat(three.unknown(NOW, "late", settings).pauses())
        .as("one pause")
        .isEqualTo(three.pauses());
    assertThat(two.passed(NOW, "x").unknown(NOW, "c", settings).paused()).isFalse();
  }

  @Test
  void unknown_shouldWaitLonger_whenTheProbeEndsUnknown() {
    var paused =
        Control.running()
            .unknown(NOW, "a", settings)
            .unknown(NOW, "b", settings)
            .unknown(NOW, "c", settings);

    var again = paused.probing(NOW, "p", settings).unknown(NOW, "p", settings);

    assertThat(until(again.probeAt())).isEqualTo(Duration.ofMinutes(15));
    assertThat(again.lastRefused()).isEqualTo("p");
  }

  @Test
  void pausedByPerson_shouldBeOverriddenByNothingButAPerson() {
    var paused =
        Control.running()
            .pausedByItself(NOW, "t", "401.", settings)
            .probing(NOW, "p", settings)
            .pausedByPerson(NOW, "token 1a2b3c4d of default", "We stop here.");

    assertThat(paused.maySubmit("p")).as("no probe").isFalse();
    assertThat(paused.probeDue(NOW.plus(Duration.ofDays(9)))).isFalse();
    assertThat(paused.pausedByItself(NOW, "x", "403.", settings)).isEqualTo(paused);
    assertThat(paused.passed(NOW, "p").paused()).isTrue();
    assertThat(paused.passed(NOW, "p").byPerson()).isTrue();
    assertThat(paused.passed(NOW, "p").reason()).isEqualTo("We stop here.");
    assertThat(
            paused
                .unknown(NOW, "a", settings)
                .unknown(NOW, "b", settings)
                .unknown(NOW, "c", settings)
                .reason())
        .isEqualTo("We stop here.");
  }

  @Test
  void resumed_shouldSayWhoAndWhy_untilTheNextDecision() {
    var paused = Control.running().pausedByPerson(NOW, "token 1a2b3c4d of default", "Stop.");
    assertThat(paused.by()).isEqualTo("token 1a2b3c4d of default");
    assertThat(paused.passed(NOW, "p").by()).isEqualTo("token 1a2b3c4d of default");

    var resumed = paused.resumed(NOW.plus(MINUTE), "token 5e6f7a8b of default", "Back.");
    assertThat(resumed.paused()).isFalse();
    assertThat(resumed.byPerson()).isFalse();
    assertThat(resumed.pauses()).isEqualTo(paused.pauses() + 1);
    assertThat(resumed.since()).isEqualTo(NOW.plus(MINUTE));
    assertThat(resumed.by()).isEqualTo("token 5e6f7a8b of default");
    assertThat(resumed.reason()).isEqualTo("Back.");
    assertThat(resumed.busy(NOW, null).passed(NOW, "x").by())
        .isEqualTo("token 5e6f7a8b of default");
    assertThat(resumed.busy(NOW, null).passed(NOW, "x").reason()).isEqualTo("Back.");

    var byItself = resumed.pausedByItself(NOW, "t", "401.", settings);
    assertThat(byItself.by()).isNull();
    assertThat(byItself.reason()).isEqualTo("401.");
  }

  @Test
  void refusing_shouldNotCountTheTimeOfPauses() {
    var first = NOW;
    assertThat(Control.running().refusing(first, NOW.plus(MINUTE))).isEqualTo(MINUTE);
    var paused =
        Control.running().pausedByPerson(NOW.plusSeconds(10), "token 1a2b3c4d of default", "x");
    assertThat(paused.refusing(first, NOW.plus(MINUTE))).isZero();
    assertThat(
            paused
                .resumed(NOW.plus(MINUTE), "token 1a2b3c4d of default", "Back.")
                .refusing(first, NOW.plus(MINUTE.multipliedBy(2))))
        .isEqualTo(MINUTE);
  }

  @Test
  void control_shouldBeTheSame_afterItWasStored() throws JsonProcessingException {
    var control =
        Control.running()
            .unknown(NOW, "t", settings)
            .busy(NOW, MINUTE)
            .pausedByItself(NOW, "t", "401.", settings)
            .probing(NOW, "p", settings);

    assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(control), Control.class))
        .isEqualTo(control);
    assertThat(control.written().rev()).isEqualTo(control.rev() + 1);
    assertThat(
            Json.MAPPER.readValue(
                """
                {"rev":3,"pauses":1,"paused":true,"byPerson":true,"reason":"Stop.",
                 "since":"2026-11-21T12:00:00.000Z","busyStreak":0,"unknownStreak":0,"probes":0}
                """,
                Control.class))
        .as("an item from before it said who")
        .isEqualTo(
            new Control(
                3, 1, true, true, null, "Stop.", NOW, null, 0, 0, null, 0, null, null, null));
  }
}
