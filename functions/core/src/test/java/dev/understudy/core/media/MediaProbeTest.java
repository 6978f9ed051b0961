package dev.understudy.core.media;

import static dev.understudy.core.media.TestMedia.bytes;
import static dev.understudy.core.media.TestMedia.facts;
import static dev.understudy.core.media.TestMedia.probe;
import static dev.understudy.core.media.TestMedia.problem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaProbeTest {

  @ParameterizedTest
  @CsvSource({
    "still.png, PNG, 96, 64, 0",
    "turned.png, PNG, 96, 64, 180",
    "still.jpg, JPEG, 96, 64, 0",
    "progressive.jpg, JPEG, 96, 64, 0",
    "turned.jpg, JPEG, 64, 96, 90",
    "still.webp, WEBP, 96, 64, 0",
    "lossless.webp, WEBP, 96, 64, 0",
    "turned.webp, WEBP, 64, 96, 270",
  })
  void read_shouldGiveSizeAsDisplayed_whenImage(
      String name, MediaFormat format, int width, int height, int rotation) {
    assertThat(facts(name))
        .isEqualTo(
            new MediaFacts(format, bytes(name).length, width, height, rotation, null, null, null));
  }

  @ParameterizedTest
  @CsvSource({
    "front.mp4, MP4, 160, 90, 0, 24, 1000, true",
    "end.mp4, MP4, 160, 90, 0, 24, 1000, true",
    "silent.mp4, MP4, 160, 90, 0, 24, 1000, false",
    "rotated.mp4, MP4, 90, 160, 90, 24, 1000, true",
    "rotated.mov, MOV, 90, 160, 270, 24, 1000, true",
    "clip.mov, MOV, 160, 90, 0, 24, 1000, true",
    "clip.3gp, THREE_GP, 160, 90, 0, 24, 1000, true",
    "fps-23.976.mp4, MP4, 160, 90, 0, 23.976, 2002, false",
    "fps-25.mp4, MP4, 160, 90, 0, 25, 2000, false",
    "fps-29.97.mp4, MP4, 160, 90, 0, 29.97, 2002, false",
    "fps-29.97.mov, MOV, 160, 90, 0, 29.97, 2002, false",
    "fps-30.mp4, MP4, 160, 90, 0, 30, 2000, false",
  })
  void read_shouldGiveAllFacts_whenVideo(
      String name,
      MediaFormat format,
      int width,
      int height,
      int rotation,
      double fps,
      long millis,
      boolean audio) {
    assertThat(facts(name))
        .isEqualTo(
            new MediaFacts(
                format,
                bytes(name).length,
                width,
                height,
                rotation,
                fps,
                Duration.ofMillis(millis),
                audio));
  }

  @ParameterizedTest
  @CsvSource({
    "clip.mkv, MKV, video/x-matroska",
    "clip.webm, WEBM, video/webm",
    "clip.ogv, OGV, video/ogg",
  })
  void read_shouldOnlyRecognise_whenContainerIsNotChecked(
      String name, MediaFormat format, String contentType) {
    MediaFacts facts = facts(name);

    assertThat(facts).isEqualTo(MediaFacts.recognised(format, bytes(name).length));
    assertThat(facts.contentType()).isEqualTo(contentType);
    assertThat(format.checked()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "still.gif | still.gif is a GIF, and Act-Two takes PNG, JPEG or WebP images: convert it to PNG.",
        "still.bmp | still.bmp is a BMP, and Act-Two takes PNG, JPEG or WebP images: convert it to PNG.",
        "still.tiff | still.tiff is a TIFF, and Act-Two takes PNG, JPEG or WebP images: convert it to PNG.",
        "still.avif | still.avif is an AVIF, and Act-Two takes PNG, JPEG or WebP images: convert it to PNG.",
      })
  void read_shouldOfferPng_whenImageFormatIsNotTaken(String name, String sentence) {
    String stem = name.substring(0, name.indexOf('.'));

    assertThat(problem(probe(name)))
        .isEqualTo(
            new MediaProblem(
                sentence,
                "ffmpeg -i '" + name + "' -frames:v 1 -update 1 '" + stem + ".mended.png'"));
  }

  @ParameterizedTest
  @CsvSource({
    "clip.avi, an AVI",
    "clip.flv, an FLV",
    "clip.wmv, a WMV",
    "clip.mpg, an MPEG program stream",
    "clip.ts, an MPEG transport stream"
  })
  void read_shouldOfferMp4_whenContainerIsNotTaken(String name, String what) {
    MediaProblem problem = problem(probe(name));

    assertThat(problem.sentence())
        .isEqualTo(
            "%s is %s, and Act-Two takes MP4 or MOV videos (also MKV, WebM, 3GP and OGV): convert it to MP4."
                .formatted(name, what));
    assertThat(problem.ffmpeg())
        .startsWith("ffmpeg -i '" + name + "'")
        .endsWith("'clip.mended.mp4'");
  }

  @Test
  void read_shouldSayWhatItIs_whenNameClaimsTheOtherKind() {
    assertThat(problem(MediaProbe.read(ByteSource.of(bytes("still.png")), "reference.MP4")))
        .isEqualTo(
            MediaProblem.of(
                "reference.MP4 is a PNG, not the video that its name says: upload the video, or name the"
                    + " file for what it is."));
    assertThat(problem(MediaProbe.read(ByteSource.of(bytes("front.mp4")), "character.jpg")))
        .isEqualTo(
            MediaProblem.of(
                "character.jpg is an MP4, not the image that its name says: upload the image, or name the"
                    + " file for what it is."));
    assertThat(
            problem(MediaProbe.read(ByteSource.of(bytes("still.gif")), "reference.mp4")).ffmpeg())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "still.png, character.JPG",
    "still.webp, character.png",
    "front.mp4, reference.mov",
    "clip.mov, reference.MP4",
    "front.mp4, reference",
    "front.mp4, a.b",
    "still.jpg, jpg"
  })
  void read_shouldGoByContent_whenNameClaimsTheSameKindOrNothing(String file, String name) {
    assertThat(facts(MediaProbe.read(ByteSource.of(bytes(file)), name))).isEqualTo(facts(file));
  }

  @Test
  void read_shouldSayEmpty_whenThereAreNoBytes() {
    assertThat(problem(MediaProbe.read(ByteSource.of(new byte[0]), "reference.mp4")))
        .isEqualTo(MediaProblem.of("reference.mp4 is empty (0 bytes): upload it again."));
  }

  @ParameterizedTest
  @CsvSource({
    "'<!DOCTYPE html><html><body>Not found</body></html>', of no kind that is known here",
    "'{\"ratio\":\"1280:720\"}', of no kind that is known here",
    "%PDF-1.7 and so on, Portable Document Format",
    "x, of no kind that is known here",
    "'0000free', of no kind that is known here",
  })
  void read_shouldSayWhatIsTaken_whenItIsNoMediaAtAll(String content, String what) {
    assertThat(problem(MediaProbe.read(ByteSource.of(content.getBytes(UTF_8)), "reference.mp4")))
        .isEqualTo(
            MediaProblem.of(
                "reference.mp4 is neither an image nor a video that Act-Two takes (it is "
                    + what
                    + "): upload PNG, JPEG or WebP images or MP4 or MOV videos (also MKV, WebM, 3GP and OGV)."));
  }

  @Test
  void read_shouldSayThatThePictureIsMissing_whenThereIsOnlySound() {
    assertThat(problem(probe("sound-only.mp4")))
        .isEqualTo(
            MediaProblem.of(
                "sound-only.mp4 is an MP4 that cannot be read: it has no video track; export or copy it"
                    + " once more and upload that."));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "still.png",
        "turned.png",
        "still.jpg",
        "turned.jpg",
        "progressive.jpg",
        "still.webp",
        "turned.webp",
        "lossless.webp",
        "front.mp4",
        "end.mp4",
        "clip.mov"
      })
  void read_shouldFindOut_whenFileIsCutOffAnywhere(String name) {
    byte[] whole = bytes(name);
    for (int length = 1; length < whole.length; length += 1 + whole.length / 97) {
      byte[] cut = Boxes.first(whole, length);

      assertThat(MediaProbe.read(ByteSource.of(cut), name))
          .as("%s, %d of %d bytes", name, length, whole.length)
          .isInstanceOf(MediaProbe.Refused.class);
    }
  }

  @Test
  void read_shouldSayUnfinished_whenIndexIsMissing() {
    byte[] file = bytes("end.mp4");
    byte[] unfinished = Boxes.join(Boxes.of(file, "ftyp"), Boxes.of(file, "mdat"));

    assertThat(problem(MediaProbe.read(ByteSource.of(unfinished), "take 1.mp4")).sentence())
        .isEqualTo(
            "take 1.mp4 is an MP4 that cannot be read: its index (moov) is missing, as when a recording"
                + " was not finished; export or copy it once more and upload that.");
  }

  @Test
  void read_shouldLeaveLengthAndRateOpen_whenFragmented() {
    MediaFacts facts = facts("fragmented.mp4");

    assertThat(facts.duration()).isNull();
    assertThat(facts.fps()).isNull();
    assertThat(facts.pixels()).contains(new PixelSize(160, 90));
    assertThat(facts.audio()).isTrue();
  }

  @Test
  void read_shouldReadOldQuickTime_whenThereIsNoBrand() {
    byte[] file = bytes("clip.mov");
    byte[] old = Boxes.join(Boxes.box("wide"), Boxes.of(file, "mdat"), Boxes.of(file, "moov"));

    MediaFacts facts = facts(MediaProbe.read(ByteSource.of(old), "clip.mov"));

    assertThat(facts.format()).isEqualTo(MediaFormat.MOV);
    assertThat(facts.fps()).isEqualTo(24.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"isom", "iso6", "XAVC", "mp42", "dash", "CAEP"})
  void read_shouldReadTheSame_whateverTheBrand(String brand) {
    byte[] file = bytes("front.mp4");
    System.arraycopy(brand.getBytes(UTF_8), 0, file, 8, 4);

    assertThat(facts(MediaProbe.read(ByteSource.of(file), "a.mp4"))).isEqualTo(facts("front.mp4"));
  }

  @Test
  void read_shouldReadTheSame_whenBoxesAreUnusualButAllowed() {
    byte[] file = bytes("front.mp4");
    byte[] moov = Boxes.content(Boxes.of(file, "moov"));
    byte[] mdat = Boxes.content(Boxes.of(file, "mdat"));
    byte[] notes = Boxes.box("meta", new byte[4], Boxes.box("hdlr", new byte[25]));
    byte[] unusual =
        Boxes.join(
            Boxes.of(file, "ftyp"),
            Boxes.large("free", new byte[100]),
            // a full box before the tracks, a 64-bit size inside, and padding at the end
            Boxes.large("moov", Boxes.join(notes, Boxes.large("udta", notes), moov, new byte[4])),
            Boxes.head(0, "mdat"),
            mdat);

    MediaFacts facts = facts(MediaProbe.read(ByteSource.of(unusual), "a.mp4"));

    assertThat(facts)
        .usingRecursiveComparison()
        .ignoringFields("bytes")
        .isEqualTo(facts("front.mp4"));
  }

  @Test
  void read_shouldOverlookWhatCamerasAppend_whenTheMovieIsWhole() {
    byte[] appended = Boxes.join(bytes("front.mp4"), Boxes.head(1_000_000, "SEFT"), new byte[50]);

    assertThat(facts(MediaProbe.read(ByteSource.of(appended), "a.mp4")).fps()).isEqualTo(24.0);
  }

  @ParameterizedTest
  @CsvSource({"still.png, 1", "turned.jpg, 1", "still.webp, 1", "front.mp4, 1", "end.mp4, 1"})
  void read_shouldReadHeadAndOneWindow_whenSmall(String name, int windows) {
    var source = new CountingSource(ByteSource.of(bytes(name)));

    MediaProbe.read(source, name);

    assertThat(source.reads).isEqualTo(1 + windows);
  }

  @Test
  void read_shouldReadThreeWindows_whenIndexStandsBehindThirtyMegabytes() {
    byte[] file = bytes("end.mp4");
    byte[] large =
        Boxes.join(
            Boxes.of(file, "ftyp"),
            Boxes.box("mdat", new byte[30 * 1024 * 1024]),
            Boxes.of(file, "moov"));
    var source = new CountingSource(ByteSource.of(large));

    facts(MediaProbe.read(source, "large.mp4"));

    assertThat(source.reads).isEqualTo(3);
    assertThat(source.bytes).isLessThan(70_000);
  }

  @Test
  void read_shouldReadInGrowingWindows_whenPngIsLarge() {
    byte[] small = bytes("still.png");
    int header = 8 + 25;
    var large = new ByteArrayOutputStream();
    large.write(small, 0, header);
    byte[] chunk = Boxes.join(Boxes.head(8192, "IDAT"), new byte[8192], new byte[4]);
    for (int i = 0; i < 1900; i++) {
      large.writeBytes(chunk);
    }
    large.write(small, header, small.length - header);
    var source = new CountingSource(ByteSource.of(large.toByteArray()));

    facts(MediaProbe.read(source, "large.png"));

    assertThat(source.bytes).isBetween(15_000_000L, 16_500_000L);
    assertThat(source.reads).isLessThan(25);
  }

  @Test
  void read_shouldNotReadOn_whenImageIsOverTheLimit() {
    byte[] large = Arrays.copyOf(bytes("still.png"), 16 * 1024 * 1024 + 1);
    var source = new CountingSource(ByteSource.of(large));

    assertThat(facts(MediaProbe.read(source, "large.png")))
        .isEqualTo(MediaFacts.recognised(MediaFormat.PNG, 16 * 1024 * 1024 + 1));
    assertThat(source.reads).isEqualTo(1);
  }

  @Test
  void read_shouldFindThePicturesEnd_whenACameraAppendedAFilm() {
    byte[] whole = bytes("turned.jpg");
    byte[] film = new byte[3_000_000];
    byte[] cut = Boxes.first(whole, whole.length - 2);

    assertThat(MediaProbe.read(ByteSource.of(Boxes.join(whole, film)), "a.jpg"))
        .isInstanceOf(MediaProbe.Found.class);
    assertThat(MediaProbe.read(ByteSource.of(Boxes.join(cut, film)), "a.jpg"))
        .isInstanceOf(MediaProbe.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"front.mp4", "still.png", "still.jpg", "still.webp"})
  void read_shouldLetFailuresOfTheSourceThrough_whenBytesCannotBeHad(String name) {
    byte[] head = bytes(name);
    ByteSource failing =
        new ByteSource() {
          @Override
          public long size() {
            return 1_000_000;
          }

          @Override
          public byte[] read(long offset, int length) {
            if (length == 512) {
              return Arrays.copyOf(head, 512);
            }
            throw new Unavailable("S3 did not answer.");
          }
        };

    assertThatThrownBy(() -> MediaProbe.read(failing, name)).isInstanceOf(Unavailable.class);
  }

  @Test
  void read_shouldTakeThePictureAsItLies_whenItsNotesAreNonsense() {
    byte[] file = bytes("turned.jpg");
    int notes = Boxes.indexOf(file, "Exif");
    Arrays.fill(file, notes + 6, notes + 20, (byte) 0xff);

    MediaFacts facts = facts(MediaProbe.read(ByteSource.of(file), "a.jpg"));

    assertThat(facts.pixels()).contains(new PixelSize(96, 64));
    assertThat(facts.rotation()).isZero();
  }
}
