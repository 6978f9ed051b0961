package dev.understudy.core.settings;

import java.util.Locale;

/**
 * Every setting of a stack: a template parameter of this name, an environment variable of the
 * functions, and a row in docs/configuration.md (a test holds the three together).
 */
public enum Setting {
  /** What the provider takes for one request, in US dollars. */
  PriceUsd("0.40"),
  /** What a tenant may spend in a calendar month (UTC), in US dollars. */
  MonthlyCapUsd("100"),
  /** How many tasks may be at the provider at once. */
  MaxInFlight("5"),
  /** Seconds from the order to the first poll. */
  PollFirstSeconds("75"),
  /** The least seconds between two polls of one task. */
  PollMinSeconds("5"),
  /** How long the provider may not know an id that it gave. */
  NotVisibleGraceSeconds("600"),
  /** How long a finished task may be without a video URL. */
  OutputGraceSeconds("600"),
  /** How long a render may take before it counts as stalled. */
  DeadlineSeconds("21600"),
  /** How long a task that the provider refuses for now is tried, from its first refusal. */
  MaxWaitSeconds("86400"),
  /** How long an order waits for files of its own folder. */
  OrderWaitSeconds("86400"),
  /** The bound on the whole exchange of the paid POST. */
  SubmitTimeoutSeconds("170"),
  /** The pause before a stack that paused itself tries one task. */
  ProbeSeconds("300"),
  /** The pause before a stalled task is tried again. */
  StallRetrySeconds("300"),
  /** How late an execution may be before reconcile takes over. */
  DueGraceSeconds("300"),
  /** Days that ended tasks stay in the table; 0 keeps them. */
  RetentionDays("90"),
  /** The provider's address, without /runwayml. */
  CometApiBaseUrl("https://api.cometapi.com"),
  /** The model's name in the request to the provider. */
  ModelName("act_two"),
  /** The value of the X-Runway-Version header. */
  RunwayVersion("2024-11-06");

  private final String byDefault;

  Setting(String byDefault) {
    this.byDefault = byDefault;
  }

  /** The value where none is set. */
  public String byDefault() {
    return byDefault;
  }

  /** The environment variable that carries it: {@code PollFirstSeconds} is POLL_FIRST_SECONDS. */
  public String variable() {
    return name().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }
}
