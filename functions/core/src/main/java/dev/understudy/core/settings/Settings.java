package dev.understudy.core.settings;

import dev.understudy.core.errors.Misconfigured;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one stack, checked.
 *
 * @param priceCents price of one request in US cents
 * @param capCents monthly cap of a tenant in US cents
 * @param maxInFlight places of the stack
 * @param pollFirst pause before the first poll
 * @param pollMin least time between two polls of a task
 * @param notVisibleGrace how long an id may be unknown to the provider
 * @param outputGrace how long a finished task may lack its URL
 * @param deadline how long a render may take
 * @param maxWait how long a refused task is tried
 * @param orderWait how long an order waits for its files
 * @param submitTimeout bound on the exchange of the POST
 * @param probe pause before the first probe of a stack that paused itself
 * @param stallRetry pause before a stalled task is tried again
 * @param dueGrace how late an execution may be
 * @param retention how long ended tasks stay; zero keeps them
 * @param baseUrl the provider's address
 * @param modelName the model's name as sent
 * @param runwayVersion the version header as sent
 */
public record Settings(
    int priceCents,
    int capCents,
    int maxInFlight,
    Duration pollFirst,
    Duration pollMin,
    Duration notVisibleGrace,
    Duration outputGrace,
    Duration deadline,
    Duration maxWait,
    Duration orderWait,
    Duration submitTimeout,
    Duration probe,
    Duration stallRetry,
    Duration dueGrace,
    Duration retention,
    URI baseUrl,
    String modelName,
    String runwayVersion) {

  /** Runway asks for at most one poll of a task in five seconds. */
  private static final Duration PROVIDER_POLL_MIN = Duration.ofSeconds(5);

  private static final String PROVIDER_HOST =
      URI.create(Setting.CometApiBaseUrl.byDefault()).getHost();

  /** The longest pause of a Wait state. */
  private static final Duration LONGEST_POLL_PAUSE = Duration.ofHours(1);

  /** Refuses values that cannot work, naming the setting. */
  public Settings {
    if (pollMin.compareTo(PROVIDER_POLL_MIN) < 0
        && PROVIDER_HOST.equalsIgnoreCase(baseUrl.getHost())) {
      throw new Misconfigured(
          "PollMinSeconds is %d, but CometAPI must not be asked more often than every 5 seconds: set it to 5 or more."
              .formatted(pollMin.toSeconds()));
    }
    atMostAnHour(Setting.PollFirstSeconds, pollFirst);
    atMostAnHour(Setting.PollMinSeconds, pollMin);
    if (submitTimeout.compareTo(TimeLimits.LONGEST_SUBMIT) > 0) {
      throw new Misconfigured(
          "SubmitTimeoutSeconds is %d, but the submit function ends after %d seconds: set it to %d or less."
              .formatted(
                  submitTimeout.toSeconds(),
                  TimeLimits.SUBMIT_FUNCTION.toSeconds(),
                  TimeLimits.LONGEST_SUBMIT.toSeconds()));
    }
  }

  private static void atMostAnHour(Setting setting, Duration value) {
    if (value.compareTo(LONGEST_POLL_PAUSE) > 0) {
      throw new Misconfigured(
          "%s is %d, but must be at most %d."
              .formatted(setting, value.toSeconds(), LONGEST_POLL_PAUSE.toSeconds()));
    }
  }

  /** The settings of a stack on which nothing was set. */
  public static Settings defaults() {
    return from(name -> null);
  }

  /**
   * Reads the settings from environment variables; a blank one counts as absent.
   *
   * @param variable looks up a variable by name
   * @throws Misconfigured naming the first setting whose value cannot be used
   */
  public static Settings from(Function<String, @Nullable String> variable) {
    var values = new Values(variable);
    return new Settings(
        values.cents(Setting.PriceUsd),
        values.cents(Setting.MonthlyCapUsd),
        values.whole(Setting.MaxInFlight, 1),
        values.seconds(Setting.PollFirstSeconds, 0),
        values.seconds(Setting.PollMinSeconds, 1),
        values.seconds(Setting.NotVisibleGraceSeconds, 0),
        values.seconds(Setting.OutputGraceSeconds, 0),
        values.seconds(Setting.DeadlineSeconds, 1),
        values.seconds(Setting.MaxWaitSeconds, 0),
        values.seconds(Setting.OrderWaitSeconds, 0),
        values.seconds(Setting.SubmitTimeoutSeconds, 1),
        values.seconds(Setting.ProbeSeconds, 1),
        values.seconds(Setting.StallRetrySeconds, 1),
        values.seconds(Setting.DueGraceSeconds, 1),
        Duration.ofDays(values.whole(Setting.RetentionDays, 0)),
        values.address(Setting.CometApiBaseUrl),
        values.text(Setting.ModelName),
        values.text(Setting.RunwayVersion));
  }

  private record Values(Function<String, @Nullable String> variable) {

    String text(Setting setting) {
      var value = variable.apply(setting.variable());
      return value == null || value.isBlank() ? setting.byDefault() : value.strip();
    }

    int whole(Setting setting, int least) {
      var text = text(setting);
      try {
        var value = Integer.parseInt(text);
        if (value >= least) {
          return value;
        }
      } catch (NumberFormatException e) {
        // said below, with the value
      }
      throw new Misconfigured(
          "%s is '%s', but must be a whole number of at least %d.".formatted(setting, text, least));
    }

    Duration seconds(Setting setting, int least) {
      return Duration.ofSeconds(whole(setting, least));
    }

    int cents(Setting setting) {
      var text = text(setting);
      try {
        var cents = new BigDecimal(text).movePointRight(2).setScale(0, RoundingMode.UNNECESSARY);
        if (cents.signum() >= 0) {
          return cents.intValueExact();
        }
      } catch (ArithmeticException | NumberFormatException e) {
        // said below, with the value
      }
      throw new Misconfigured(
          "%s is '%s', but must be an amount in US dollars with at most two decimals."
              .formatted(setting, text));
    }

    URI address(Setting setting) {
      var text = text(setting);
      try {
        var uri = URI.create(text);
        if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
            && uri.getHost() != null
            && uri.getUserInfo() == null
            && uri.getQuery() == null) {
          return uri;
        }
      } catch (IllegalArgumentException e) {
        // said below, with the value
      }
      throw new Misconfigured(
          "%s is '%s', but must be an address such as %s."
              .formatted(setting, text, setting.byDefault()));
    }
  }
}
