package dev.understudy.core.order;

import java.math.BigDecimal;

/** Amounts as people read them. */
final class Money {

  private Money() {}

  /** US cents as dollars with two decimals: 40 is 0.40. */
  static String dollars(int cents) {
    return BigDecimal.valueOf(cents, 2).toPlainString();
  }
}
