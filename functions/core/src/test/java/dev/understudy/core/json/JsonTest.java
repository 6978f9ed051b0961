package dev.understudy.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonTest {

  private record Times(Instant at, Duration took) {}

  @Test
  void times_shouldBeTextOfOneLength_andReadBack() throws JsonProcessingException {
    var times = new Times(Instant.parse("2026-03-01T12:00:00Z"), Duration.ofMillis(5_005));

    var json = Json.MAPPER.writeValueAsString(times);

    assertThat(json).isEqualTo("{\"at\":\"2026-03-01T12:00:00.000Z\",\"took\":\"PT5.005S\"}");
    assertThat(Json.MAPPER.readValue(json, Times.class)).isEqualTo(times);
    assertThat(Json.MAPPER.readValue("{\"at\":null}", Times.class).at()).isNull();
  }

  @Test
  void times_shouldBeRefusedAsJacksonDoes_whenTheyAreNone() {
    assertThatThrownBy(() -> Json.MAPPER.readValue("{\"at\":\"yesterday\"}", Times.class))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("yesterday");
    assertThatThrownBy(() -> Json.MAPPER.readValue("{\"took\":{}}", Times.class))
        .isInstanceOf(JsonProcessingException.class);
  }
}
