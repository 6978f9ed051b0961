package dev.understudy.core.media;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The ffmpeg lines that mend a file, for a POSIX shell in the file's folder. Each writes {@code
 * <name>.mended.<extension>} beside it, and that file passes {@link MediaRules} (FfmpegLineIT runs
 * them).
 */
final class FfmpegLine {

  /** A little below the limit: a sound track ends in whole blocks. */
  private static final Duration CUT = Duration.ofMillis(29_900);

  /** A little over the limit, for the same reason. */
  private static final Duration REPEATED = Duration.ofMillis(3_200);

  private static final int SOUND_BITS_PER_SECOND = 128_000;

  /** Keeps room for the container, and for an encoder that does not hit its rate exactly. */
  private static final double SHARE_FOR_PICTURE = 0.92;

  /** Output is 1,584 pixels wide at the most. */
  private static final String SMALLER =
      "scale='min(2048,iw)':'min(2048,ih)':force_original_aspect_ratio=decrease";

  private FfmpegLine() {}

  /** The first picture of an image that Runway does not take, as a PNG. */
  static String toPng(String fileName) {
    return "ffmpeg -i %s -frames:v 1 -update 1 %s"
        .formatted(quoted(fileName), mended(fileName, "png"));
  }

  /** A video in a container that Runway does not take, as an MP4. */
  static String toMp4(String fileName) {
    return encoded("", fileName, "", CUT, null);
  }

  /** The same image as a JPEG of at most 2048 pixels a side, which cannot reach 16 MB. */
  static String smallerImage(String fileName) {
    return "ffmpeg -i %s -vf \"%s\" -frames:v 1 -update 1 -q:v 2 %s"
        .formatted(quoted(fileName), SMALLER, mended(fileName, "jpg"));
  }

  /**
   * The same video, cut below 30 s where it is longer or does not say, at a bitrate that keeps it
   * below 32 MB. A character is cut as well: what is rendered is as long as the reference.
   */
  static String fitted(String fileName, MediaFacts facts) {
    Duration plays = facts.duration();
    boolean cut = plays == null || plays.compareTo(MediaRules.LONGEST_REFERENCE) > 0;
    Duration kept = plays == null || cut ? CUT : plays;
    return encoded("", fileName, cut ? " -t " + decimal(CUT) : "", kept, facts);
  }

  /** The same video over and over until it is longer than 3 s; null for one of hardly a frame. */
  static @Nullable String repeated(String fileName, MediaFacts facts) {
    Duration plays = facts.duration();
    if (plays == null || plays.compareTo(Duration.ofMillis(100)) < 0) {
      return null;
    }
    long times = REPEATED.dividedBy(plays) + 1;
    return encoded(" -stream_loop " + (times - 1), fileName, "", plays.multipliedBy(times), facts);
  }

  /** The same pictures and sound in a file with an index that tells its length. */
  static String rewritten(String fileName, MediaFacts facts) {
    return "ffmpeg -i %s -c copy -sn -dn -movflags +faststart %s"
        .formatted(quoted(fileName), mended(fileName, facts.format().extension()));
  }

  private static String encoded(
      String before, String fileName, String after, Duration plays, @Nullable MediaFacts facts) {
    long rate = pictureKilobits(plays);
    return "ffmpeg%s -i %s%s%s -c:v libx264 -crf 18 -maxrate %dk -bufsize %dk -pix_fmt yuv420p -c:a aac -b:a 128k -movflags +faststart %s"
        .formatted(
            before, quoted(fileName), after, evenSides(facts), rate, rate, mended(fileName, "mp4"));
  }

  /** The most that the picture may take, with a second's worth of buffer over the whole length. */
  private static long pictureKilobits(Duration plays) {
    double seconds = plays.toMillis() / 1000.0 + 1;
    double bits = SHARE_FOR_PICTURE * MediaRules.MOST_VIDEO_BYTES * 8 / seconds;
    return Math.clamp((long) ((bits - SOUND_BITS_PER_SECOND) / 1000), 100, 40_000);
  }

  /** H.264 in 4:2:0, the kind that everything plays, wants even sides. */
  private static String evenSides(@Nullable MediaFacts facts) {
    boolean even =
        facts != null
            && facts.pixels().filter(p -> p.width() % 2 == 0 && p.height() % 2 == 0).isPresent();
    return even ? "" : " -vf \"scale=trunc(iw/2)*2:trunc(ih/2)*2\"";
  }

  private static String decimal(Duration duration) {
    return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
  }

  private static String mended(String fileName, String extension) {
    int dot = fileName.lastIndexOf('.');
    String name = dot > 0 ? fileName.substring(0, dot) : fileName;
    return quoted(name + ".mended." + extension);
  }

  /**
   * One word for a POSIX shell, and a path for ffmpeg: without the "./" it would take "-y.mp4" for
   * an option and "a:b.mp4" for an address.
   */
  static String quoted(String fileName) {
    String path = fileName.startsWith("-") || fileName.contains(":") ? "./" + fileName : fileName;
    return "'" + path.replace("'", "'\\''") + "'";
  }
}
