package dev.understudy.core.ports;

import java.util.List;

/** The keys that webhooks are signed with. */
public interface SigningKeys {

  /**
   * At least one; more while the key is being changed, and then each of them signs.
   *
   * @throws dev.understudy.core.errors.Unavailable when they cannot be read
   * @throws dev.understudy.core.errors.Misconfigured when what is stored is no key
   */
  List<byte[]> current();
}
