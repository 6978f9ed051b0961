package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile bytes get an answer: no exception, no endless loop, no allocation of what is not there.
 */
class MediaFuzzTest {

  private static final List<String> SAMPLES =
      List.of(
          "still.png",
          "turned.png",
          "still.jpg",
          "turned.jpg",
          "still.webp",
          "lossless.webp",
          "turned.webp",
          "front.mp4",
          "end.mp4",
          "rotated.mov",
          "clip.mov",
          "clip.3gp",
          "fragmented.mp4",
          "sound-only.mp4",
          "clip.mkv",
          "clip.webm",
          "clip.ogv",
          "clip.ts");

  /** Values that sizes and counts are tried with. */
  private static final int[] NASTY = {
    0, 1, 2, 7, 8, 9, 15, 16, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0fff_ffff, 0x0100_0000
  };

  /** A windowful per megabyte of the largest file here, and what is kept of it. */
  private static final long MOST_ALLOCATED = 96L * 1024 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static List<String> samples() {
    return SAMPLES;
  }

  @ParameterizedTest
  @MethodSource("samples")
  void read_shouldAnswer_whateverIsChanged(String name) {
    byte[] whole = TestMedia.bytes(name);
    RandomGenerator random = new Random(20_260_101L + name.hashCode());
    for (int round = 0; round < 400; round++) {
      answers(name, round, mutated(whole, random));
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void read_shouldAnswer_whateverASizeClaims(String name) {
    byte[] whole = TestMedia.bytes(name);
    // every place that can hold a size in the first and the last kilobyte and a half
    for (int at = 0; at + 4 <= whole.length; at += 3) {
      if (at <= 1_536 || at >= whole.length - 1_536) {
        answers(name, at, Boxes.withInt(whole, at, NASTY[at / 3 % NASTY.length]));
      }
    }
  }

  @Test
  void read_shouldAnswer_whenBoxesAreNestedDeeply() {
    byte[] file = TestMedia.bytes("front.mp4");
    for (String type : List.of("moov", "trak", "mdia", "minf", "stbl", "meta", "udta")) {
      byte[] nest = new byte[0];
      for (int depth = 0; depth < 2_000; depth++) {
        nest = Boxes.box(type, nest);
      }
      answers(
          "nest.mp4",
          0,
          Boxes.join(Boxes.of(file, "ftyp"), Boxes.box("moov", nest), Boxes.of(file, "mdat")));
    }
  }

  @Test
  void read_shouldAnswer_whenThereAreMillionsOfBoxes() {
    byte[] many = new byte[32 * 1024 * 1024];
    byte[] start = Boxes.of(TestMedia.bytes("front.mp4"), "ftyp");
    System.arraycopy(start, 0, many, 0, start.length);
    for (int at = start.length; at + 8 <= many.length; at += 8) {
      System.arraycopy(Boxes.head(8, "free"), 0, many, at, 8);
    }

    answers("many.mp4", 0, many);
  }

  @Test
  void read_shouldNotAllocateWhatIsNotThere_whenSizesAreHuge() {
    byte[] file = TestMedia.bytes("front.mp4");
    for (String type : List.of("mvhd", "tkhd", "hdlr", "stsd", "stts", "mdia")) {
      int at = Boxes.indexOf(file, type) - 4;
      byte[] huge = Boxes.withInt(file, at, 0x7fff_fff0);

      answers("huge " + type, at, huge);
    }
    int entries = Boxes.indexOf(file, "stts") + 8;
    answers("huge.mp4", entries, Boxes.withInt(file, entries, 0x7fff_fff0));
  }

  private static byte[] mutated(byte[] whole, RandomGenerator random) {
    byte[] bytes = whole.clone();
    for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> {
          if (at + 4 <= bytes.length) {
            ByteBuffer.wrap(bytes).putInt(at, NASTY[random.nextInt(NASTY.length)]);
          }
        }
        case 3 -> {
          int from = random.nextInt(bytes.length);
          int length = random.nextInt(1 + Math.min(64, bytes.length - Math.max(at, from)));
          System.arraycopy(bytes, from, bytes, at, length);
        }
        default -> bytes = Boxes.first(bytes, 1 + random.nextInt(bytes.length));
      }
    }
    return bytes;
  }

  /** By ranges and as a stream; and what is found can be judged. */
  private static void answers(String name, int round, byte[] bytes) {
    var source = new CountingSource(ByteSource.of(bytes));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      if (MediaProbe.read(source, name) instanceof MediaProbe.Found(MediaFacts facts)) {
        for (MediaRole role : MediaRole.values()) {
          MediaRules.check(role, null, name, facts);
        }
        var footage = new Footage(MediaRole.character(facts.kind()), name, facts);
        MediaWarnings.of(new PixelSize(1280, 720), true, footage, footage);
        OutputWarnings.of(new PixelSize(1280, 720), facts, facts);
      }
      var stream = new Mp4Stream();
      stream.accept(bytes, 0, bytes.length);
      stream.finish(Mp4Stream.UNKNOWN_LENGTH);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(name + ", round " + round, e);
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated for %s, round %d", name, round)
        .isLessThan(MOST_ALLOCATED);
    assertThat(source.largest).isLessThanOrEqualTo(SourceReader.MOST_AT_ONCE);
    assertThat(source.reads).as("reads of %s, round %d", name, round).isLessThan(600);
  }
}
