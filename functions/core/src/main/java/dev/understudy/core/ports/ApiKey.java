package dev.understudy.core.ports;

/** The provider's key. */
public interface ApiKey {

  /**
   * The key, possibly as read some minutes ago; blank when none is set.
   *
   * @throws dev.understudy.core.errors.Unavailable when it cannot be read
   */
  String current();

  /** Forgets what was read, so that the next {@link #current()} reads the secret anew. */
  void forget();
}
