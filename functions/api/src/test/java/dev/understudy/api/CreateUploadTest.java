package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.ports.UploadForms;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateUploadTest {

  private static final String UUID =
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

  private final List<UploadForms.Upload> asked = new ArrayList<>();
  private final CreateUpload action =
      new CreateUpload(
          upload -> {
            asked.add(upload);
            var fields = new LinkedHashMap<String, String>();
            fields.put("key", upload.key());
            fields.put("policy", "p");
            return new UploadForms.Form(URI.create("https://shots.example.com"), fields);
          },
          new Random(1));

  private Answer upload(String filename) {
    return action.answer(
        Calls.with("{'filename':'%s','type':'ephemeral'}".formatted(filename)), Calls.STRANGER, "");
  }

  @Test
  void upload_shouldBindTheFileToItsTenant_inRunwaysShape() {
    var answer = Calls.json(upload("hero.png"));

    var upload = asked.getFirst();
    assertThat(upload.key()).matches("uploads/other/" + UUID + "/hero\\.png");
    assertThat(upload.contentType()).isEqualTo("image/png");
    assertThat(upload.leastBytes()).isEqualTo(512);
    assertThat(upload.mostBytes()).isEqualTo(16 * 1024 * 1024);
    assertThat(upload.life()).isEqualTo(Duration.ofHours(24));
    assertThat(answer.toString())
        .isEqualTo(
            "{\"uploadUrl\":\"https://shots.example.com\",\"fields\":{\"key\":\"%s\",\"policy\":\"p\"},\"runwayUri\":\"%s\"}"
                .formatted(upload.key(), upload.key().replace("uploads/other/", "runway://")));
    assertThat(upload("hero.png").toString()).doesNotContain("policy", "shots");
    assertThat(asked.get(1).key()).as("another upload").isNotEqualTo(upload.key());
  }

  @Test
  void upload_shouldTakeLargerVideos() {
    upload("scene.MOV");

    assertThat(asked.getFirst().contentType()).isEqualTo("video/quicktime");
    assertThat(asked.getFirst().mostBytes()).isEqualTo(32 * 1024 * 1024);
  }

  @ParameterizedTest
  @CsvSource({
    "hero.png, hero.png",
    "My Hero (final).JPG, My_Hero_final_.jpg",
    "C:\\fakepath\\scene 1.mp4, scene_1.mp4",
    "../../etc/passwd.png, passwd.png",
    "héros.webp, h_ros.webp",
    "演员.mp4, _.mp4",
    ".png, .png",
    "a.b.mp4, a.b.mp4",
    "\"quoted\".mov, _quoted_.mov",
    "scene.m\u212Av, scene.mkv",
  })
  void name_shouldBePlainAndKeepItsExtension(String filename, String expected) {
    assertThat(CreateUpload.name(filename)).isEqualTo(expected);
  }

  @Test
  void name_shouldBeCutTo100Characters() {
    assertThat(CreateUpload.name("x".repeat(251) + ".mp4")).isEqualTo("x".repeat(96) + ".mp4");
  }

  @Test
  void upload_shouldBeRefused_withEverythingThatIsWrong() {
    var refused =
        Calls.refused(
            400,
            () ->
                action.answer(
                    Calls.with("{'filename':'anim.gif','type':'lasting','size':4}"),
                    Calls.USER,
                    ""));
    assertThat(refused.issues())
        .extracting(i -> String.join(".", i.path()))
        .containsExactly("type", "filename", "size");
    assertThat(refused.issues().get(1).message())
        .isEqualTo(
            "filename must end in one of the extensions that Act-Two takes: png, jpg, jpeg, jpe, jfif, webp, mp4, m4v, mov, qt, 3gp, 3g2, mkv, webm, ogv, ogg.");
    assertThat(refused.sentence()).endsWith("(and 2 more: see issues)");

    assertThat(
            Calls.refused(
                    400, () -> action.answer(Calls.with("{'filename':'a.png'}"), Calls.USER, ""))
                .sentence())
        .isEqualTo("type must be ephemeral.");
    Calls.refused(400, () -> upload("x".repeat(252) + ".png"));
    Calls.refused(400, () -> upload("png"));
    Calls.refused(400, () -> upload(""));
    Calls.refused(400, () -> upload("hero.png/"));
    assertThat(asked).isEmpty();
  }
}
