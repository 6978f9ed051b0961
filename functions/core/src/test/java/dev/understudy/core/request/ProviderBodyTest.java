package dev.understudy.core.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class ProviderBodyTest {
  @Test
  void json_shouldHoldEveryFieldAndNothingElse() {
    PerformanceRequest request =
        new PerformanceRequest(
            CharacterType.VIDEO,
            false,
            4,
            Ratio.PORTRAIT_832_1104,
            4_294_967_295L,
            PublicFigureThreshold.LOW,
            "act_two");

    byte[] json =
        ProviderBody.json(
            request,
            URI.create("https://b.example.com/c.mp4?X-Amz-Signature=a%2Fb&x=1"),
            URI.create("https://b.example.com/r.mp4"),
            "runwayml_character_performance");

    assertThat(new String(json, UTF_8))
        .isEqualTo(
            """
            {"character":{"type":"video","uri":"https://b.example.com/c.mp4?X-Amz-Signature=a%2Fb&x=1"},\
            "reference":{"type":"video","uri":"https://b.example.com/r.mp4"},\
            "bodyControl":false,"expressionIntensity":4,"seed":4294967295,\
            "model":"runwayml_character_performance","ratio":"832:1104",\
            "contentModeration":{"publicFigureThreshold":"low"}}\
            """);
  }
}
