package dev.understudy.core.media;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/** How values look in sentences. */
final class Figures {

  private Figures() {}

  /** {@code 2.999 s}: never rounded up to a limit that it misses. */
  static String seconds(Duration duration) {
    return plain(BigDecimal.valueOf(duration.toMillis(), 3)) + " s";
  }

  /** {@code 42,257,613 bytes (40.3 MB)}; MB is 1,048,576 bytes, as Runway counts. */
  static String bytes(long bytes) {
    return String.format(Locale.ROOT, "%,d bytes (%.1f MB)", bytes, bytes / 1_048_576.0);
  }

  /** {@code 1,000}. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** {@code 23.976 fps}. */
  static String fps(double fps) {
    return plain(BigDecimal.valueOf(Math.round(fps * 1000), 3)) + " fps";
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
