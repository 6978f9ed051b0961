package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.drew.imaging.FileType;
import com.drew.imaging.FileTypeDetector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out what a file is, by its content and with few reads: the head, and of an MP4 the heads of
 * its boxes and the one with its index, wherever that stands.
 */
public final class MediaProbe {

  /** What came of it. */
  public sealed interface Result permits Found, Refused {}

  /**
   * The file is one of Runway's formats; whether it is within the limits is for {@link MediaRules}.
   *
   * @param facts what was read
   */
  public record Found(MediaFacts facts) implements Result {}

  /**
   * The file cannot be used.
   *
   * @param problem why, and how to mend it
   */
  public record Refused(MediaProblem problem) implements Result {}

  /** Enough to recognise every format by. */
  private static final int HEAD_BYTES = 512;

  private static final String TAKEN_IMAGES = "PNG, JPEG or WebP images";
  private static final String TAKEN_VIDEOS = "MP4 or MOV videos (also MKV, WebM, 3GP and OGV)";

  /** What people do upload and Runway does not take. */
  private static final Map<FileType, Foreign> FOREIGN =
      Map.of(
          FileType.Gif, new Foreign("a GIF", MediaKind.IMAGE),
          FileType.Bmp, new Foreign("a BMP", MediaKind.IMAGE),
          FileType.Tiff, new Foreign("a TIFF", MediaKind.IMAGE),
          FileType.Avif, new Foreign("an AVIF", MediaKind.IMAGE),
          FileType.Heif, new Foreign("a HEIC", MediaKind.IMAGE),
          FileType.Avi, new Foreign("an AVI", MediaKind.VIDEO),
          FileType.Flv, new Foreign("an FLV", MediaKind.VIDEO),
          FileType.Asf, new Foreign("a WMV", MediaKind.VIDEO),
          FileType.Vob, new Foreign("an MPEG program stream", MediaKind.VIDEO));

  private static final Foreign TRANSPORT_STREAM =
      new Foreign("an MPEG transport stream", MediaKind.VIDEO);

  private static final int TRANSPORT_PACKET = 188;

  private record Foreign(String one, MediaKind kind) {}

  private MediaProbe() {}

  /**
   * Reads a file. Whatever its bytes are, this answers, and allocates no more than 16 MB at a time;
   * only what the source throws comes through.
   *
   * @param source its bytes
   * @param fileName its name without folders: what it claims to be, and how sentences call it
   */
  public static Result read(ByteSource source, String fileName) {
    if (source.size() == 0) {
      return refused(fileName + " is empty (0 bytes): upload it again.");
    }
    byte[] head = source.read(0, (int) Math.min(HEAD_BYTES, source.size()));
    FileType type = type(head);
    Optional<MediaFormat> format = format(head, type);
    if (format.isPresent()) {
      return read(format.get(), source, fileName);
    }
    Foreign foreign = isTransportStream(head) ? TRANSPORT_STREAM : FOREIGN.get(type);
    return foreign == null ? unknown(type, fileName) : foreign(foreign, fileName);
  }

  private static Result read(MediaFormat format, ByteSource source, String fileName) {
    if (claimsOther(fileName, format.kind())) {
      return refused(notClaimed(fileName, format.one(), format.kind()));
    }
    try {
      return new Found(facts(format, source));
    } catch (Unreadable e) {
      return refused(
          "%s is %s that cannot be read: %s; export or copy it once more and upload that."
              .formatted(fileName, format.one(), e.why()));
    }
  }

  private static MediaFacts facts(MediaFormat format, ByteSource source) throws Unreadable {
    long bytes = source.size();
    return switch (format) {
      case PNG, JPEG, WEBP ->
          bytes > MediaRules.MOST_IMAGE_BYTES // refused by its length: not worth reading it all
              ? MediaFacts.recognised(format, bytes)
              : Still.read(format, source).facts(format, bytes);
      case MP4, MOV, THREE_GP -> MovieFile.read(source).facts(format, bytes);
      case MKV, WEBM, OGV -> MediaFacts.recognised(format, bytes);
    };
  }

  private static Result foreign(Foreign foreign, String fileName) {
    if (claimsOther(fileName, foreign.kind)) {
      return refused(notClaimed(fileName, foreign.one, foreign.kind));
    }
    return new Refused(
        switch (foreign.kind) {
          case IMAGE ->
              new MediaProblem(
                  "%s is %s, and Act-Two takes %s: convert it to PNG."
                      .formatted(fileName, foreign.one, TAKEN_IMAGES),
                  FfmpegLine.toPng(fileName));
          case VIDEO ->
              new MediaProblem(
                  "%s is %s, and Act-Two takes %s: convert it to MP4."
                      .formatted(fileName, foreign.one, TAKEN_VIDEOS),
                  FfmpegLine.toMp4(fileName));
        });
  }

  private static Result unknown(FileType type, String fileName) {
    // four letters that also begin a movie are not enough to call it one
    boolean known = type != FileType.Unknown && type != FileType.QuickTime && type != FileType.Mp4;
    String what = known ? type.getLongName() : "of no kind that is known here";
    return refused(
        "%s is neither an image nor a video that Act-Two takes (it is %s): upload %s or %s."
            .formatted(fileName, what, TAKEN_IMAGES, TAKEN_VIDEOS));
  }

  private static boolean claimsOther(String fileName, MediaKind found) {
    return MediaFormat.claimedBy(fileName).filter(f -> f.kind() != found).isPresent();
  }

  private static String notClaimed(String fileName, String found, MediaKind kind) {
    MediaKind claimed = kind == MediaKind.IMAGE ? MediaKind.VIDEO : MediaKind.IMAGE;
    return "%s is %s, not the %s that its name says: upload the %s, or name the file for what it is."
        .formatted(fileName, found, claimed.word(), claimed.word());
  }

  private static Refused refused(String sentence) {
    return new Refused(MediaProblem.of(sentence));
  }

  private static FileType type(byte[] head) {
    try {
      return FileTypeDetector.detectFileType(new ByteArrayInputStream(head));
    } catch (IOException e) {
      throw new UncheckedIOException("Reading from memory failed.", e);
    }
  }

  private static Optional<MediaFormat> format(byte[] head, FileType type) {
    return switch (type) {
      case Png -> Optional.of(MediaFormat.PNG);
      case Jpeg -> Optional.of(MediaFormat.JPEG);
      case WebP -> Optional.of(MediaFormat.WEBP);
      case Mp4, QuickTime -> MovieFile.format(head);
      default -> byContent(head);
    };
  }

  private static Optional<MediaFormat> byContent(byte[] head) {
    String text = new String(head, ISO_8859_1);
    if (text.startsWith("\u001aE\u00df\u00a3")) {
      return text.contains("webm")
          ? Optional.of(MediaFormat.WEBM)
          : Optional.of(MediaFormat.MKV).filter(f -> text.contains("matroska"));
    }
    return Optional.of(MediaFormat.OGV)
        .filter(f -> text.startsWith("OggS") && text.contains("\u0080theora"));
  }

  private static boolean isTransportStream(byte[] head) {
    return head.length > 2 * TRANSPORT_PACKET
        && head[0] == 'G'
        && head[TRANSPORT_PACKET] == 'G'
        && head[2 * TRANSPORT_PACKET] == 'G';
  }
}
