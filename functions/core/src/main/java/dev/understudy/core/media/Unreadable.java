package dev.understudy.core.media;

/**
 * The bytes are not the file they should be. Its message ends the sentence "… cannot be read: ".
 */
final class Unreadable extends Exception {

  Unreadable(String why) {
    super(why);
  }

  Unreadable(String why, Throwable cause) {
    super(why, cause);
  }

  /** Why, without a full stop. */
  String why() {
    return String.valueOf(getMessage());
  }
}
