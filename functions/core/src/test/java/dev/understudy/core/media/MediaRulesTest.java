package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaRulesTest {

  private static final PixelSize HD = new PixelSize(1280, 720);
  private static final int MB = 1_048_576;

  @ParameterizedTest
  @ValueSource(longs = {3_000, 3_001, 12_345, 30_000, 30_050})
  void check_shouldFindNothing_whenReferencePlaysThreeToThirtySeconds(long millis) {
    assertThat(check(MediaRole.REFERENCE, "a.mp4", video(32 * MB, Duration.ofMillis(millis))))
        .isEmpty();
  }

  @Test
  void check_shouldOfferToRepeat_whenReferenceIsTooShort() {
    assertThat(check(MediaRole.REFERENCE, "reference.mp4", video(MB, Duration.ofSeconds(2))))
        .containsExactly(
            new MediaProblem(
                "reference.mp4 plays 2 s, and Act-Two takes references of 3 to 30 s: use a longer take,"
                    + " or let this one repeat.",
                "ffmpeg -stream_loop 1 -i 'reference.mp4' -c:v libx264 -crf 18 -maxrate 40000k -bufsize"
                    + " 40000k -pix_fmt yuv420p -c:a aac -b:a 128k -movflags +faststart"
                    + " 'reference.mended.mp4'"));
  }

  @Test
  void check_shouldNotRoundUpToTheLimit_whenReferenceMissesItByAMillisecond() {
    List<MediaProblem> problems =
        check(MediaRole.REFERENCE, "reference.mp4", video(MB, Duration.ofMillis(2_999)));

    assertThat(problems).hasSize(1);
    assertThat(problems.getFirst().sentence()).startsWith("reference.mp4 plays 2.999 s, ");
  }

  @Test
  void check_shouldOfferNoLine_whenReferenceIsHardlyAFrame() {
    List<MediaProblem> problems =
        check(MediaRole.REFERENCE, "reference.mp4", video(MB, Duration.ofMillis(42)));

    assertThat(problems).singleElement().extracting(MediaProblem::ffmpeg).isNull();
  }

  @ParameterizedTest
  @CsvSource({"30_051, 30.051 s", "31_000, 31 s", "3_600_500, 3600.5 s"})
  void check_shouldOfferToCut_whenReferenceIsTooLong(String millis, String found) {
    Duration plays = Duration.ofMillis(Long.parseLong(millis.replace("_", "")));

    assertThat(check(MediaRole.REFERENCE, "reference.mp4", video(MB, plays)))
        .containsExactly(
            new MediaProblem(
                "reference.mp4 plays "
                    + found
                    + ", and Act-Two takes references of 3 to 30 s: cut it.",
                "ffmpeg -i 'reference.mp4' -t 29.9 -c:v libx264 -crf 18 -maxrate 7864k -bufsize 7864k"
                    + " -pix_fmt yuv420p -c:a aac -b:a 128k -movflags +faststart 'reference.mended.mp4'"));
  }

  @Test
  void check_shouldOfferToWriteItAnew_whenReferenceDoesNotSayHowLongItPlays() {
    assertThat(check(MediaRole.REFERENCE, "reference.mov", video(MediaFormat.MOV, MB, null)))
        .containsExactly(
            new MediaProblem(
                "reference.mov does not say how long it plays, as a fragmented recording does not, and"
                    + " Act-Two takes references of 3 to 30 s: write it anew, nothing is encoded.",
                "ffmpeg -i 'reference.mov' -c copy -sn -dn -movflags +faststart 'reference.mended.mov'"));
  }

  @Test
  void check_shouldNotLimitHowLongItPlays_whenCharacterIsAVideo() {
    for (Duration plays : List.of(Duration.ofSeconds(1), Duration.ofMinutes(5))) {
      assertThat(check(MediaRole.CHARACTER_VIDEO, "a.mp4", video(MB, plays))).isEmpty();
    }
    assertThat(check(MediaRole.CHARACTER_VIDEO, "a.mp4", video(MediaFormat.MP4, MB, null)))
        .isEmpty();
  }

  @Test
  void check_shouldOfferALowerBitrate_whenVideoIsTooLarge() {
    assertThat(check(MediaRole.CHARACTER_VIDEO, "clip.mp4", video(40 * MB, Duration.ofSeconds(20))))
        .containsExactly(
            new MediaProblem(
                "clip.mp4 has 41,943,040 bytes (40.0 MB), and Act-Two takes videos of at most 33,554,432"
                    + " bytes (32.0 MB): encode it at a lower bitrate.",
                "ffmpeg -i 'clip.mp4' -c:v libx264 -crf 18 -maxrate 11632k -bufsize 11632k -pix_fmt"
                    + " yuv420p -c:a aac -b:a 128k -movflags +faststart 'clip.mended.mp4'"));
    assertThat(check(MediaRole.REFERENCE, "a.mp4", video(32 * MB + 1, Duration.ofSeconds(20))))
        .singleElement()
        .extracting(MediaProblem::sentence)
        .asString()
        .contains("33,554,433 bytes");
  }

  @Test
  void check_shouldMendBothWithOneLine_whenVideoIsTooLargeAndTooLong() {
    List<MediaProblem> problems =
        check(MediaRole.REFERENCE, "clip.mp4", video(40 * MB, Duration.ofSeconds(45)));

    assertThat(problems).hasSize(2).extracting(MediaProblem::ffmpeg).doesNotContainNull();
    assertThat(problems.getFirst().ffmpeg()).isEqualTo(problems.getLast().ffmpeg());
  }

  @Test
  void check_shouldCut_whenLargeContainerIsOnlyRecognised() {
    assertThat(
            check(
                MediaRole.REFERENCE, "clip.webm", MediaFacts.recognised(MediaFormat.WEBM, 33 * MB)))
        .singleElement()
        .extracting(MediaProblem::ffmpeg)
        .asString()
        .contains(" -t 29.9 ", "scale=trunc(iw/2)*2:trunc(ih/2)*2");
  }

  @Test
  void check_shouldPass_whenContainerIsOnlyRecognised() {
    assertThat(
            check(MediaRole.REFERENCE, "clip.mkv", MediaFacts.recognised(MediaFormat.MKV, 32 * MB)))
        .isEmpty();
  }

  @Test
  void check_shouldOfferToScaleDown_whenImageIsTooLarge() {
    assertThat(
            check(
                MediaRole.CHARACTER_IMAGE,
                "character.png",
                MediaFacts.recognised(MediaFormat.PNG, 16 * MB + 1)))
        .containsExactly(
            new MediaProblem(
                "character.png has 16,777,217 bytes (16.0 MB), and Act-Two takes images of at most"
                    + " 16,777,216 bytes (16.0 MB): scale it down.",
                "ffmpeg -i 'character.png' -vf"
                    + " \"scale='min(2048,iw)':'min(2048,ih)':force_original_aspect_ratio=decrease\""
                    + " -frames:v 1 -update 1 -q:v 2 'character.mended.jpg'"));
    assertThat(check(MediaRole.CHARACTER_IMAGE, "a.png", image(16 * MB))).isEmpty();
  }

  @Test
  void check_shouldSayWhatItHasToBe_whenKindDoesNotFitTheRole() {
    assertThat(check(MediaRole.REFERENCE, "a.png", image(MB)))
        .containsExactly(
            MediaProblem.of(
                "The reference has to be a video here, and a.png is a PNG: upload or name another file."));
    assertThat(check(MediaRole.CHARACTER_IMAGE, "a.mp4", video(MB, Duration.ofSeconds(5))))
        .containsExactly(
            MediaProblem.of(
                "The character has to be an image here, and a.mp4 is an MP4: upload or name another"
                    + " file."));
  }

  @Test
  void check_shouldRefuse_whenContentTypeClaimsTheOtherKind() {
    assertThat(MediaRules.check(MediaRole.CHARACTER_IMAGE, "Video/MP4", "a.png", image(MB)))
        .containsExactly(
            MediaProblem.of(
                "a.png is stored as Video/MP4 but is a PNG: upload the right file, or this one as"
                    + " image/png."));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"image/png", "image/jpeg", "binary/octet-stream", "application/octet-stream", ""})
  void check_shouldPass_whenContentTypeClaimsTheSameKindOrNothing(String contentType) {
    assertThat(MediaRules.check(MediaRole.CHARACTER_IMAGE, contentType, "a.png", image(MB)))
        .isEmpty();
  }

  private static List<MediaProblem> check(MediaRole role, String name, MediaFacts facts) {
    return MediaRules.check(role, null, name, facts);
  }

  private static MediaFacts image(long bytes) {
    return MediaFacts.image(MediaFormat.PNG, bytes, HD, 0);
  }

  private static MediaFacts video(long bytes, Duration plays) {
    return video(MediaFormat.MP4, bytes, plays);
  }

  private static MediaFacts video(MediaFormat format, long bytes, @Nullable Duration plays) {
    return MediaFacts.video(format, bytes, HD, 0, 24.0, plays, true);
  }
}
