package dev.understudy.core.media;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runway's limits on inputs, judged before anything is paid. Sources: Runway's documentation of
 * assets and inputs (formats; 16 MB for an image and 32 MB for a video that is fetched from an
 * address) and of Act-Two (a reference plays 3 to 30 seconds). MB is 1,048,576 bytes.
 */
public final class MediaRules {

  /** The most that an image may weigh. */
  public static final long MOST_IMAGE_BYTES = 16 * 1024 * 1024;

  /** The most that a video may weigh. */
  public static final long MOST_VIDEO_BYTES = 32 * 1024 * 1024;

  /** The shortest reference. */
  public static final Duration SHORTEST_REFERENCE = Duration.ofSeconds(3);

  /** The longest reference. */
  public static final Duration LONGEST_REFERENCE = Duration.ofSeconds(30);

  /**
   * A sound track ends in whole blocks, so 30 s of picture make a file that plays a little more.
   */
  private static final Duration LAST_SOUND_BLOCK = Duration.ofMillis(50);

  private MediaRules() {}

  /**
   * Holds a file against what it claims and against the limits.
   *
   * @param role what it is used as
   * @param declaredContentType the content type it was stored with; null when there is none
   * @param fileName its name without folders
   * @param facts what {@link MediaProbe} read
   * @return every problem, none when it can be used; the lines of one file mend all of them at once
   */
  public static List<MediaProblem> check(
      MediaRole role, @Nullable String declaredContentType, String fileName, MediaFacts facts) {
    if (facts.kind() != role.kind()) {
      return List.of(
          MediaProblem.of(
              "The %s has to be %s here, and %s is %s: upload or name another file."
                  .formatted(role.word(), one(role.kind()), fileName, facts.format().one())));
    }
    List<MediaProblem> problems = new ArrayList<>();
    claim(declaredContentType, fileName, facts).ifPresent(problems::add);
    switch (facts.kind()) {
      case IMAGE -> imageLength(fileName, facts).ifPresent(problems::add);
      case VIDEO -> videoLength(fileName, facts).ifPresent(problems::add);
    }
    if (role == MediaRole.REFERENCE && facts.format().checked()) {
      playingTime(fileName, facts).ifPresent(problems::add);
    }
    return List.copyOf(problems);
  }

  private static Optional<MediaProblem> claim(
      @Nullable String contentType, String fileName, MediaFacts facts) {
    String claimed = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
    for (MediaKind kind : MediaKind.values()) {
      if (kind != facts.kind() && claimed.startsWith(kind.word() + "/")) {
        return Optional.of(
            MediaProblem.of(
                "%s is stored as %s but is %s: upload the right file, or this one as %s."
                    .formatted(fileName, contentType, facts.format().one(), facts.contentType())));
      }
    }
    return Optional.empty();
  }

  private static Optional<MediaProblem> imageLength(String fileName, MediaFacts facts) {
    if (facts.bytes() <= MOST_IMAGE_BYTES) {
      return Optional.empty();
    }
    return Optional.of(
        new MediaProblem(
            tooLarge(fileName, facts, MOST_IMAGE_BYTES) + ": scale it down.",
            FfmpegLine.smallerImage(fileName)));
  }

  private static Optional<MediaProblem> videoLength(String fileName, MediaFacts facts) {
    if (facts.bytes() <= MOST_VIDEO_BYTES) {
      return Optional.empty();
    }
    return Optional.of(
        new MediaProblem(
            tooLarge(fileName, facts, MOST_VIDEO_BYTES) + ": encode it at a lower bitrate.",
            FfmpegLine.fitted(fileName, facts)));
  }

  private static String tooLarge(String fileName, MediaFacts facts, long most) {
    return "%s has %s, and Act-Two takes %ss of at most %s"
        .formatted(
            fileName, Figures.bytes(facts.bytes()), facts.kind().word(), Figures.bytes(most));
  }

  private static Optional<MediaProblem> playingTime(String fileName, MediaFacts facts) {
    Duration plays = facts.duration();
    if (plays == null) {
      return Optional.of(
          new MediaProblem(
              "%s does not say how long it plays, as a fragmented recording does not, and Act-Two"
                      .formatted(fileName)
                  + " takes references of 3 to 30 s: write it anew, nothing is encoded.",
              FfmpegLine.rewritten(fileName, facts)));
    }
    if (plays.compareTo(SHORTEST_REFERENCE) < 0) {
      return Optional.of(
          new MediaProblem(
              "%s plays %s, and Act-Two takes references of 3 to 30 s: use a longer take, or let this"
                      .formatted(fileName, Figures.seconds(plays))
                  + " one repeat.",
              FfmpegLine.repeated(fileName, facts)));
    }
    if (plays.compareTo(LONGEST_REFERENCE.plus(LAST_SOUND_BLOCK)) > 0) {
      return Optional.of(
          new MediaProblem(
              "%s plays %s, and Act-Two takes references of 3 to 30 s: cut it."
                  .formatted(fileName, Figures.seconds(plays)),
              FfmpegLine.fitted(fileName, facts)));
    }
    return Optional.empty();
  }

  private static String one(MediaKind kind) {
    return switch (kind) {
      case IMAGE -> "an image";
      case VIDEO -> "a video";
    };
  }
}
