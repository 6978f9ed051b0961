package dev.understudy.core.media;

/** A still or a moving picture. */
public enum MediaKind {
  /** A still. */
  IMAGE("image"),
  /** A moving picture, with or without sound. */
  VIDEO("video");

  private final String word;

  MediaKind(String word) {
    this.word = word;
  }

  /** The word for it in a sentence; also the first half of its content types. */
  public String word() {
    return word;
  }
}
