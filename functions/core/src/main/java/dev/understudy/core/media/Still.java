package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.drew.imaging.jpeg.JpegProcessingException;
import com.drew.imaging.jpeg.JpegSegmentData;
import com.drew.imaging.jpeg.JpegSegmentReader;
import com.drew.imaging.jpeg.JpegSegmentType;
import com.drew.imaging.png.PngChunk;
import com.drew.imaging.png.PngChunkReader;
import com.drew.imaging.png.PngChunkType;
import com.drew.imaging.png.PngHeader;
import com.drew.imaging.png.PngProcessingException;
import com.drew.imaging.riff.RiffProcessingException;
import com.drew.imaging.riff.RiffReader;
import com.drew.imaging.tiff.TiffProcessingException;
import com.drew.imaging.tiff.TiffReader;
import com.drew.lang.ByteArrayReader;
import com.drew.lang.RandomAccessReader;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import com.drew.metadata.exif.ExifTiffHandler;
import com.drew.metadata.jpeg.JpegDirectory;
import com.drew.metadata.jpeg.JpegReader;
import com.drew.metadata.webp.WebpDirectory;
import com.drew.metadata.webp.WebpRiffHandler;
import dev.understudy.core.errors.UnderstudyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The size of a PNG, JPEG or WebP, and how it lies.
 *
 * <p>metadata-extractor reads them, and only the parts that say so: the compressed texts of a PNG,
 * for one, could be made to unfold without end.
 *
 * @param displayed the picture's size as displayed
 * @param rotation how far a viewer turns it, clockwise: 0, 90, 180 or 270 degrees
 */
record Still(PixelSize displayed, int rotation) {

  private static final int JPEG_TAIL = 32 * 1024;
  private static final byte[] EXIF = ExifReader.JPEG_SEGMENT_PREAMBLE.getBytes(ISO_8859_1);

  /**
   * Reads a still of this format.
   *
   * @throws Unreadable when it is cut off or damaged
   */
  static Still read(MediaFormat format, ByteSource source) throws Unreadable {
    var reader = new SourceReader(source);
    try {
      return switch (format) {
        case PNG -> png(reader);
        case JPEG -> jpeg(reader);
        case WEBP -> webp(reader);
        case MP4, MOV, THREE_GP, MKV, WEBM, OGV ->
            throw new IllegalArgumentException(format + " is not a still.");
      };
    } catch (IOException
        | PngProcessingException
        | JpegProcessingException
        | RiffProcessingException e) {
      throw new Unreadable("it is cut off or damaged", e);
    } catch (UnderstudyException | UncheckedIOException e) {
      throw e; // the source's, and no word about the picture
    } catch (RuntimeException e) {
      // none is known, but a slip of the library must not leave an order without an answer
      throw new Unreadable("it is damaged", e);
    }
  }

  /** The facts of this still. */
  MediaFacts facts(MediaFormat format, long bytes) {
    return MediaFacts.image(format, bytes, displayed, rotation);
  }

  /** Reads to the last chunk, so a file that is cut off is found out. */
  private static Still png(SourceReader reader)
      throws IOException, PngProcessingException, Unreadable {
    PngHeader header = null;
    byte[] exif = null;
    for (PngChunk chunk :
        new PngChunkReader().extract(reader, Set.of(PngChunkType.IHDR, PngChunkType.eXIf))) {
      if (chunk.getType().equals(PngChunkType.eXIf)) {
        exif = chunk.getBytes();
      } else {
        header = new PngHeader(chunk.getBytes());
      }
    }
    if (header == null) {
      throw new Unreadable("it has no header");
    }
    return of(header.getImageWidth(), header.getImageHeight(), exif);
  }

  private static Still jpeg(SourceReader reader)
      throws IOException, JpegProcessingException, Unreadable {
    var frames = new JpegReader();
    List<JpegSegmentType> wanted = new ArrayList<>(List.of(JpegSegmentType.APP1));
    frames.getSegmentTypes().forEach(wanted::add);
    JpegSegmentData segments = JpegSegmentReader.readSegments(reader, wanted);
    var metadata = new Metadata();
    for (JpegSegmentType type : frames.getSegmentTypes()) {
      frames.readJpegSegments(segments.getSegments(type), metadata, type);
    }
    byte[] exif = null;
    for (byte[] segment : segments.getSegments(JpegSegmentType.APP1)) {
      exif = exif == null && ExifReader.startsWithJpegExifPreamble(segment) ? segment : exif;
    }
    if (!jpegEnds(reader)) {
      throw new Unreadable("it is cut off");
    }
    var frame = metadata.getFirstDirectoryOfType(JpegDirectory.class);
    return of(
        number(frame, JpegDirectory.TAG_IMAGE_WIDTH),
        number(frame, JpegDirectory.TAG_IMAGE_HEIGHT),
        exif);
  }

  /**
   * Whether the picture's end is marked, from here on: in its data the mark cannot occur. It is
   * looked for among the last bytes first; cameras append whole films.
   */
  private static boolean jpegEnds(SourceReader reader) throws IOException {
    long data = reader.getPosition();
    long last = data + Math.max(0, reader.remaining() - JPEG_TAIL);
    return marksEnd(reader, last) || marksEnd(reader, data);
  }

  private static boolean marksEnd(SourceReader reader, long from) throws IOException {
    reader.seek(from);
    int before = 0;
    while (reader.remaining() > 0) {
      int next = reader.getUInt8();
      if (before == 0xff && next == 0xd9) {
        return true;
      }
      before = next;
    }
    return false;
  }

  private static Still webp(SourceReader reader)
      throws IOException, RiffProcessingException, Unreadable {
    reader.setMotorolaByteOrder(false);
    reader.getBytes(4);
    if (reader.getUInt32() > reader.remaining()) {
      throw new Unreadable("it is cut off");
    }
    reader.seek(0);
    var parts = new WebpParts(new Metadata());
    new RiffReader().processRiff(reader, parts);
    var size = parts.metadata.getFirstDirectoryOfType(WebpDirectory.class);
    return of(
        number(size, WebpDirectory.TAG_IMAGE_WIDTH),
        number(size, WebpDirectory.TAG_IMAGE_HEIGHT),
        parts.exif);
  }

  private static int number(@Nullable Directory directory, int tag) {
    Integer value = directory == null ? null : directory.getInteger(tag);
    return value == null ? 0 : value;
  }

  private static Still of(int width, int height, byte @Nullable [] exif) throws Unreadable {
    if (width < 1 || height < 1) {
      throw new Unreadable("it does not say how large it is");
    }
    var stored = new PixelSize(width, height);
    int orientation = exif == null ? 1 : orientation(exif);
    int rotation = switch (orientation) { // TIFF 6.0, tag 274; 2, 4, 5 and 7 are mirrored as well
          case 3, 4 -> 180;
          case 5, 6 -> 90;
          case 7, 8 -> 270;
          default -> 0;
        };
    return new Still(rotation % 180 == 0 ? stored : stored.turned(), rotation);
  }

  /** A note that cannot be read does not make the picture unreadable: then it lies as it is. */
  private static int orientation(byte[] exif) {
    var metadata = new Metadata();
    int start = ExifReader.startsWithJpegExifPreamble(exif) ? EXIF.length : 0;
    try {
      new TiffReader()
          .processTiff(new ByteArrayReader(exif, start), new FirstDirectory(metadata), 0);
    } catch (IOException | TiffProcessingException | RuntimeException e) {
      return 1;
    }
    return number(
        metadata.getFirstDirectoryOfType(ExifIFD0Directory.class),
        ExifIFD0Directory.TAG_ORIENTATION);
  }

  /** Stays in the first directory, where the orientation is, and leaves the makers' notes alone. */
  private static final class FirstDirectory extends ExifTiffHandler {

    FirstDirectory(Metadata metadata) {
      super(metadata, null, 0);
    }

    @Override
    public boolean tryEnterSubIfd(int tagId) {
      return false;
    }

    @Override
    public boolean hasFollowerIfd() {
      return false;
    }

    @Override
    public boolean customProcessTag(
        int tagOffset,
        Set<Integer> processedIfdOffsets,
        int tiffHeaderOffset,
        RandomAccessReader reader,
        int tagId,
        int byteCount) {
      return false;
    }
  }

  /** Takes the first part that tells the size, and the EXIF part. */
  private static final class WebpParts extends WebpRiffHandler {

    private final Metadata metadata;
    private boolean sized;
    private byte @Nullable [] exif;

    WebpParts(Metadata metadata) {
      super(metadata);
      this.metadata = metadata;
    }

    @Override
    public boolean shouldAcceptChunk(String fourCC) {
      return switch (fourCC) {
        case WebpDirectory.CHUNK_VP8X, WebpDirectory.CHUNK_VP8L, WebpDirectory.CHUNK_VP8 -> !sized;
        case WebpDirectory.CHUNK_EXIF -> true;
        default -> false;
      };
    }

    @Override
    public void processChunk(String fourCC, byte[] payload) {
      if (fourCC.equals(WebpDirectory.CHUNK_EXIF)) {
        exif = payload.clone();
      } else {
        sized = true;
        super.processChunk(fourCC, payload);
      }
    }
  }
}
