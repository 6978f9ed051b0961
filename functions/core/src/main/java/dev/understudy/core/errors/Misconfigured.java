package dev.understudy.core.errors;

/** A setting or a permission is wrong; a person has to change it. */
public final class Misconfigured extends UnderstudyException {

  /**
   * @param sentence what is wrong and what to set
   */
  public Misconfigured(String sentence) {
    super(sentence);
  }
}
