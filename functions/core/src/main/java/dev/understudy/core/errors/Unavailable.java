package dev.understudy.core.errors;

/** A service of ours did not answer after bounded retries; the same call may work later. */
public final class Unavailable extends UnderstudyException {

  /**
   * @param sentence which service, and for what
   * @param cause the last failure
   */
  public Unavailable(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /**
   * @param sentence which service, and for what
   */
  public Unavailable(String sentence) {
    super(sentence);
  }
}
