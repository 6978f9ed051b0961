package dev.understudy.simulator.media;

import dev.understudy.simulator.provider.Content;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jcodec.common.io.ByteBufferSeekableByteChannel;
import org.jcodec.containers.mp4.demuxer.MP4Demuxer;

/** Reads films and test media. */
final class Films {
  private Films() {}

  static byte[] resource(String name) throws IOException {
    try (InputStream in = Films.class.getResourceAsStream("/media/" + name)) {
      if (in == null) {
        throw new AssertionError("There is no test file " + name);
      }
      return in.readAllBytes();
    }
  }

  static byte[] bytes(Content content) throws IOException {
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    }
  }

  static MP4Demuxer demuxer(byte[] film) throws IOException {
    return MP4Demuxer.createRawMP4Demuxer(
        ByteBufferSeekableByteChannel.readFromByteBuffer(ByteBuffer.wrap(film)));
  }

  /** The types of the outermost boxes; fails if the last one does not end with the file. */
  static List<String> boxes(byte[] film) {
    ByteBuffer in = ByteBuffer.wrap(film);
    List<String> types = new ArrayList<>();
    int at = 0;
    while (at < film.length) {
      long size = Integer.toUnsignedLong(in.getInt(at));
      types.add(new String(film, at + 4, 4, StandardCharsets.US_ASCII));
      at = Math.toIntExact(at + (size == 1 ? in.getLong(at + 8) : size));
    }
    if (at != film.length) {
      throw new AssertionError("The last box ends at " + at + " of " + film.length);
    }
    return types;
  }
}
