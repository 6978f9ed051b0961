package dev.understudy.core.media;

/** What a file is used as. */
public enum MediaRole {
  /** The character, given as a still. */
  CHARACTER_IMAGE("character", MediaKind.IMAGE),
  /** The character, given as a video. */
  CHARACTER_VIDEO("character", MediaKind.VIDEO),
  /** Someone acting; always a video. */
  REFERENCE("reference", MediaKind.VIDEO);

  private final String word;
  private final MediaKind kind;

  MediaRole(String word, MediaKind kind) {
    this.word = word;
    this.kind = kind;
  }

  /** The role of a character of this kind. */
  public static MediaRole character(MediaKind kind) {
    return switch (kind) {
      case IMAGE -> CHARACTER_IMAGE;
      case VIDEO -> CHARACTER_VIDEO;
    };
  }

  /** The word for it in a sentence. */
  public String word() {
    return word;
  }

  /** The kind of file it takes. */
  public MediaKind kind() {
    return kind;
  }
}
