package dev.understudy.core.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Takes MP4 files apart and puts others together. */
final class Boxes {

  private Boxes() {}

  static byte[] box(String type, byte[]... content) {
    byte[] joined = join(content);
    return join(head(8 + joined.length, type), joined);
  }

  /** A head that claims whatever size. */
  static byte[] head(int size, String type) {
    return ByteBuffer.allocate(8).putInt(size).put(type.getBytes(ISO_8859_1)).array();
  }

  /** A box with a 64-bit size. */
  static byte[] large(String type, byte[] content) {
    return join(
        head(1, type), ByteBuffer.allocate(8).putLong(16L + content.length).array(), content);
  }

  static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** The first top-level box of this type, with its head. */
  static byte[] of(byte[] file, String type) {
    for (int at = 0; at < file.length; ) {
      int size = ByteBuffer.wrap(file).getInt(at);
      if (new String(file, at + 4, 4, ISO_8859_1).equals(type)) {
        return Arrays.copyOfRange(file, at, at + size);
      }
      at += size;
    }
    throw new AssertionError("no " + type);
  }

  static byte[] content(byte[] box) {
    return Arrays.copyOfRange(box, 8, box.length);
  }

  static byte[] first(byte[] bytes, int count) {
    return Arrays.copyOf(bytes, count);
  }

  /** The same bytes with an int written over them. */
  static byte[] withInt(byte[] bytes, int offset, int value) {
    byte[] changed = bytes.clone();
    ByteBuffer.wrap(changed).putInt(offset, value);
    return changed;
  }

  /** Where these four characters stand for the first time. */
  static int indexOf(byte[] bytes, String type) {
    int index = new String(bytes, ISO_8859_1).indexOf(type);
    if (index < 0) {
      throw new AssertionError("no " + type);
    }
    return index;
  }
}
