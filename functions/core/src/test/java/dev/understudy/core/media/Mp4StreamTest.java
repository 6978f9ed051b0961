package dev.understudy.core.media;

import static dev.understudy.core.media.TestMedia.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Mp4StreamTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "front.mp4",
        "end.mp4",
        "silent.mp4",
        "rotated.mp4",
        "fps-23.976.mp4",
        "fragmented.mp4"
      })
  void finish_shouldGiveTheFactsOfTheFile_whateverTheChunks(String name) {
    byte[] file = bytes(name);
    for (int chunk : new int[] {1, 7, 8, 13, 1024, file.length}) {
      assertThat(judge(file, chunk, file.length))
          .as("%s in chunks of %d", name, chunk)
          .isEqualTo(new Mp4Stream.Complete(TestMedia.facts(name)));
    }
  }

  @Test
  void finish_shouldComplete_whenLengthWasNotAnnounced() {
    assertThat(judge(bytes("end.mp4"), 100, Mp4Stream.UNKNOWN_LENGTH))
        .isInstanceOf(Mp4Stream.Complete.class);
  }

  @Test
  void accept_shouldTakeOnlyItsRange_whenBufferIsReused() {
    byte[] file = bytes("front.mp4");
    byte[] buffer = new byte[64];
    var stream = new Mp4Stream();
    for (int at = 0; at < file.length; at += 50) {
      int length = Math.min(50, file.length - at);
      System.arraycopy(file, at, buffer, 9, length);
      stream.accept(buffer, 9, length);
    }

    assertThat(stream.finish(file.length))
        .isEqualTo(new Mp4Stream.Complete(TestMedia.facts("front.mp4")));
  }

  @Test
  void finish_shouldComplete_whenLastBoxReachesToTheEndOrSizesHave64Bits() {
    byte[] file = bytes("front.mp4");
    byte[] mdat = Boxes.content(Boxes.of(file, "mdat"));
    byte[] open =
        Boxes.join(Boxes.of(file, "ftyp"), Boxes.of(file, "moov"), Boxes.head(0, "mdat"), mdat);
    byte[] large =
        Boxes.join(
            Boxes.of(file, "ftyp"),
            Boxes.large("mdat", mdat),
            Boxes.large("moov", Boxes.content(Boxes.of(file, "moov"))));
    byte[] openIndex =
        Boxes.join(
            Boxes.of(file, "ftyp"),
            Boxes.of(file, "mdat"),
            Boxes.head(0, "moov"),
            Boxes.content(Boxes.of(file, "moov")));

    for (byte[] video : new byte[][] {open, large, openIndex}) {
      assertThat(judge(video, 11, video.length)).isInstanceOf(Mp4Stream.Complete.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"front.mp4", "end.mp4"})
  void finish_shouldRefuse_whereverItIsCutOff(String name) {
    byte[] file = bytes(name);
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Boxes.first(file, length);

      assertThat(judge(cut, 4096, Mp4Stream.UNKNOWN_LENGTH))
          .as("%d bytes of %s", length, name)
          .isInstanceOf(Mp4Stream.Refused.class);
    }
  }

  @Test
  void finish_shouldNameBothLengths_whenFewerBytesCameThanAnnounced() {
    byte[] file = bytes("front.mp4");

    assertThat(judge(Boxes.first(file, 1_000), 4096, file.length))
        .isEqualTo(
            new Mp4Stream.Refused("The video came with 1,000 bytes, and 7,165 were announced."));
    assertThat(judge(file, 4096, 7_000))
        .isEqualTo(
            new Mp4Stream.Refused("The video came with 7,165 bytes, and 7,000 were announced."));
  }

  @Test
  void finish_shouldRefuse_whenSomethingFollowsTheLastBox() {
    assertThat(judge(Boxes.join(bytes("front.mp4"), new byte[3]), 4096, Mp4Stream.UNKNOWN_LENGTH))
        .isEqualTo(
            new Mp4Stream.Refused(
                "The video is cut off: it ends within a box, after 7,168 bytes."));
    assertThat(judge(Boxes.join(bytes("front.mp4"), new byte[] {0, 0, 0, 3, 1, 1, 1, 1}), 4096, -1))
        .isEqualTo(
            new Mp4Stream.Refused(
                "The video is damaged: one of its boxes has an impossible size."));
  }

  @Test
  void finish_shouldSayNotAnMp4_whenAPageOrNothingCame() {
    byte[] page = "<!DOCTYPE html><html>Gone</html>".getBytes(StandardCharsets.UTF_8);

    assertThat(judge(page, 10, page.length))
        .isEqualTo(
            new Mp4Stream.Refused("What came is not an MP4: its 32 bytes do not begin like one."));
    assertThat(judge(new byte[0], 10, 0))
        .isEqualTo(
            new Mp4Stream.Refused("What came is not an MP4: its 0 bytes do not begin like one."));
  }

  @Test
  void finish_shouldSayWhatIsMissing_whenIndexPicturesOrTrackAreNotThere() {
    byte[] file = bytes("front.mp4");
    byte[] ftyp = Boxes.of(file, "ftyp");
    byte[] noIndex = Boxes.join(ftyp, Boxes.of(file, "mdat"));
    byte[] noPictures = Boxes.join(ftyp, Boxes.of(file, "moov"));
    byte[] twoIndexes = Boxes.join(file, Boxes.of(file, "moov"));

    assertThat(judge(noIndex, 99, noIndex.length))
        .isEqualTo(new Mp4Stream.Refused("The video has no index (moov)."));
    assertThat(judge(noPictures, 99, noPictures.length))
        .isEqualTo(new Mp4Stream.Refused("The video has no pictures (mdat)."));
    assertThat(judge(twoIndexes, 99, twoIndexes.length))
        .isEqualTo(new Mp4Stream.Refused("The video is damaged: it has two indexes (moov)."));
    assertThat(judge(bytes("sound-only.mp4"), 99, Mp4Stream.UNKNOWN_LENGTH))
        .isEqualTo(new Mp4Stream.Refused("The video cannot be used: it has no video track."));
  }

  @Test
  void finish_shouldRefuse_whenIndexIsOverSixteenMegabytes() {
    byte[] file = bytes("front.mp4");
    byte[] huge =
        Boxes.join(
            Boxes.of(file, "ftyp"),
            Boxes.of(file, "mdat"),
            Boxes.box("moov", new byte[16 * 1024 * 1024 + 1]));

    assertThat(judge(huge, 1 << 20, huge.length))
        .isEqualTo(
            new Mp4Stream.Refused("The video cannot be used: its index (moov) is over 16 MB."));
  }

  private static Mp4Stream.Verdict judge(byte[] bytes, int chunk, long expected) {
    var stream = new Mp4Stream();
    for (int at = 0; at < bytes.length; at += chunk) {
      stream.accept(bytes, at, Math.min(chunk, bytes.length - at));
    }
    return stream.finish(expected);
  }
}
