package dev.understudy.core.order;

import dev.understudy.core.hash.Sha256;
import dev.understudy.core.inputs.Pair;

/** What an order asks for, as one hash: the form's content and the inputs' ETags. */
final class Identity {

  private Identity() {}

  static String of(String canonicalForm, Pair pair) {
    return Sha256.ofParts(canonicalForm, pair.character().version(), pair.reference().version());
  }
}
