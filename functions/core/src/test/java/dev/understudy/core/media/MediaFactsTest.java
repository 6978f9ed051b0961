package dev.understudy.core.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaFactsTest {

  private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule());

  @ParameterizedTest
  @ValueSource(strings = {"turned.jpg", "fps-29.97.mp4", "fragmented.mp4", "clip.webm"})
  void json_shouldComeBackAsItWent_whateverIsKnown(String name) throws Exception {
    MediaFacts facts = TestMedia.facts(name);

    assertThat(JSON.readValue(JSON.writeValueAsString(facts), MediaFacts.class)).isEqualTo(facts);
  }

  @Test
  void json_shouldLeaveOutWhatIsNotKnown_whenWritten() throws Exception {
    assertThat(JSON.writeValueAsString(TestMedia.facts("still.png")))
        .isEqualTo("{\"format\":\"PNG\",\"bytes\":550,\"width\":96,\"height\":64,\"rotation\":0}");
  }

  @Test
  void ofRatio_shouldGiveTheSize_whenTwoNumbersAndAColon() {
    assertThat(PixelSize.ofRatio("1584:672")).isEqualTo(new PixelSize(1584, 672));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "16/9", "0:0", "1280:720 ", "99999999999:1"})
  void ofRatio_shouldRefuse_whenItIsNone(String ratio) {
    assertThatThrownBy(() -> PixelSize.ofRatio(ratio)).isInstanceOf(IllegalArgumentException.class);
  }
}
