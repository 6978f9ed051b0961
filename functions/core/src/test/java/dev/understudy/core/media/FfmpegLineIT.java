package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs every kind of line that a problem offers, as it stands, and holds the mended file against
 * the rules again. Wants an ffmpeg: its path in the environment variable FFMPEG.
 */
class FfmpegLineIT {

  private static final String SNOW = ",noise=alls=100:allf=t+u";

  /**
   * A Matroska element (Void, with its length in eight bytes) that holds nothing and is 32 MB long.
   */
  private static final byte[] VOID =
      Boxes.join(
          new byte[] {(byte) 0xec, 1, 0, 0, 0, 2, 0, 0, 0},
          new byte[(int) MediaRules.MOST_VIDEO_BYTES]);

  @TempDir private Path folder;
  private Path tools = Path.of("");

  @BeforeEach
  void putFfmpegOnThePath(@TempDir Path bin) throws IOException {
    String ffmpeg = System.getenv("FFMPEG");
    assertThat(ffmpeg).as("the environment variable FFMPEG: the path of an ffmpeg").isNotBlank();
    Files.createSymbolicLink(bin.resolve("ffmpeg"), Path.of(ffmpeg).toAbsolutePath());
    tools = bin;
  }

  @ParameterizedTest
  @CsvSource({
    "still.gif, character.gif",
    "still.bmp, it's a character.bmp",
    "still.tiff, -y.tiff",
    "still.avif, a:b.avif"
  })
  void toPng_shouldMakeAPng_whenImageIsNotTaken(String file, String name) throws Exception {
    write(name, TestMedia.bytes(file));

    MediaFacts mended = mended(name, MediaRole.CHARACTER_IMAGE, "png");

    assertThat(mended.format()).isEqualTo(MediaFormat.PNG);
    assertThat(mended.pixels()).contains(new PixelSize(96, 64));
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip.avi", "clip.flv", "clip.wmv", "clip.ts", "clip.mpg"})
  void toMp4_shouldMakeAnMp4_whenContainerIsNotTaken(String name) throws Exception {
    write(name, TestMedia.bytes(name));

    MediaFacts mended = mended(name, MediaRole.CHARACTER_VIDEO, "mp4");

    assertThat(mended.format()).isEqualTo(MediaFormat.MP4);
    assertThat(mended.pixels()).contains(new PixelSize(160, 90));
  }

  @Test
  void smallerImage_shouldWeighLess_whenPngIsOverTheLimit() throws Exception {
    make(
        "character $1.png",
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=3200x2800,format=rgb24" + SNOW,
        "-frames:v",
        "1");

    MediaFacts mended = mended("character $1.png", MediaRole.CHARACTER_IMAGE, "jpg");

    assertThat(mended.pixels()).contains(new PixelSize(2048, 1792));
  }

  @Test
  void smallerImage_shouldKeepItUpright_whenJpegLiesOnItsSide() throws Exception {
    byte[] jpeg = TestMedia.bytes("turned.jpg");
    // what follows the picture's end is no part of it
    write("turned.jpg", Boxes.join(jpeg, new byte[16 * 1024 * 1024]));

    MediaFacts mended = mended("turned.jpg", MediaRole.CHARACTER_IMAGE, "jpg");

    assertThat(mended.pixels()).contains(new PixelSize(64, 96));
    assertThat(mended.rotation()).isZero();
  }

  @Test
  void fitted_shouldFit_whenNoiseIsTooLargeAndTooLong() throws Exception {
    // every frame is snow and kept as it is: as large as a video can be
    make(
        "take 1.mp4",
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=272x180:r=24:d=31" + SNOW,
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=300:duration=31",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-qp",
        "0",
        "-pix_fmt",
        "yuv420p");

    MediaFacts mended = mended("take 1.mp4", MediaRole.REFERENCE, "mp4");

    assertThat(mended.duration()).isBetween(seconds(29.8), seconds(30));
    assertThat(mended.audio()).isTrue();
    assertThat(mended.bytes()).isBetween(20_000_000L, MediaRules.MOST_VIDEO_BYTES);
  }

  @Test
  void fitted_shouldKeepItsLength_whenCharacterIsOnlyTooLarge() throws Exception {
    make(
        "character.mov",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=642x362:rate=24:duration=6",
        "-pix_fmt",
        "yuv420p");
    append("character.mov", Boxes.box("free", new byte[(int) MediaRules.MOST_VIDEO_BYTES]));

    MediaFacts mended = mended("character.mov", MediaRole.CHARACTER_VIDEO, "mp4");

    assertThat(mended.duration()).isBetween(seconds(5.9), seconds(6.1));
    assertThat(mended.pixels()).contains(new PixelSize(642, 362));
  }

  @Test
  void fitted_shouldFit_whenLargeContainerIsOnlyRecognisedAndItsSidesAreOdd() throws Exception {
    make(
        "reference.mkv",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=321x181:rate=24:duration=40",
        "-c:v",
        "ffv1");
    append("reference.mkv", VOID);

    MediaFacts mended = mended("reference.mkv", MediaRole.REFERENCE, "mp4");

    assertThat(mended.pixels()).contains(new PixelSize(320, 180));
    assertThat(mended.duration()).isBetween(seconds(29.8), seconds(30));
  }

  @Test
  void fitted_shouldCut_whenSmallReferenceIsTooLong() throws Exception {
    make(
        "reference.mp4",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=160x90:rate=24:duration=31",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=300:sample_rate=8000:duration=31",
        "-pix_fmt",
        "yuv420p");

    MediaFacts mended = mended("reference.mp4", MediaRole.REFERENCE, "mp4");

    assertThat(mended.duration()).isBetween(seconds(29.8), seconds(30.05));
    assertThat(mended.fps()).isEqualTo(24.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 1, 1.5, 2.958})
  void repeated_shouldPlayLongEnough_whenReferenceIsTooShort(double length) throws Exception {
    make(
        "reference.mp4",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=160x90:rate=24:duration=" + length,
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=300:duration=" + length,
        "-pix_fmt",
        "yuv420p");

    MediaFacts mended = mended("reference.mp4", MediaRole.REFERENCE, "mp4");

    assertThat(mended.duration()).isBetween(seconds(3), seconds(6.5));
    assertThat(mended.audio()).isTrue();
  }

  @Test
  void rewritten_shouldSayHowLongItPlays_whenReferenceIsFragmented() throws Exception {
    make(
        "reference.mp4",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=160x90:rate=24:duration=4",
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        "+frag_keyframe+empty_moov");

    MediaFacts mended = mended("reference.mp4", MediaRole.REFERENCE, "mp4");

    assertThat(mended.duration()).isEqualTo(seconds(4));
  }

  /**
   * Reads the file, runs the line of its first problem, and holds what it made against the rules.
   */
  private MediaFacts mended(String name, MediaRole role, String extension) throws Exception {
    List<MediaProblem> problems = problems(name, role);
    assertThat(problems).isNotEmpty();
    String line = problems.getFirst().ffmpeg();
    assertThat(line).isNotNull();

    run(List.of("/bin/sh", "-c", line));

    int dot = name.lastIndexOf('.');
    String mended = name.substring(0, dot) + ".mended." + extension;
    assertThat(problems(mended, role)).as(line).isEmpty();
    return TestMedia.facts(probe(mended));
  }

  private List<MediaProblem> problems(String name, MediaRole role) throws IOException {
    return switch (probe(name)) {
      case MediaProbe.Refused(MediaProblem problem) -> List.of(problem);
      case MediaProbe.Found(MediaFacts facts) -> MediaRules.check(role, null, name, facts);
    };
  }

  private MediaProbe.Result probe(String name) throws IOException {
    return MediaProbe.read(ByteSource.of(Files.readAllBytes(folder.resolve(name))), name);
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  private void append(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content, StandardOpenOption.APPEND);
  }

  private void make(String name, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-v", "error"));
    command.addAll(List.of(arguments));
    command.add("./" + name);
    run(command);
  }

  private void run(List<String> command) throws Exception {
    Path log = tools.resolve("log");
    List<String> found = new ArrayList<>(List.of("/usr/bin/env"));
    found.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(found)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(new File("/dev/null")))
            .redirectOutput(log.toFile());
    builder.environment().merge("PATH", tools + ":", (path, first) -> first + path);
    assertThat(builder.start().waitFor()).as(() -> command + "\n" + text(log)).isZero();
  }

  private static String text(Path log) {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
