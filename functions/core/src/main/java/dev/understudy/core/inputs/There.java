package dev.understudy.core.inputs;

import dev.understudy.core.hash.Sha256;
import dev.understudy.core.media.MediaKind;
import org.jspecify.annotations.Nullable;

/**
 * One input that is there.
 *
 * @param role {@value #CHARACTER} or {@value #REFERENCE}
 * @param source where it is
 * @param declared what it is said to be; null when only its content says so
 */
public record There(String role, Source source, @Nullable MediaKind declared) {

  /** The role of who is to be seen. */
  public static final String CHARACTER = "character";

  /** The role of who is acting. */
  public static final String REFERENCE = "reference";

  /** Which version of it this is: another content gives another text. */
  public String version() {
    return switch (source) {
      case Source.InBucket in -> in.object().key() + " " + in.object().eTag();
      case Source.Elsewhere elsewhere -> elsewhere.uri();
      case Source.Inline inline -> Sha256.of(inline.content());
    };
  }

  /** Its file name; the role where it has none, or one that may be private, as in an address. */
  public String fileName() {
    return switch (source) {
      case Source.InBucket in ->
          in.object().key().substring(in.object().key().lastIndexOf('/') + 1);
      case Source.Elsewhere elsewhere -> role;
      case Source.Inline inline -> role;
    };
  }

  /** Its file name without the ending. */
  public String stem() {
    var name = fileName();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
