package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the gateway's usage query tells of a key, in the documented shape. Which unit its amounts
 * have and where its day begins is documented nowhere: here they are US dollars and UTC.
 *
 * @param username whose key it is
 * @param totalQuota -1: no limit
 * @param totalUsedQuota what was ever used
 * @param requestCount the requests that were ever charged
 * @param keys the keys of the account: the one that there is
 * @param dailyQuota by date, for those days on which something was charged
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record Usage(
    String username,
    BigDecimal totalQuota,
    BigDecimal totalUsedQuota,
    long requestCount,
    List<Key> keys,
    Map<LocalDate, List<Day>> dailyQuota) {

  private static final String NAME = "simulated";
  private static final BigDecimal UNLIMITED = BigDecimal.valueOf(-1);

  /** A key. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Key(String name, BigDecimal remainQuota, BigDecimal usedQuota) {}

  /** What a key used on a day. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Day(String tokenName, BigDecimal quotaUsed, long requestCount) {

    Day plus(Day other) {
      return new Day(tokenName, quotaUsed.add(other.quotaUsed), requestCount + other.requestCount);
    }
  }

  /** Of these charges; those of both dates and between them day by day. */
  static Usage of(List<Ledger.Charge> charges, LocalDate start, LocalDate end) {
    Map<LocalDate, Day> days = new TreeMap<>();
    Day all = new Day(NAME, BigDecimal.ZERO, 0);
    for (Ledger.Charge charge : charges) {
      LocalDate date = LocalDate.ofInstant(charge.at(), ZoneOffset.UTC);
      Day one = new Day(NAME, charge.refunded() ? BigDecimal.ZERO : charge.amountUsd(), 1);
      all = all.plus(one);
      if (!date.isBefore(start) && !date.isAfter(end)) {
        days.merge(date, one, Day::plus);
      }
    }
    Map<LocalDate, List<Day>> listed = new TreeMap<>();
    days.forEach((date, day) -> listed.put(date, List.of(day)));
    return new Usage(
        NAME,
        UNLIMITED,
        all.quotaUsed(),
        all.requestCount(),
        List.of(new Key(NAME, UNLIMITED, all.quotaUsed())),
        listed);
  }
}
