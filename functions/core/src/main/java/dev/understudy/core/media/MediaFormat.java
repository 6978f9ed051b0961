package dev.understudy.core.media;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The formats that Runway takes as inputs (its documentation of assets and inputs: JPEG, PNG and
 * WebP; MP4, MOV, MKV, WebM, 3GP and OGV).
 */
public enum MediaFormat {
  /** PNG. */
  PNG("PNG", MediaKind.IMAGE, "image/png", true, "png"),
  /** JPEG. */
  JPEG("JPEG", MediaKind.IMAGE, "image/jpeg", true, "jpg", "jpeg", "jpe", "jfif"),
  /** WebP. */
  WEBP("WebP", MediaKind.IMAGE, "image/webp", true, "webp"),
  /** MP4 and its near relations (M4V, XAVC …). */
  MP4("MP4", MediaKind.VIDEO, "video/mp4", true, "mp4", "m4v"),
  /** QuickTime. */
  MOV("MOV", MediaKind.VIDEO, "video/quicktime", true, "mov", "qt"),
  /** 3GP and 3G2, which are built like MP4. */
  THREE_GP("3GP", MediaKind.VIDEO, "video/3gpp", true, "3gp", "3g2"),
  /** Matroska; recognised only. */
  MKV("MKV", MediaKind.VIDEO, "video/x-matroska", false, "mkv"),
  /** WebM; recognised only. */
  WEBM("WebM", MediaKind.VIDEO, "video/webm", false, "webm"),
  /** Ogg with Theora; recognised only. */
  OGV("OGV", MediaKind.VIDEO, "video/ogg", false, "ogv", "ogg");

  private final String label;
  private final MediaKind kind;
  private final String contentType;
  private final boolean checked;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> extensions;

  MediaFormat(
      String label, MediaKind kind, String contentType, boolean checked, String... extensions) {
    this.label = label;
    this.kind = kind;
    this.contentType = contentType;
    this.checked = checked;
    this.extensions = List.of(extensions);
  }

  /** Its name in a sentence. */
  public String label() {
    return label;
  }

  /** Its name with its article: {@code a PNG}, {@code an MP4}. */
  String one() {
    return switch (this) {
      case MP4, MKV, OGV -> "an " + label;
      case PNG, JPEG, WEBP, MOV, THREE_GP, WEBM -> "a " + label;
    };
  }

  /** A still or a moving picture. */
  public MediaKind kind() {
    return kind;
  }

  /** The content type to store and to serve it with. */
  public String contentType() {
    return contentType;
  }

  /**
   * Whether pixels, duration, frame rate and sound are read; otherwise the provider judges them.
   */
  public boolean checked() {
    return checked;
  }

  /** The usual extension, without a dot. */
  public String extension() {
    return extensions.getFirst();
  }

  /** Every extension that claims one of these, without dots, in lower case. */
  public static List<String> allExtensions() {
    return Arrays.stream(values()).flatMap(f -> f.extensions.stream()).toList();
  }

  /**
   * The format that a file name claims by its extension, in any letter case.
   *
   * @return empty for a name without an extension or with one that claims none of these
   */
  public static Optional<MediaFormat> claimedBy(String fileName) {
    int dot = fileName.lastIndexOf('.');
    if (dot < 0) {
      return Optional.empty();
    }
    String extension = fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(f -> f.extensions.contains(extension)).findFirst();
  }
}
