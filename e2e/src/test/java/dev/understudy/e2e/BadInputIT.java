package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What cannot be rendered is answered in {@code error.json}, with the limit, what was found, and
 * what to do; it costs nothing.
 */
@EndToEnd
class BadInputIT {
  private static final int MB = 1 << 20;

  /**
   * An order that has to be refused.
   *
   * @param name of the case, and of its folder
   * @param folder its folder's exact name; empty for a fresh one
   * @param files what is uploaded before the form, beside what the form names
   * @param form what is uploaded as task.json
   * @param path where the first issue is
   * @param words all that the answer has to say
   */
  record Case(
      String name,
      String folder,
      Map<String, byte[]> files,
      byte[] form,
      String path,
      List<String> words) {
    Case {
      files = Map.copyOf(files);
      words = List.copyOf(words);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource({"footage", "forms", "folders"})
  void order_shouldBeRefusedInWords_whenItCannotBeRendered(Case wrong, Scenario scenario) {
    // given
    Folder folder =
        wrong.folder().isEmpty()
            ? scenario.folder(wrong.name().replace(' ', '-'))
            : scenario.folderExactly(wrong.folder(), scenario.stack.newSeed());
    wrong.files().forEach(folder::put);

    // when
    folder.put("task.json", wrong.form());
    JsonNode error = folder.awaitDocument("error.json");

    // then
    assertThat(error.path("issues").path(0).path("path").asText()).isEqualTo(wrong.path());
    String issues = error.path("issues").toString();
    assertThat(wrong.words()).allSatisfy(word -> assertThat(issues).contains(word));
    assertThat(error.path("error").asText()).isNotBlank();
    assertThat(error.path("mend").asText()).contains("upload task.json again");
    assertThat(folder.tasks()).isEmpty();
  }

  static Stream<Case> footage() {
    return Stream.of(
        // what is there is not what it should be
        film("an empty file", new byte[0], "0 bytes"),
        film("a PNG named mp4", Media.character(), "reference.mp4", "PNG"),
        image(
            "a GIF",
            "character.gif",
            Media.fixture("still.gif"),
            "GIF",
            "PNG, JPEG or WebP",
            "ffmpeg"),
        film(
            "two seconds",
            Media.referenceOf(Duration.ofSeconds(2)),
            "2",
            "3 to 30 s",
            "ffmpeg -stream_loop"),
        film(
            "31 seconds",
            Media.referenceOf(Duration.ofSeconds(31)),
            "31",
            "3 to 30 s",
            "ffmpeg",
            "-t "),
        film("40 MB of video", Media.referenceOfBytes(40 * MB), "40", "32", "ffmpeg"),
        image(
            "17 MB of image",
            "character.png",
            Media.characterOfBytes(17 * MB),
            "17",
            "16",
            "ffmpeg"),
        film("text named mp4", "Hello".getBytes(StandardCharsets.UTF_8), "reference.mp4"),
        film("a film cut off", Arrays.copyOf(Media.reference(), 3000), "reference.mp4"),
        // there is too much or too little
        new Case(
            "two characters",
            "",
            Map.of(
                "character.png", Media.character(),
                "Character.jpg", Media.fixture("still.jpg"),
                "reference.mp4", Media.reference()),
            text("{}"),
            "character",
            List.of("2 files", "task.json")),
        new Case(
            "a missing file elsewhere",
            "",
            Map.of("character.png", Media.character()),
            text("{\"reference\": \"incoming/e2e-nowhere/act.mp4\"}"),
            "reference",
            List.of("incoming/e2e-nowhere/act.mp4", "does not exist")));
  }

  static Stream<Case> forms() {
    return Stream.of(
        form("no JSON", "{\"seed\": 1,", "task.json", "not valid JSON", "line 1"),
        form("a list", "[]", "task.json", "must be a JSON object"),
        form("an empty form", " ", "task.json", "empty"),
        new Case(
            "not UTF-8",
            "",
            Map.of(),
            "{\"output\": \"Größe\"}".getBytes(StandardCharsets.ISO_8859_1),
            "task.json",
            List.of("not UTF-8")),
        form("over 64 KB", "{}" + " ".repeat(64 * 1024), "task.json", "64 KB"),
        form(
            "an unknown field",
            "{\"expresionIntensity\": 3}",
            "expresionIntensity",
            "did you mean",
            "expressionIntensity"),
        form("an unknown ratio", "{\"ratio\": \"16:9\"}", "ratio", "1280:720", "16:9"),
        form("seed -1", "{\"seed\": -1}", "seed", "0", "4294967295", "-1"),
        form("seed 2^32", "{\"seed\": 4294967296}", "seed", "4294967295", "4294967296"),
        form(
            "intensity 0",
            "{\"expressionIntensity\": 0}",
            "expressionIntensity",
            "1",
            "5",
            "found 0"),
        form(
            "intensity 6",
            "{\"expressionIntensity\": 6}",
            "expressionIntensity",
            "1",
            "5",
            "found 6"),
        form(
            "intensity 2.5",
            "{\"expressionIntensity\": 2.5}",
            "expressionIntensity",
            "whole number",
            "2.5"),
        form(
            "intensity text",
            "{\"expressionIntensity\": \"3\"}",
            "expressionIntensity",
            "without quotes",
            "3"),
        form("an output with a slash", "{\"output\": \"a/b\"}", "output", "one name"),
        form(
            "a file above",
            "{\"reference\": \"../../inputs/x/reference.mp4\"}",
            "reference",
            "'..'"),
        form("plain http", "{\"reference\": \"http://example.com/act.mp4\"}", "reference", "https"),
        form(
            "an IP address",
            "{\"reference\": \"https://169.254.169.254/act.mp4\"}",
            "reference",
            "IP address"),
        form(
            "a password",
            "{\"reference\": \"https://me:secret@example.com/act.mp4\"}",
            "reference",
            "user name"),
        form(
            "no ending",
            "{\"character\": \"https://example.com/face\"}",
            "character",
            "image or a video"));
  }

  static Stream<Case> folders() {
    return Stream.of(
        folder("dots in the name", "e2e/../../outputs-%d", "'..'"),
        folder("an empty part", "e2e//%d", "empty part"),
        folder("the folder api", "api/e2e-%d", "reserved"),
        folder("a very long name", "e2e-%019d" + "y".repeat(967), "1,024 bytes"));
  }

  private static Case film(String name, byte[] reference, String... words) {
    return new Case(
        name,
        "",
        Map.of("character.png", Media.character(), "reference.mp4", reference),
        text("{}"),
        "reference",
        List.of(words));
  }

  private static Case image(String name, String file, byte[] character, String... words) {
    return new Case(
        name,
        "",
        Map.of(file, character, "reference.mp4", Media.reference()),
        text("{}"),
        "character",
        List.of(words));
  }

  private static Case form(String name, String form, String path, String... words) {
    return new Case(name, "", Map.of(), text(form), path, List.of(words));
  }

  private static Case folder(String name, String folder, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.add("name");
    return new Case(name, folder.formatted(System.nanoTime()), Map.of(), text("{}"), "folder", all);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
