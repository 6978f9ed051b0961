package dev.understudy.api;

import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.settings.Settings;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.regex.Pattern;

/** GET /v1/usage: a tenant's money in a month (UTC) against its cap, and its places as of now. */
final class GetUsage implements Action {

  private static final Pattern MONTH = Pattern.compile("[0-9]{4}-(0[1-9]|1[0-2])");

  /** Amounts in US dollars. */
  record Usage(
      String month,
      BigDecimal capUsd,
      BigDecimal reservedUsd,
      BigDecimal chargedUsd,
      BigDecimal unknownUsd,
      BigDecimal remainingUsd,
      Places places) {}

  /** The tenant's places at the provider, and how many of its tasks wait for one. */
  record Places(int inFlight, int waiting, int maxInFlight) {}

  private final TaskStore store;
  private final TaskIndex index;
  private final Settings settings;
  private final InstantSource clock;

  GetUsage(TaskStore store, TaskIndex index, Settings settings, InstantSource clock) {
    this.store = store;
    this.index = index;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var month =
        call.parameter("month")
            .orElseGet(() -> YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC)).toString());
    if (!MONTH.matcher(month).matches()) {
      throw Parameters.refused("month", "month must be a month like 2026-11.");
    }
    var spent = index.spent(caller.tenant(), month);
    var tenant = store.places().tenant(caller.tenant());
    int cap = Objects.requireNonNullElse(tenant.capCents(), settings.capCents());
    int limit = Objects.requireNonNullElse(tenant.limit(), settings.maxInFlight());
    return Answer.ok(
        new Usage(
            month,
            dollars(cap),
            dollars(spent.reserved()),
            dollars(spent.charged()),
            dollars(spent.unknown()),
            dollars(Math.max(0, cap - spent.committed())),
            new Places(
                tenant.inFlight(), tenant.waiting(), Math.min(limit, settings.maxInFlight()))));
  }

  private static BigDecimal dollars(int cents) {
    return BigDecimal.valueOf(cents, 2);
  }
}
