package dev.understudy.core.provider;

import java.net.URI;

/** Opens the URL of a finished output. */
public interface Downloads {

  /**
   * Opens the URL once. Only public https hosts are connected to, and the configured provider's own
   * host; redirects are followed at most three times under the same rule. Never throws for anything
   * the network or the host does.
   */
  Download open(URI output);
}
