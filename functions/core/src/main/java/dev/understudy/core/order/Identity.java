package dev.understudy.core.order;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What an order asks for, as one hash: the form's content and the inputs' ETags. */
final class Identity {

  private Identity() {}

  static String of(String canonicalForm, Inputs.Found.Both both) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      for (var part : new String[] {canonicalForm, both.character().version(), both.reference().version()}) {
        sha.update(part.getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
