package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.util.Optional;

/** Finds moov among the top-level boxes of an MP4, QuickTime or 3GP file, wherever it stands. */
final class MovieFile {

  private static final int SHORTEST_HEAD = 8;

  private MovieFile() {}

  /**
   * Tells MP4, MOV and 3GP apart by how they begin. (metadata-extractor knows few brands and calls
   * the others QuickTime; QuickTime's own is "qt", and its old files have none.)
   *
   * @param head at least the first 16 bytes, unless there are fewer
   * @return empty when it begins like none of them
   */
  static Optional<MediaFormat> format(byte[] head) {
    if (head.length < BoxHeader.MOST_BYTES || !BoxHeader.read(head, 0).beginsMovie()) {
      return Optional.empty();
    }
    if (!BoxHeader.read(head, 0).type().equals("ftyp")) {
      return Optional.of(MediaFormat.MOV);
    }
    String brand = new String(head, SHORTEST_HEAD, 4, ISO_8859_1);
    if (brand.equals("qt  ")) {
      return Optional.of(MediaFormat.MOV);
    }
    return Optional.of(brand.startsWith("3g") ? MediaFormat.THREE_GP : MediaFormat.MP4);
  }

  /**
   * Reads the heads of the boxes, and moov.
   *
   * @throws Unreadable when it is cut off or damaged, or when there is no picture
   */
  static Movie read(ByteSource source) throws Unreadable {
    try {
      return walk(new SourceReader(source));
    } catch (EOFException e) {
      throw new Unreadable("it is cut off", e);
    }
  }

  private static Movie walk(SourceReader reader) throws Unreadable, EOFException {
    Movie movie = null;
    boolean pictures = false;
    for (int boxes = 0;
        boxes < BoxHeader.MOST_IN_A_ROW && reader.remaining() >= SHORTEST_HEAD;
        boxes++) {
      long start = reader.getPosition();
      long left = reader.remaining();
      BoxHeader box = head(reader);
      long size = box.reachesToTheEnd() ? left : box.size();
      if (!box.possible() || size > left) {
        if (movie != null && pictures && !box.type().equals("mdat")) {
          return movie; // cameras append notes of their own behind the last box
        }
        throw new Unreadable(
            box.possible() ? "it is cut off before the end of its last part" : "it is damaged");
      }
      if (box.type().equals("moov") && movie == null) {
        movie = movie(reader, size - box.headBytes());
        if (movie.fragmented()) {
          return movie; // what follows are many small boxes that say nothing more
        }
      }
      pictures |= box.type().equals("mdat");
      reader.seek(start + size);
    }
    if (movie == null) {
      throw new Unreadable("its index (moov) is missing, as when a recording was not finished");
    }
    if (!pictures) {
      throw new Unreadable("it has an index (moov) but no pictures (mdat)");
    }
    return movie;
  }

  private static BoxHeader head(SourceReader reader) throws EOFException {
    long start = reader.getPosition();
    byte[] first = reader.getBytes(SHORTEST_HEAD);
    int headBytes = BoxHeader.headBytes(first, 0);
    if (headBytes == SHORTEST_HEAD) {
      return BoxHeader.read(first, 0);
    }
    reader.seek(start);
    return BoxHeader.read(reader.getBytes(headBytes), 0);
  }

  private static Movie movie(SourceReader reader, long bytes) throws Unreadable, EOFException {
    if (bytes > SourceReader.MOST_AT_ONCE) {
      throw new Unreadable("its index (moov) is over 16 MB");
    }
    return Movie.read(reader.getBytes((int) bytes));
  }
}
