package dev.understudy.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Misconfigured;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

  private static Settings with(String variable, String value) {
    return Settings.from(Map.of(variable, value)::get);
  }

  @Test
  void defaults_shouldBeThoseOfTheDesign() {
    var s = Settings.defaults();
    assertThat(s.priceCents()).isEqualTo(40);
    assertThat(s.capCents()).isEqualTo(10_000);
    assertThat(s.maxInFlight()).isEqualTo(5);
    assertThat(s.pollMin()).isEqualTo(Duration.ofSeconds(5));
    assertThat(s.notVisibleGrace()).isEqualTo(Duration.ofMinutes(10));
    assertThat(s.deadline()).isEqualTo(Duration.ofHours(6));
    assertThat(s.maxWait()).isEqualTo(Duration.ofHours(24));
    assertThat(s.orderWait()).isEqualTo(Duration.ofHours(24));
    assertThat(s.submitTimeout()).isEqualTo(Duration.ofSeconds(170));
    assertThat(s.probe()).isEqualTo(Duration.ofMinutes(5));
    assertThat(s.stallRetry()).isEqualTo(Duration.ofMinutes(5));
    assertThat(s.retention()).isEqualTo(Duration.ofDays(90));
    assertThat(s.baseUrl()).isEqualTo(URI.create("https://api.cometapi.com"));
  }

  @ParameterizedTest
  @CsvSource({
    "PriceUsd,PRICE_USD",
    "MonthlyCapUsd,MONTHLY_CAP_USD",
    "MaxInFlight,MAX_IN_FLIGHT",
    "PollFirstSeconds,POLL_FIRST_SECONDS",
    "NotVisibleGraceSeconds,NOT_VISIBLE_GRACE_SECONDS",
    "CometApiBaseUrl,COMET_API_BASE_URL",
    "ModelName,MODEL_NAME",
    "RunwayVersion,RUNWAY_VERSION"
  })
  void variable_shouldBeTheNameInUpperSnake(Setting setting, String variable) {
    assertThat(setting.variable()).isEqualTo(variable);
  }

  @Test
  void from_shouldReadEverySetting() {
    var values = new HashMap<String, String>();
    for (var setting : Setting.values()) {
      values.put(
          setting.variable(),
          switch (setting) {
            case PriceUsd -> "1.25";
            case CometApiBaseUrl -> "http://127.0.0.1:8700";
            case ModelName -> "act_three";
            case RunwayVersion -> "2030-01-01";
            default -> String.valueOf(10 + setting.ordinal());
          });
    }
    var s = Settings.from(values::get);

    assertThat(s)
        .isEqualTo(
            new Settings(
                125,
                1100,
                12,
                Duration.ofSeconds(13),
                Duration.ofSeconds(14),
                Duration.ofSeconds(15),
                Duration.ofSeconds(16),
                Duration.ofSeconds(17),
                Duration.ofSeconds(18),
                Duration.ofSeconds(19),
                Duration.ofSeconds(20),
                Duration.ofSeconds(21),
                Duration.ofSeconds(22),
                Duration.ofSeconds(23),
                Duration.ofDays(24),
                URI.create("http://127.0.0.1:8700"),
                "act_three",
                "2030-01-01"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t"})
  void from_shouldTakeABlankVariableForAbsent(String blank) {
    assertThat(with("POLL_FIRST_SECONDS", blank)).isEqualTo(Settings.defaults());
    assertThat(with("POLL_FIRST_SECONDS", " 7 ").pollFirst()).isEqualTo(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MAX_IN_FLIGHT | 0 | MaxInFlight is '0', but must be a whole number of at least 1.
          MAX_IN_FLIGHT | many | MaxInFlight is 'many', but must be a whole number of at least 1.
          POLL_MIN_SECONDS | 2.5 | PollMinSeconds is '2.5', but must be a whole number of at least 1.
          POLL_FIRST_SECONDS | -1 | PollFirstSeconds is '-1', but must be a whole number of at least 0.
          POLL_FIRST_SECONDS | 3601 | PollFirstSeconds is 3601, but must be at most 3600.
          POLL_MIN_SECONDS | 99999999999 | PollMinSeconds is '99999999999', but must be a whole number of at least 1.
          PRICE_USD | 0.405 | PriceUsd is '0.405', but must be an amount in US dollars with at most two decimals.
          PRICE_USD | -1 | PriceUsd is '-1', but must be an amount in US dollars with at most two decimals.
          PRICE_USD | 40 cents | PriceUsd is '40 cents', but must be an amount in US dollars with at most two decimals.
          MONTHLY_CAP_USD | 99999999999 | MonthlyCapUsd is '99999999999', but must be an amount in US dollars with at most two decimals.
          COMET_API_BASE_URL | ftp://x.example.com | CometApiBaseUrl is 'ftp://x.example.com', but must be an address such as https://api.cometapi.com.
          COMET_API_BASE_URL | api.cometapi.com | CometApiBaseUrl is 'api.cometapi.com', but must be an address such as https://api.cometapi.com.
          COMET_API_BASE_URL | https://a b | CometApiBaseUrl is 'https://a b', but must be an address such as https://api.cometapi.com.
          COMET_API_BASE_URL | https://user@x.example.com | CometApiBaseUrl is 'https://user@x.example.com', but must be an address such as https://api.cometapi.com.
          SUBMIT_TIMEOUT_SECONDS | 171 | SubmitTimeoutSeconds is 171, but the submit function ends after 200 seconds: set it to 170 or less.
          POLL_MIN_SECONDS | 4 | PollMinSeconds is 4, but CometAPI must not be asked more often than every 5 seconds: set it to 5 or more.
          """)
  void from_shouldSayWhatIsWrong(String variable, String value, String sentence) {
    assertThatThrownBy(() -> with(variable, value))
        .isInstanceOf(Misconfigured.class)
        .hasMessage(sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.cometapi.com/",
        "https://API.CometAPI.com",
        "https://api.cometapi.com:443"
      })
  void from_shouldHoldTheLeastPause_howeverTheProvidersAddressIsWritten(String address) {
    var values = Map.of("COMET_API_BASE_URL", address, "POLL_MIN_SECONDS", "1");
    assertThatThrownBy(() -> Settings.from(values::get)).isInstanceOf(Misconfigured.class);
    var other = Map.of("COMET_API_BASE_URL", "http://127.0.0.1:8700", "POLL_MIN_SECONDS", "1");
    assertThat(Settings.from(other::get).pollMin()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void timeLimits_shouldNest() {
    var submit = TimeLimits.LONGEST_SUBMIT;
    assertThat(submit).isEqualTo(Duration.ofSeconds(170));
    assertThat(submit.plus(Duration.ofSeconds(30))).isEqualTo(TimeLimits.SUBMIT_FUNCTION);
    assertThat(submit.plus(Duration.ofSeconds(50))).isEqualTo(TimeLimits.SUBMIT_STATE);
    assertThat(submit.plus(Duration.ofSeconds(90))).isEqualTo(TimeLimits.lease(submit));
    assertThat(TimeLimits.SUBMIT_FUNCTION).isLessThan(TimeLimits.SUBMIT_STATE);
    assertThat(TimeLimits.SUBMIT_STATE).isLessThan(TimeLimits.lease(submit));
    assertThat(submit.plus(TimeLimits.TIME_TO_RECORD)).isLessThan(TimeLimits.SUBMIT_FUNCTION);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 60, 170})
  void lease_shouldCoverAPostThatBeginsAsLateAsItMay(int seconds) {
    var bound = Duration.ofSeconds(seconds);
    assertThat(TimeLimits.CLAIM_TO_POST.plus(bound).plus(TimeLimits.TIME_TO_RECORD))
        .isLessThan(TimeLimits.lease(bound));
  }

  @Test
  void documentation_shouldListEverySettingWithItsDefault() throws IOException {
    var page = Path.of("docs/configuration.md");
    var row = Pattern.compile("(?m)^\\| `(\\w+)` \\| ([^|]+?) \\|");
    var listed = new HashMap<String, String>();
    row.matcher(Files.readString(page)).results().forEach(r -> listed.put(r.group(1), r.group(2)));

    for (var setting : Setting.values()) {
      assertThat(listed).containsEntry(setting.name(), setting.byDefault());
    }
    assertThat(
            listed.keySet().stream()
                .filter(name -> !name.equals(name.toUpperCase(java.util.Locale.ROOT))))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Setting.values()).map(Setting::name).toList());
  }
}
