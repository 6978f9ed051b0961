package dev.understudy.api;

import dev.understudy.core.request.Issue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Where a list goes on, as clients carry it: opaque, and bound to the list it was made for. It
 * keeps clients honest, not secrets: a forged one could only name another place in the same list.
 */
final class Cursor {

  private static final int CHECK_BYTES = 8;
  private static final int LONGEST = 400;

  private Cursor() {}

  /**
   * A cursor.
   *
   * @param list whose list it is for, and which
   * @param position where it goes on
   */
  static String of(String list, String position) {
    var check = check(list, position);
    var text = position.getBytes(StandardCharsets.UTF_8);
    var bytes = Arrays.copyOf(check, CHECK_BYTES + text.length);
    System.arraycopy(text, 0, bytes, CHECK_BYTES, text.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * The position in a cursor.
   *
   * @param list the list that is asked for
   * @throws Refused with 400 when the cursor was not made for this list
   */
  static String position(String list, String cursor) {
    if (cursor.length() <= LONGEST) {
      try {
        var bytes = Base64.getUrlDecoder().decode(cursor);
        if (bytes.length > CHECK_BYTES) {
          var position =
              new String(bytes, CHECK_BYTES, bytes.length - CHECK_BYTES, StandardCharsets.UTF_8);
          if (of(list, position).equals(cursor)) {
            return position;
          }
        }
      } catch (IllegalArgumentException e) {
        // said below
      }
    }
    throw refused();
  }

  /** The answer to a cursor that is none of this list. */
  static Refused refused() {
    var sentence =
        "The cursor is not one of this list: use nextCursor of the page before, or leave it out to begin anew.";
    return new Refused(400, sentence, List.of(Issue.at("cursor", sentence)), Map.of());
  }

  private static byte[] check(String list, String position) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      sha.update(list.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
      return Arrays.copyOf(sha.digest(position.getBytes(StandardCharsets.UTF_8)), CHECK_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
