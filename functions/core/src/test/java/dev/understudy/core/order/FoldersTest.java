package dev.understudy.core.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.inputs.HttpsAddress;
import dev.understudy.core.settings.Dollars;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FoldersTest {

  @ParameterizedTest
  @CsvSource({
    "incoming/a/task.json,a",
    "incoming/a/b c/task.json,a/b c",
    "incoming/task.json/task.json,task.json",
    "incoming/a//task.json,a/"
  })
  void of_shouldBeWhatLiesBetween(String key, String folder) {
    assertThat(Folders.isForm(key)).isTrue();
    assertThat(Folders.of(key)).isEqualTo(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "incoming/task.json",
        "incoming//task.json",
        "incoming/a/Task.json",
        "incoming/a/mytask.json",
        "outputs/a/task.json",
        "incoming/a/task.json/x"
      })
  void isForm_shouldTakeNothingElse(String key) {
    assertThat(Folders.isForm(key)).isFalse();
    assertThatThrownBy(() -> Folders.of(key)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void formsAbove_shouldNameEveryFolderAbove_theNearestFirst() {
    assertThat(Folders.formsAbove("incoming/a/b/clip.mp4"))
        .containsExactly("incoming/a/b/task.json", "incoming/a/task.json");
    assertThat(Folders.formsAbove("incoming/clip.mp4")).isEmpty();
    assertThat(Folders.formsAbove("outputs/a/clip.mp4")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://cdn.example.com/a.MP4",
        "https://example.com/a.webm?x=1",
        "HTTPS://example.com/a.mov"
      })
  void videoByName_shouldSeeAVideo(String uri) {
    assertThat(HttpsAddress.problem(uri, "other")).isNull();
    assertThat(HttpsAddress.videoByName(uri)).isTrue();
  }

  @Test
  void videoByName_shouldSeeAnImage_orNothing() {
    assertThat(HttpsAddress.videoByName("https://example.com/a.JPeG?b=c.mp4")).isFalse();
    assertThat(HttpsAddress.videoByName("https://example.com/a")).isNull();
    assertThat(HttpsAddress.videoByName("https://example.com")).isNull();
  }

  @Test
  void dollars_shouldHaveTwoDecimals() {
    assertThat(Dollars.of(40)).isEqualTo("0.40");
    assertThat(Dollars.of(0)).isEqualTo("0.00");
    assertThat(Dollars.of(12_345)).isEqualTo("123.45");
  }
}
