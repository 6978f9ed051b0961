package dev.understudy.core.inputs;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of an address that the provider fetches itself (Runway's input rules: https, a domain
 * and not an IP address, 13 to 2,048 characters). It is not fetched by us: the provider checks what
 * lies there when it is called, free of charge.
 */
public final class HttpsAddress {

  private static final Pattern IP = Pattern.compile("[0-9.]+|\\[.*]");
  private static final Pattern VIDEO = Pattern.compile("(?i).*\\.(mp4|mov|m4v|mkv|webm|3gp|ogv)");
  private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(png|jpg|jpeg|webp)");

  private HttpsAddress() {}

  /**
   * What is wrong with it, to follow the name of its field; null when nothing is.
   *
   * @param otherScheme what to say of an address that is none of https
   */
  public static @Nullable String problem(String text, String otherScheme) {
    if (text.length() < 13 || text.length() > 2048) {
      return "must have 13 to 2,048 characters, but has %d.".formatted(text.length());
    }
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      return "is not a valid address.";
    }
    if (!"https"
        .equals(uri.getScheme() == null ? null : uri.getScheme().toLowerCase(Locale.ROOT))) {
      return otherScheme;
    }
    var host = uri.getHost();
    if (host == null || IP.matcher(host).matches() || !host.contains(".")) {
      return "must name a domain, not an IP address.";
    }
    if (uri.getUserInfo() != null) {
      return "must not carry a user name.";
    }
    return null;
  }

  /** Whether its ending is a video's; null when the ending says nothing. */
  public static @Nullable Boolean videoByName(String text) {
    var path = URI.create(text).getPath();
    if (VIDEO.matcher(path).matches()) {
      return Boolean.TRUE;
    }
    return IMAGE.matcher(path).matches() ? Boolean.FALSE : null;
  }
}
