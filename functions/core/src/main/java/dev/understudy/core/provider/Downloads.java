package dev.understudy.core.provider;

import java.net.URI;

/** Opens the URL of a finished output. */
public interface Downloads {

  /**
   * Opens the URL once. Only public hosts are connected to, by https on port 443, and the
   * configured provider itself; no redirect is followed. Never throws for anything the network or
   * the host does.
   */
  Download open(URI output);
}
