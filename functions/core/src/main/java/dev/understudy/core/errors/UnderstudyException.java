package dev.understudy.core.errors;

/**
 * The root of our errors. Its branches say what a caller can do: {@link NotSubmitted} and {@link
 * Unavailable} may be repeated, {@link Misconfigured} needs a person. A message is one sentence.
 */
public abstract sealed class UnderstudyException extends RuntimeException
    permits NotSubmitted, Unavailable, Misconfigured {

  private final String sentence;

  UnderstudyException(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  UnderstudyException(String sentence, Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
  }

  /** What went wrong, for people. */
  public String sentence() {
    return sentence;
  }
}
