package dev.understudy.simulation;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One secret of each kind, to be found wherever it should not be: nothing else is written like
 * them. The provider quotes them all in its errors, as providers do.
 */
final class Canaries {

  /** The provider's key begins so; the history's seed follows. */
  static final String KEY = "sk-canary-";

  /** A token of the API, as the stand-in issues them. */
  static final String TOKEN = "understudy_0";

  /** Where S3's addresses have their signature: a name, and no secret by itself. */
  static final String SIGNED = "X-Amz-Signature=";

  /** In the addresses that callers give for their own files. */
  static final String CALLERS = "canary-of-a-caller";

  /** In what we sign for the provider, so that it can fetch an input. */
  static final String INPUT = "canary-of-an-input";

  /** In what we sign for a caller, so that a video can be fetched. */
  static final String OUTPUT = "canary-of-a-video";

  /** In what we sign for a caller, so that a file can be uploaded. */
  static final String UPLOAD = "canary-of-an-upload";

  /** In every address that the provider gives out. */
  static final String PROVIDERS = "_jwt=";

  private static final List<String> ALL =
      List.of(KEY, TOKEN, CALLERS, INPUT, OUTPUT, UPLOAD, PROVIDERS);

  private Canaries() {}

  /** Whether any of them is in a text. */
  static boolean in(@Nullable String text) {
    if (text == null) {
      return false;
    }
    for (var canary : ALL) {
      if (text.contains(canary)) {
        return true;
      }
    }
    return false;
  }

  /** Everything that a stack trace says in words: of the exception, its causes and what it hid. */
  static String told(Throwable thrown) {
    var said = new StringBuilder();
    var left = new ArrayDeque<Throwable>(List.of(thrown));
    for (int i = 0; i < 50 && !left.isEmpty(); i++) {
      var next = left.remove();
      said.append(next).append('\n');
      if (next.getCause() != null) {
        left.add(next.getCause());
      }
      left.addAll(Arrays.asList(next.getSuppressed()));
    }
    return said.toString();
  }
}
