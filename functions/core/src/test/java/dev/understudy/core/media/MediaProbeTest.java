package dev.understudy.core.media;

import static dev.understudy.core.media.TestMedia.bytes;
import static dev.understudy.core.media.TestMedia.facts;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
