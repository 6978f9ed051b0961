package dev.understudy.core.media;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was read from a file. Null means not known: it does not apply to this kind, or the format is
 * only recognised ({@link MediaFormat#checked()}).
 *
 * @param format what it is, by its content
 * @param bytes its length
 * @param width in pixels as displayed, that is after rotation
 * @param height in pixels as displayed
 * @param rotation how far a player turns what is stored, clockwise: 0, 90, 180 or 270 degrees
 * @param fps frames per second on average over the video, to three decimals (23.976)
 * @param duration how long it plays
 * @param audio whether it has a sound track
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record MediaFacts(
    MediaFormat format,
    long bytes,
    @Nullable Integer width,
    @Nullable Integer height,
    @Nullable Integer rotation,
    @Nullable Double fps,
    @Nullable Duration duration,
    @Nullable Boolean audio) {

  /** Checks what can be checked without the file. */
  public MediaFacts {
    if (bytes < 0 || (width == null) != (height == null)) {
      throw new IllegalArgumentException("Facts need a length, and both sides or none.");
    }
  }

  static MediaFacts image(MediaFormat format, long bytes, PixelSize displayed, int rotation) {
    return new MediaFacts(
        format, bytes, displayed.width(), displayed.height(), rotation, null, null, null);
  }

  static MediaFacts video(
      MediaFormat format,
      long bytes,
      PixelSize displayed,
      int rotation,
      @Nullable Double fps,
      @Nullable Duration duration,
      boolean audio) {
    return new MediaFacts(
        format, bytes, displayed.width(), displayed.height(), rotation, fps, duration, audio);
  }

  static MediaFacts recognised(MediaFormat format, long bytes) {
    return new MediaFacts(format, bytes, null, null, null, null, null, null);
  }

  /** A still or a moving picture. */
  public MediaKind kind() {
    return format.kind();
  }

  /** The content type to store and to serve it with. */
  public String contentType() {
    return format.contentType();
  }

  /** The picture's size as displayed, where it is known. */
  public Optional<PixelSize> pixels() {
    return width == null || height == null
        ? Optional.empty()
        : Optional.of(new PixelSize(width, height));
  }
}
