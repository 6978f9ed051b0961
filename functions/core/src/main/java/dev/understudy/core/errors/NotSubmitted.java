package dev.understudy.core.errors;

/**
 * Submit failed before anything was sent to the provider, so repeating it is safe. The state
 * machine names this class in the Retry of its Submit state.
 */
public final class NotSubmitted extends UnderstudyException {

  /**
   * @param sentence what failed
   * @param cause the failure
   */
  public NotSubmitted(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
