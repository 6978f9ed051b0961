package dev.understudy.api;

import dev.understudy.core.task.Verdict;

/** What the decisions of a person have in common: who may make them, and that they say why. */
final class Reasons {

  private static final String WHY = "why";
  private static final int LONGEST = 500;

  private Reasons() {}

  /**
   * Only administrators decide for the stack.
   *
   * @throws Refused with 403
   */
  static void adminsOnly(Caller caller) {
    if (!caller.admin()) {
      throw new Refused(
          403, "This is for administrators of the stack: use a token that was made with ADMIN=1.");
    }
  }

  /** Who decides, and why, in one line; {@link Fields#check} refuses a missing reason. */
  static Verdict verdict(Fields fields, Caller caller) {
    return new Verdict(
        caller.who(), fields.text(WHY, LONGEST).replaceAll("[\\s\\p{Cntrl}]+", " ").strip());
  }
}
