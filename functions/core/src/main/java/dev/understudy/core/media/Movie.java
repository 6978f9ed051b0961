package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.drew.imaging.mp4.Mp4MetadataReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.mp4.Mp4Directory;
import com.drew.metadata.mp4.media.Mp4SoundDirectory;
import com.drew.metadata.mp4.media.Mp4VideoDirectory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the moov box of an MP4, QuickTime or 3GP file says of its picture and its sound.
 *
 * <p>metadata-extractor reads the values. It is given a moov with only the boxes that matter, each
 * inside its parent: it allocates whatever length a box claims, loses its way in a {@code meta}
 * box, and takes QuickTime's own path, which knows less, for every brand that it has not heard of.
 *
 * @param fragmented whether its frames, and so its length, are told outside moov
 * @param displayed the picture's size as displayed
 * @param rotation how far a player turns it, clockwise: 0, 90, 180 or 270 degrees
 * @param fps frames per second on average, to three decimals; null when moov does not say
 * @param duration how long it plays; null when moov does not say, as in a fragmented file
 * @param audio whether there is a sound track
 */
record Movie(
    boolean fragmented,
    PixelSize displayed,
    int rotation,
    @Nullable Double fps,
    @Nullable Duration duration,
    boolean audio) {

  /** The boxes that are read, below each box that is opened. */
  private static final Map<String, Set<String>> READ =
      Map.of(
          "moov", Set.of("mvhd", "trak"),
          "trak", Set.of("tkhd", "mdia"),
          "mdia", Set.of("mdhd", "hdlr", "minf"),
          "minf", Set.of("stbl"),
          "stbl", Set.of("stsd", "stts"));

  private static final int HEAD = 8;
  private static final long UNKNOWN = 0xFFFF_FFFFL;
  private static final long NANOS = 1_000_000_000L;

  /**
   * Reads the content of a moov box.
   *
   * @param moov without its head
   * @throws Unreadable when it is damaged, or when there is no picture
   */
  static Movie read(byte[] moov) throws Unreadable {
    Set<String> types = new HashSet<>();
    Metadata metadata = metadata(pruned("moov", moov, 0, moov.length, types));
    if (types.contains("cmov")) {
      throw new Unreadable("its index (moov) is compressed");
    }
    var header = metadata.getFirstDirectoryOfType(Mp4Directory.class);
    if (header == null) {
      throw new Unreadable("its index (moov) is damaged");
    }
    boolean fragmented = types.contains("mvex");
    int rotation = rotation(header);
    for (var video : metadata.getDirectoriesOfType(Mp4VideoDirectory.class)) {
      Integer width = video.getInteger(Mp4VideoDirectory.TAG_WIDTH);
      Integer height = video.getInteger(Mp4VideoDirectory.TAG_HEIGHT);
      if (width != null && height != null && width > 0 && height > 0) {
        PixelSize stored = new PixelSize(width, height);
        return new Movie(
            fragmented,
            rotation % 180 == 0 ? stored : stored.turned(),
            rotation,
            fragmented ? null : fps(video),
            fragmented ? null : duration(header),
            metadata.containsDirectoryOfType(Mp4SoundDirectory.class));
      }
    }
    throw new Unreadable("it has no video track");
  }

  /** The facts of the file that this movie is the index of. */
  MediaFacts facts(MediaFormat format, long bytes) {
    return MediaFacts.video(format, bytes, displayed, rotation, fps, duration, audio);
  }

  private static Metadata metadata(byte[] moovBox) throws Unreadable {
    try {
      return Mp4MetadataReader.readMetadata(new ByteArrayInputStream(moovBox));
    } catch (RuntimeException e) {
      // none is known, but a slip of the library must not leave an order without an answer; all of
      // it is in memory, so what goes wrong lies in the bytes
      throw new Unreadable("its index (moov) is damaged", e);
    }
  }

  /** The box with only what is read below it; every type that is met is noted. */
  private static byte[] pruned(String type, byte[] bytes, int from, int to, Set<String> types)
      throws Unreadable {
    var content = new ByteArrayOutputStream();
    // fewer than 8 bytes at the end are padding
    for (int at = from; to - at >= HEAD; ) {
      if (to - at < BoxHeader.headBytes(bytes, at)) {
        throw new Unreadable("its index (moov) is damaged");
      }
      BoxHeader child = BoxHeader.read(bytes, at);
      long size = child.reachesToTheEnd() ? to - at : child.size();
      if (!child.possible() || size > to - at) {
        throw new Unreadable("its index (moov) is damaged");
      }
      int start = at + child.headBytes();
      at += (int) size;
      types.add(child.type());
      if (READ.containsKey(child.type()) && wanted(type, child)) {
        content.writeBytes(pruned(child.type(), bytes, start, at, types));
      } else if (wanted(type, child)) {
        content.writeBytes(head(child.type(), at - start));
        content.write(bytes, start, at - start);
      }
    }
    var box = new ByteArrayOutputStream();
    box.writeBytes(head(type, content.size()));
    box.writeBytes(content.toByteArray());
    return box.toByteArray();
  }

  private static boolean wanted(String parent, BoxHeader child) {
    return READ.getOrDefault(parent, Set.of()).contains(child.type());
  }

  private static byte[] head(String type, int contentBytes) {
    return ByteBuffer.allocate(HEAD)
        .putInt(HEAD + contentBytes)
        .put(type.getBytes(ISO_8859_1))
        .array();
  }

  /** metadata-extractor counts against the clock, and not always from 0 to 360. */
  private static int rotation(Mp4Directory header) {
    Double degrees = header.getDoubleObject(Mp4Directory.TAG_ROTATION);
    return degrees == null ? 0 : Math.floorMod(-90 * Math.round(degrees / 90), 360);
  }

  private static @Nullable Double fps(Mp4VideoDirectory video) {
    Float rate = video.getFloatObject(Mp4VideoDirectory.TAG_FRAME_RATE);
    if (rate == null || !Float.isFinite(rate) || rate <= 0) {
      return null;
    }
    return Math.round(rate * 1000.0) / 1000.0;
  }

  /** Duration over time scale: the library's seconds are rounded. */
  private static @Nullable Duration duration(Mp4Directory header) {
    Long units = header.getLongObject(Mp4Directory.TAG_DURATION);
    Long perSecond = header.getLongObject(Mp4Directory.TAG_TIME_SCALE);
    if (units == null || perSecond == null || units <= 0 || units == UNKNOWN || perSecond <= 0) {
      return null;
    }
    return Duration.ofSeconds(units / perSecond, units % perSecond * NANOS / perSecond);
  }
}
