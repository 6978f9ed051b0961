package dev.understudy.core.task;

/**
 * What a person gives as the ground of a decision.
 *
 * @param who who decides, in words: a token's name and tenant
 * @param why why, in one line
 */
public record Verdict(String who, String why) {

  /** A sentence of the history: what was done, by whom and why. */
  String sentence(String done) {
    return "%s by %s: %s".formatted(done, who, Changes.sentence(why));
  }
}
