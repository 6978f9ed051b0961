package dev.understudy.simulator.provider;

import java.util.Set;

/**
 * What an input may be. Sizes and content types are those of Runway's documentation of inputs
 * (docs.dev.runwayml.com, assets/inputs); extensions do not matter.
 */
public enum MediaKind {
  /** JPEG, PNG or WebP up to 16 MB. */
  IMAGE(16L << 20, Set.of("image/jpeg", "image/jpg", "image/png", "image/webp")),
  /** A video container up to 32 MB. */
  VIDEO(
      32L << 20,
      Set.of(
          "video/mp4",
          "video/webm",
          "video/quicktime",
          "video/mov",
          "video/ogg",
          "video/h264",
          "video/x-matroska",
          "video/3gpp",
          "video/3gpp2"));

  private final long maxBytes;

  @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
  private final Set<String> contentTypes;

  MediaKind(long maxBytes, Set<String> contentTypes) {
    this.maxBytes = maxBytes;
    this.contentTypes = contentTypes;
  }

  /**
   * The most that is taken by URL.
   *
   * @return bytes
   */
  public long maxBytes() {
    return maxBytes;
  }

  /**
   * Whether a server may call it so.
   *
   * @param contentType lower case, without parameters
   * @return true if it is one of the types for this kind
   */
  public boolean accepts(String contentType) {
    return contentTypes.contains(contentType);
  }

  /**
   * The name in requests.
   *
   * @return image or video
   */
  public String label() {
    return Named.of(this);
  }
}
