package dev.understudy.core.hash;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 as 64 hexadecimal digits in lower case. */
public final class Sha256 {

  private Sha256() {}

  /** The hash of bytes as they are. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(sha().digest(bytes));
  }

  /** The hash of several texts, such that it matters where one ends and the next begins. */
  public static String ofParts(String... parts) {
    var sha = sha();
    for (var part : parts) {
      sha.update(part.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private static MessageDigest sha() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
