package dev.understudy.adapters.cometapi;

import java.net.InetAddress;
import java.net.URI;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides where an output may be fetched from. Output URLs come from outside, so
 * they lead to the public internet only: https on port 443, a host that has a name, and an address
 * that is public at the moment it is connected to. The one exception is the configured provider
 * itself (same scheme, host and port), which in tests is a program on the same machine.
 */
final class OutputRule {
  private static final int HTTPS = 443;

  /**
   * At least two labels, the last one beginning with a letter: no address in any of its spellings
   * (decimal, octal, hexadecimal, in brackets) and no name of a local network.
   */
  private static final Pattern NAME =
      Pattern.compile(
          "([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?",
          Pattern.CASE_INSENSITIVE);

  private final URI provider;
  private final int port;
  private final Predicate<InetAddress> acceptable;

  /**
   * @param provider the configured provider's base URL
   */
  OutputRule(URI provider) {
    this(provider, HTTPS, PublicAddress::is);
  }

  OutputRule(URI provider, int port, Predicate<InetAddress> acceptable) {
    this.provider = provider;
    this.port = port;
    this.acceptable = acceptable;
  }

  /** Why this URL is not opened, as a sentence without its path and query; null if it may be. */
  @Nullable String refusal(URI url) {
    String host = url.getHost();
    if (host == null || url.getRawUserInfo() != null) {
      return "The output's URL names no host, or a user.";
    }
    if (isProvider(url)) {
      return null;
    }
    if (!"https".equalsIgnoreCase(url.getScheme()) || portOf(url) != port) {
      return notConnectedTo(host, "only https on port " + port + " is");
    }
    return NAME.matcher(host).matches()
        ? null
        : notConnectedTo(host, "only hosts with a name on the internet are");
  }

  private static String notConnectedTo(String host, String but) {
    return "The output's host "
        + host
        + " is not connected to: "
        + but
        + ", except for the provider itself.";
  }

  /** Whether the address that is about to be connected to may be. */
  boolean mayConnect(InetAddress address) {
    return acceptable.test(address);
  }

  /** Whether this is the configured provider, whose address is not judged. */
  boolean isProvider(URI url) {
    return provider.getScheme().equalsIgnoreCase(url.getScheme())
        && provider.getHost().equalsIgnoreCase(url.getHost())
        && portOf(provider) == portOf(url);
  }

  private static int portOf(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return "https".equalsIgnoreCase(url.getScheme()) ? HTTPS : 80;
  }
}
