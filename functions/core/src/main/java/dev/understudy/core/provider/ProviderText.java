package dev.understudy.core.provider;

import java.util.regex.Pattern;

/**
 * Makes text that came from outside fit for logs, history and people: one line, bounded, without
 * the parts that could be a secret. Providers quote what they were sent, signed URLs included.
 */
public final class ProviderText {
  private static final int LONGEST = 300;
  private static final int LONGEST_READ = 4_000;

  private static final Pattern DATA_URI = Pattern.compile("(?i)data:[a-z]+/[^\\s\"'<>]+");
  private static final Pattern URL =
      Pattern.compile(
          "(?i)(https?://)(?:[^\\s\"'<>/?#@]{0,200}+@)?([^\\s\"'<>/?#]{1,300}+)[^\\s\"'<>]{0,4000}+");
  private static final Pattern SIGNED_PARAMETER =
      Pattern.compile(
          "(?i)(X-Amz-[a-z-]+|signature|token|_jwt|key-pair-id|policy|api[_-]?key)(=|%3D)[^\\s\"'&<>]+");
  private static final Pattern BEARER = Pattern.compile("(?i)\\bbearer\\s+[^\\s\"']+");
  private static final Pattern KEY =
      Pattern.compile(
          "\\b(?:(sk)[-_][\\w*.-]{4,}|(key)[-_][\\w*.-]{16,}|(understudy)[-_][\\w-]{40,})");

  private ProviderText() {}

  /**
   * The text on one line of at most 300 characters; URLs are reduced to their host, keys and signed
   * parameters to an ellipsis.
   */
  public static String clean(String raw) {
    String text = raw.length() > LONGEST_READ ? raw.substring(0, LONGEST_READ) : raw;
    text = DATA_URI.matcher(text).replaceAll("data:…");
    text = URL.matcher(text).replaceAll("$1$2/…");
    text = SIGNED_PARAMETER.matcher(text).replaceAll("$1=…");
    text = BEARER.matcher(text).replaceAll("Bearer …");
    text = KEY.matcher(text).replaceAll("$1$2$3-…");
    text = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return text.codePointCount(0, text.length()) <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST)).strip() + "…";
  }
}
