package dev.understudy.core.order;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What an order asks for, as one hash: the form's content and the inputs' ETags. */
final class Identity {

  private Identity() {}

  static String of(String canonicalForm, Inputs.Found.Both both) {
    return hash(canonicalForm, both.character().version(), both.reference().version());
  }

  /** A short mark of one version of a file, for a key: eight hexadecimal digits. */
  static String mark(String version) {
    return hash(version).substring(0, 8);
  }

  private static String hash(String... parts) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      for (var part : parts) {
        sha.update(part.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
