package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaWarningsTest {

  private static final PixelSize ASKED = PixelSize.ofRatio("1280:720");
  private static final Footage REFERENCE = reference(24, true);
  private static final Footage CHARACTER = image(1280, 720);

  @Test
  void of_shouldBeSilent_whenAllLooksWell() {
    assertThat(MediaWarnings.of(ASKED, true, CHARACTER, REFERENCE)).isEmpty();
  }

  @Test
  void of_shouldBeSilent_whenNothingWasReadBecauseTheProviderFetchesIt() {
    assertThat(
            MediaWarnings.of(
                ASKED,
                true,
                new Footage(MediaRole.CHARACTER_IMAGE, "a", null),
                new Footage(MediaRole.REFERENCE, "b", null)))
        .isEmpty();
  }

  @Test
  void of_shouldWarn_whenBodyControlMeetsACharacterVideo() {
    var unread = new Footage(MediaRole.CHARACTER_VIDEO, "a", null);

    assertThat(MediaWarnings.of(ASKED, true, unread, REFERENCE))
        .containsExactly(
            "Body control is on, but the character is a video and keeps its own movements: gestures are"
                + " carried over to an image only.");
    assertThat(MediaWarnings.of(ASKED, false, unread, REFERENCE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1920, 1080, 1280:720",
    "1920, 1200, 1280:720", // a screen of 16:10
    "1850, 1000, 1280:720", // a film of 1.85:1
    "2048, 1536, 1104:832",
    "720, 1280, 720:1280",
    "2390, 1000, 1584:672",
  })
  void of_shouldBeSilent_whenFrameIsCloseToTheRatio(int width, int height, String ratio) {
    assertThat(MediaWarnings.of(PixelSize.ofRatio(ratio), false, image(width, height), REFERENCE))
        .isEmpty();
  }

  @Test
  void of_shouldNameBothFrames_whenFrameIsFarFromTheRatio() {
    assertThat(MediaWarnings.of(ASKED, false, image(1000, 1000), REFERENCE))
        .containsExactly(
            "character.png is 1000x1000 (1.00:1) and 1280x720 (1.78:1) is asked: about 44% of the frame"
                + " will be cut off or filled up, so crop it yourself or ask for another ratio.");
    assertThat(MediaWarnings.of(ASKED, false, image(3000, 2000), REFERENCE))
        .singleElement()
        .asString()
        .contains("3000x2000 (1.50:1)", "about 16%");
  }

  @Test
  void of_shouldNameBothSizes_whenPictureIsTiny() {
    assertThat(MediaWarnings.of(ASKED, false, image(908, 511), REFERENCE))
        .containsExactly(
            "character.png is 908x511 and 1280x720 is asked: with fewer than 512 pixels on its shorter"
                + " side it will look soft.");
    assertThat(MediaWarnings.of(ASKED, false, image(910, 512), REFERENCE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"23.976, 23.976 fps", "25, 25 fps", "29.97, 29.97 fps", "24.02, 24.02 fps"})
  void of_shouldNameBothRates_whenReferenceHasAnother(double fps, String found) {
    assertThat(MediaWarnings.of(ASKED, false, CHARACTER, reference(fps, true)))
        .containsExactly(
            "reference.mp4 has "
                + found
                + " and the performance will have 24 fps: movements may look less smooth.");
  }

  @ParameterizedTest
  @ValueSource(doubles = {24, 23.992, 24.008})
  void of_shouldBeSilent_whenRateIsTwentyFourToTheMillisecond(double fps) {
    assertThat(MediaWarnings.of(ASKED, false, CHARACTER, reference(fps, true))).isEmpty();
  }

  @Test
  void of_shouldWarn_whenCharacterVideoHasAnotherRate() {
    var character = new Footage(MediaRole.CHARACTER_VIDEO, "pip.mov", video(30, false));

    assertThat(MediaWarnings.of(ASKED, false, character, REFERENCE))
        .contains(
            "pip.mov has 30 fps and the performance will have 24 fps: movements may look less smooth.");
  }

  @Test
  void of_shouldWarn_whenReferenceIsSilent() {
    assertThat(MediaWarnings.of(ASKED, false, CHARACTER, reference(24, false)))
        .containsExactly(
            "reference.mp4 has no sound track, so the performance will have no voice.");
  }

  @Test
  void of_shouldSayNotChecked_whenContainerIsOnlyRecognised() {
    var webm =
        new Footage(MediaRole.REFERENCE, "a.webm", MediaFacts.recognised(MediaFormat.WEBM, 1_000));

    assertThat(MediaWarnings.of(ASKED, false, CHARACTER, webm))
        .containsExactly(
            "a.webm is a WebM, which is not checked here: if it breaks a limit, the provider says so.");
  }

  @Test
  void of_shouldSayAsWhatItIsSent_whenNameClaimsAnotherFormat() {
    var named = new Footage(MediaRole.CHARACTER_IMAGE, "pip.jpeg", CHARACTER.facts());

    assertThat(MediaWarnings.of(ASKED, false, named, REFERENCE))
        .containsExactly("pip.jpeg is named like a JPEG but is a PNG: it is sent as image/png.");
  }

  @Test
  void outputWarnings_shouldBeSilent_whenAllIsAsExpected() {
    assertThat(OutputWarnings.of(ASKED, video(24, true), video(24, true))).isEmpty();
    assertThat(OutputWarnings.of(ASKED, null, video(24, true))).isEmpty();
    assertThat(OutputWarnings.of(ASKED, video(30, false), video(24, false))).isEmpty();
    assertThat(output(ASKED, 24.0, Duration.ofMillis(4_250), true)).isEmpty();
    assertThat(output(ASKED, 24.0, Duration.ofMillis(3_750), true)).isEmpty();
  }

  @Test
  void outputWarnings_shouldNameBothValues_whenSomethingIsUnexpected() {
    assertThat(output(new PixelSize(1280, 704), 25.0, Duration.ofMillis(4_251), false))
        .containsExactly(
            "The video is 1280x704 and 1280x720 was asked.",
            "The video has 25 fps and Act-Two renders 24 fps.",
            "The video plays 4.251 s and the reference 4 s.",
            "The video has no sound track and one was expected.");
    assertThat(output(ASKED, null, null, true))
        .containsExactly("The video does not say how long it plays, and the reference plays 4 s.");
  }

  private static List<String> output(
      PixelSize pixels, @Nullable Double fps, @Nullable Duration plays, boolean audio) {
    return OutputWarnings.of(
        ASKED,
        video(24, true),
        MediaFacts.video(MediaFormat.MP4, 1_000, pixels, 0, fps, plays, audio));
  }

  private static Footage image(int width, int height) {
    return new Footage(
        MediaRole.CHARACTER_IMAGE,
        "character.png",
        MediaFacts.image(MediaFormat.PNG, 1_000, new PixelSize(width, height), 0));
  }

  private static Footage reference(double fps, boolean audio) {
    return new Footage(MediaRole.REFERENCE, "reference.mp4", video(fps, audio));
  }

  private static MediaFacts video(double fps, boolean audio) {
    return MediaFacts.video(MediaFormat.MP4, 1_000, ASKED, 0, fps, Duration.ofSeconds(4), audio);
  }
}
