package dev.understudy.core.settings;

import java.math.BigDecimal;

/** Amounts as people read them. */
public final class Dollars {

  private Dollars() {}

  /** US cents as dollars with two decimals: 40 is 0.40. */
  public static String of(int cents) {
    return BigDecimal.valueOf(cents, 2).toPlainString();
  }
}
