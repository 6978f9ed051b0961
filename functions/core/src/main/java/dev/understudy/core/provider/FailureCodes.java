package dev.understudy.core.provider;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the provider's failure codes mean to the person who ordered. Runway's set is open (docs,
 * "Task failures"): codes are read by their first segments, and one nobody knows is said to be so.
 */
public final class FailureCodes {

  /** What a failure is about, with what to do. */
  public enum Kind {
    MODERATION(
        "The provider's moderation refused the character, the reference or the result. Use other footage, and do not send the same again: repeated refusals can suspend the account."),
    ASSET(
        "The provider could not use the character or the reference. Check that both play, that a face stays in frame, and that they are within the limits; then order again."),
    QUALITY(
        "The provider's model gave no usable video from this footage. Another seed sometimes helps; a clearer face and steadier framing help more often."),
    PROVIDER(
        "The provider had a fault of its own. The footage is not to blame: order it again later."),
    REFUSED(
        "The provider refused the request before it took it on. Mend what it names and order again."),
    CANCELLED("The task was cancelled at the provider. If nobody meant that, order it again."),
    UNKNOWN(
        "The provider ended the task with a code that is not known here. Look it up at the provider before ordering again.");

    private final String sentence;

    Kind(String sentence) {
      this.sentence = sentence;
    }

    /** What happened and what to do, for people. */
    public String sentence() {
      return sentence;
    }
  }

  private static final int LONGEST_READ = 4_000;

  /** Codes as they appear in running text: only of families that are known. */
  private static final Pattern IN_TEXT =
      Pattern.compile(
          "\\b(?:SAFETY|INPUT_PREPROCESSING|ASSET|INTERNAL|THIRD_PARTY)(?:\\.[A-Z0-9_]{1,40}){1,6}+");

  private static final Pattern LABELLED =
      Pattern.compile(
          "(?i:failure_?code|error_?code)\\W{1,6}+([A-Z][A-Z0-9_]{0,40}(?:\\.[A-Z0-9_]{1,40}){0,6})\\b");

  private FailureCodes() {}

  /** What a code is about; without a code the provider's own fault, as Runway documents it. */
  public static Kind kind(@Nullable String code) {
    if (code == null) {
      return Kind.PROVIDER;
    }
    List<String> parts = Arrays.asList(code.toUpperCase(Locale.ROOT).split("\\.", -1));
    if (parts.contains("SAFETY")) {
      return Kind.MODERATION;
    }
    return switch (parts.getFirst()) {
      case "ASSET" -> Kind.ASSET;
      case "INTERNAL" ->
          parts.size() > 1 && parts.get(1).equals("BAD_OUTPUT") ? Kind.QUALITY : Kind.PROVIDER;
      case "INPUT_PREPROCESSING" ->
          parts.size() > 1 && parts.get(1).equals("INTERNAL") ? Kind.PROVIDER : Kind.UNKNOWN;
      case "THIRD_PARTY" -> Kind.PROVIDER;
      // these two are ours
      case "PROVIDER" ->
          switch (code) {
            case Reading.CANCELLED -> Kind.CANCELLED;
            case PostOutcome.REJECTED -> Kind.REFUSED;
            default -> Kind.UNKNOWN;
          };
      default -> Kind.UNKNOWN;
    };
  }

  /**
   * One or two sentences for people. The provider's own text is quoted, cleaned, except where
   * moderation is at work: its texts are not meant for end users.
   *
   * @param raw the provider's text, null if there is none
   */
  public static String sentence(@Nullable String code, @Nullable String raw) {
    Kind kind = kind(code);
    if (code == null && raw != null && speaksOfModeration(raw)) {
      kind = Kind.MODERATION;
    }
    String text = raw == null ? "" : ProviderText.clean(raw);
    if (kind == Kind.MODERATION || text.isEmpty() || text.equals(code)) {
      return kind.sentence();
    }
    return kind.sentence() + " It said: " + text + (text.matches(".*[.!?…]") ? "" : ".");
  }

  /** A code inside running text, where the gateway keeps no field for it. */
  static @Nullable String inText(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String read = text.length() > LONGEST_READ ? text.substring(0, LONGEST_READ) : text;
    Matcher labelled = LABELLED.matcher(read);
    if (labelled.find()) {
      return labelled.group(1);
    }
    Matcher known = IN_TEXT.matcher(read);
    return known.find() ? known.group() : null;
  }

  private static boolean speaksOfModeration(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.contains("moderat") || lower.contains("safety");
  }
}
