package dev.understudy.core.errors;

/**
 * The root of our errors. Its branches say what a caller can do: {@link NotSubmitted} and {@link
 * Unavailable} may be repeated, {@link Misconfigured} needs a person. A message is one sentence.
 */
public abstract sealed class UnderstudyException extends RuntimeException
    permits NotSubmitted, Unavailable, Misconfigured {

  UnderstudyException(String sentence) {
    super(sentence);
  }

  UnderstudyException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
