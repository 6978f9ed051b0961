package dev.understudy.core.order;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.request.Ratio;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderDeskTest {

  private static final byte[] SCENE = Clips.mp4(Duration.ofSeconds(4));

  private TestStack stack = new TestStack();

  private static OrderDeskTest withSettings(Map<String, String> settings) {
    var test = new OrderDeskTest();
    test.stack = new TestStack(settings);
    return test;
  }

  private void file(String key, byte[] content) {
    stack.clock.advance(Duration.ofSeconds(1));
    stack.bucket.upload(key, content);
    stack.desk.uploaded(key);
  }

  private void form(String folder, String json) {
    file("incoming/" + folder + "/task.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private void inputs(String folder) {
    file("incoming/" + folder + "/character.png", Clips.png());
    file("incoming/" + folder + "/reference.mp4", SCENE);
  }

  private void order(String folder, String json) {
    inputs(folder);
    form(folder, json);
  }

  private JsonNode letter(String folder, String name) {
    try {
      return Json.MAPPER.readTree(stack.bucket.text("outputs/" + folder + "/" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean has(String key) {
    return stack.bucket.keys().contains(key);
  }

  /** The order was refused: the letter has this in it, and nothing was stored, pinned or paid. */
  private JsonNode assertRefused(String folder, String part) {
    var error = letter(folder, "error.json");
    assertThat(error.path("error").asText())
        .contains(part)
        .matches("(?s).*[.?]")
        .doesNotContain("null,")
        .doesNotContainPattern("\\w\\.\\.");
    for (var issue : error.path("issues")) {
      assertThat(issue.path("message").asText()).isNotBlank();
      assertThat(issue.path("path").asText()).isNotBlank();
    }
    assertThat(error.path("mend").asText()).contains("upload task.json again");
    assertThat(stack.table.tasks()).isEmpty();
    assertThat(stack.bucket.keys()).noneMatch(k -> k.startsWith("inputs/"));
    assertThat(stack.table.money()).isEqualTo(Change.Money.NONE);
    return error;
  }

  private Task only() {
    assertThat(stack.table.tasks()).hasSize(1);
    return stack.table.tasks().getFirst();
  }

  // ---- accepted

  @Test
  void uploaded_shouldAcceptAnOrder_pinItsInputs_reserveItsPrice_andAdmitIt() {
    order("shot 1", "{}");

    var task = only();
    assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(task.place()).isTrue();
    assertThat(task.tenant()).isEqualTo("default");
    assertThat(task.deliverTo()).isEqualTo("outputs/shot 1/reference__character.mp4");
    assertThat(task.character().key())
        .matches("inputs/" + task.id() + "/character-[0-9a-f]{8}\\.png");
    assertThat(task.reference().key())
        .matches("inputs/" + task.id() + "/reference-[0-9a-f]{8}\\.mp4");
    assertThat(stack.bucket.head(there(task.reference().key())).orElseThrow().contentType())
        .isEqualTo("video/mp4");
    assertThat(task.request().ratio()).isEqualTo(Ratio.LANDSCAPE_1280_720);
    assertThat(task.request().seed()).isBetween(0L, 4294967295L);
    assertThat(stack.table.money()).isEqualTo(new Change.Money(40, 0, 0));
    assertThat(stack.started).hasSize(1);
    var takes = letter("shot 1", "status.json").path("takes");
    assertThat(takes).hasSize(1);
    assertThat(takes.get(0).path("taskId").asText()).isEqualTo(task.id());
    assertThat(takes.get(0).path("take").asInt()).isEqualTo(1);
    assertThat(takes.get(0).path("stalled").asBoolean()).isFalse();
    assertThat(takes.get(0).path("charged").asText()).isEqualTo("no");
    assertThat(has("outputs/shot 1/error.json")).isFalse();
    assertThat(stack.table.orders().getFirst().dueAt()).as("settled").isNull();
  }

  @Test
  void uploaded_shouldGiveThePlaceWithTheAcceptance_whenOneIsFree() {
    order("a", "{}");

    assertThat(only().version()).as("nothing has changed since").isEqualTo(1);
    assertThat(only().generation()).isEqualTo(1);
    assertThat(letter("a", "status.json").path("takes").get(0).path("sentence").asText())
        .isEqualTo("It is accepted, has a place at the provider and is being started.");
  }

  @Test
  void uploaded_shouldWaitForItsPlace_whenNoneIsFreeOrTheLastOneIsTakenMeanwhile() {
    var test = withSettings(Map.of("MAX_IN_FLIGHT", "2"));
    test.order("a", "{}");
    test.inputs("b");
    // another order takes the last place after this one has seen that it is free
    test.stack.faults.at(Moment.BEFORE, "accept", () -> test.order("c", "{}"));
    test.form("b", "{}");
    test.order("d", "{}");

    assertThat(test.stack.table.tasks())
        .extracting(task -> task.deliverTo().charAt("outputs/".length()), Task::place)
        .containsExactlyInAnyOrder(
            tuple('a', true), tuple('b', false), tuple('c', true), tuple('d', false));
    assertThat(test.stack.table.places().inFlight()).isEqualTo(2);
    assertThat(test.stack.started).hasSize(2);
    assertThat(test.letter("b", "status.json").path("takes").get(0).path("sentence").asText())
        .isEqualTo("It is accepted and waits for a place at the provider.");
  }

  @Test
  void uploaded_shouldTakeWhatTheFormSets() {
    inputs("a");
    form(
        "a",
        """
        {"ratio":"960:960","seed":4294967295,"expressionIntensity":5,"bodyControl":false,
         "publicFigureThreshold":"low","model":"act_two","tags":["scene 4","take B"],"output":"final.mp4"}
        """);

    var task = only();
    assertThat(task.request().ratio()).isEqualTo(Ratio.SQUARE_960_960);
    assertThat(task.request().seed()).isEqualTo(4294967295L);
    assertThat(task.request().expressionIntensity()).isEqualTo(5);
    assertThat(task.request().bodyControl()).isFalse();
    assertThat(task.tags()).containsExactly("scene 4", "take B");
    assertThat(task.deliverTo()).isEqualTo("outputs/a/final.mp4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"scene 4 (B)", "a+b", "Ünïcödé 映画", "deep/er/still", "a.b-c_d", "100%", "ApI"})
  void uploaded_shouldTakeAnyPlainFolder(String folder) {
    order(folder, "{}");

    assertThat(only().deliverTo()).isEqualTo("outputs/" + folder + "/reference__character.mp4");
    assertThat(there(only().character().key())).isASCII();
  }

  @Test
  void uploaded_shouldTakeAFolderOf900Characters() {
    var folder = "f".repeat(900);
    order(folder, "{}");

    assertThat(only().deliverTo()).startsWith("outputs/" + folder + "/");
  }

  @Test
  void uploaded_shouldFindTheInputs_inAnyLetterCase() {
    file("incoming/a/Character.PNG", Clips.png());
    file("incoming/a/REFERENCE.Mp4", SCENE);
    form("a", "{}");

    assertThat(only().deliverTo()).isEqualTo("outputs/a/REFERENCE__Character.mp4");
    assertThat(only().character().key()).matches(".*/character-[0-9a-f]{8}\\.png");
  }

  @Test
  void uploaded_shouldTakeNamedInputs_ofTheFolderAndFromElsewhere() {
    file("incoming/cast/hero.png", Clips.png());
    file("incoming/a/takes/take 3.mp4", SCENE);
    form("a", "{\"character\":\"incoming/cast/hero.png\",\"reference\":\"takes/take 3.mp4\"}");

    assertThat(only().deliverTo()).isEqualTo("outputs/a/take 3__hero.mp4");
  }

  @Test
  void uploaded_shouldTakeHttpsInputs_andNeverShowThem() {
    form(
        "a",
        "{\"character\":\"https://cdn.example.com/secret/hero.png?token=SIGNED\","
            + "\"reference\":{\"type\":\"video\",\"uri\":\"https://cdn.example.com/ref?token=SIGNED\"}}");

    var task = only();
    assertThat(there(task.callerUris()).character()).contains("SIGNED");
    assertThat(task.character().key()).isNull();
    assertThat(task.deliverTo()).isEqualTo("outputs/a/reference__character.mp4");
    assertThat(task.toString()).doesNotContain("SIGNED");
    assertThat(stack.bucket.keys())
        .filteredOn(k -> k.startsWith("outputs/"))
        .allSatisfy(
            k -> assertThat(stack.bucket.text(k)).doesNotContain("SIGNED", "cdn.example.com"));
    assertThat(stack.events).allSatisfy(e -> assertThat(e.toString()).doesNotContain("SIGNED"));
    assertThat(stack.table.orders().toString()).doesNotContain("SIGNED");
  }

  @Test
  void uploaded_shouldTakeAVideoCharacter_withoutBodyControl() {
    file("incoming/a/character.mp4", Clips.mp4(Duration.ofSeconds(5)));
    file("incoming/a/reference.mp4", SCENE);
    form("a", "{}");

    assertThat(only().request().characterType().wire()).isEqualTo("video");
    assertThat(only().request().bodyControl()).isFalse();
  }

  @Test
  void uploaded_shouldTakeAByteOrderMark() {
    inputs("a");
    form("a", "\uFEFF{}");

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
  }

  // ---- waiting for files

  @Test
  void uploaded_shouldWaitForFiles_andGoOnWithTheLastOne() {
    form("a", "{}");
    assertThat(letter("a", "status.json").path("note").asText())
        .startsWith("The order waits for its files:");
    file("incoming/a/reference.mp4", SCENE);
    assertThat(stack.table.tasks()).isEmpty();

    file("incoming/a/character.png", Clips.png());

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(has("outputs/a/error.json")).isFalse();
  }

  @Test
  void uploaded_shouldWaitForANamedFile_belowItsFolder() {
    form("a", "{\"character\":\"cast/hero.png\",\"reference\":\"r.mp4\"}");
    file("incoming/a/r.mp4", SCENE);
    file("incoming/a/cast/hero.png", Clips.png());

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
  }

  @Test
  void look_shouldGoOnWithoutAnEvent_whenTheFilesAreThere() {
    form("a", "{}");
    stack.bucket.upload("incoming/a/character.png", Clips.png());
    stack.bucket.upload("incoming/a/reference.mp4", SCENE);

    stack.desk.look("incoming/a/task.json");

    assertThat(stack.table.tasks()).hasSize(1);
  }

  @Test
  void look_shouldRefuse_whenTheFilesDidNotComeIn24Hours() {
    form("a", "{}");
    for (int i = 0; i < 400; i++) {
      var order = stack.table.orders().getFirst();
      if (order.state() != Order.State.WAITING) {
        break;
      }
      stack.clock.advance(Duration.between(stack.clock.instant(), there(order.dueAt())));
      stack.desk.look("incoming/a/task.json");
    }

    var error = assertRefused("a", "The folder has no file named character.*");
    assertThat(error.path("issues")).hasSize(2);
    var started = Instant.parse("2026-11-21T12:00:01Z");
    assertThat(Duration.between(started, stack.clock.instant())).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void uploaded_shouldRefuseAtOnce_whenAFileElsewhereIsMissing() {
    file("incoming/a/reference.mp4", SCENE);
    form("a", "{\"character\":\"incoming/cast/hero.png\"}");

    assertRefused("a", "The character 'incoming/cast/hero.png' does not exist");
  }

  @Test
  void uploaded_shouldFollowTheNewerForm_whenOneWaits() {
    form("a", "{\"ratio\":\"960:960\"}");
    form("a", "{\"ratio\":\"720:1280\"}");
    inputs("a");

    assertThat(only().request().ratio()).isEqualTo(Ratio.PORTRAIT_720_1280);
  }

  @Test
  void uploaded_shouldWithdrawAWaitingOrder_whenItsFormIsDeleted_andTakeItUpWhenItComesBack() {
    form("a", "{}");
    stack.bucket.delete("incoming/a/task.json");
    stack.desk.uploaded("incoming/a/task.json");
    assertThat(stack.table.orders().getFirst().state()).isEqualTo(Order.State.WITHDRAWN);
    assertThat(letter("a", "status.json").path("note").asText()).contains("was withdrawn");
    inputs("a");
    assertThat(stack.table.tasks()).isEmpty();

    form("a", "{}");

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
  }

  @Test
  void uploaded_shouldKeepTheTask_whenTheFormIsDeletedAfterwards() {
    order("a", "{}");
    stack.bucket.delete("incoming/a/task.json");
    stack.desk.uploaded("incoming/a/task.json");

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
  }

  // ---- once and only once

  @Test
  void uploaded_shouldStartNothing_whenTheEventComesAgainOrLate() {
    order("a", "{}");
    stack.desk.uploaded("incoming/a/task.json");
    stack.desk.uploaded("incoming/a/character.png");
    stack.clock.advance(Duration.ofDays(1));
    stack.desk.uploaded("incoming/a/task.json");

    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(stack.table.money().committed()).isEqualTo(40);
  }

  @Test
  void uploaded_shouldStartNothing_andSaySo_whenTheSameOrderIsUploadedAgain() {
    order("a", "{\"ratio\":\"960:960\",\"tags\":[\"x\"]}");
    form("a", "{ \"tags\": [\"x\"],  \"ratio\": \"960:960\" }");

    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(letter("a", "status.json").path("note").asText())
        .contains("it is take 1, and nothing new was started", "change the form");
  }

  @Test
  void uploaded_shouldChangeNothing_whenAFileIsReplacedAfterTheStart() {
    order("a", "{}");
    var pinned =
        stack.bucket.read(there(only().reference().key()), 1 << 20).orElseThrow().content();

    file("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(9)));

    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(stack.bucket.read(there(only().reference().key()), 1 << 20).orElseThrow().content())
        .isEqualTo(pinned);
  }

  @Test
  void uploaded_shouldOrderTheNextTake_whenTheFormOrAFileChanged() {
    order("a", "{\"seed\":1}");
    form("a", "{\"seed\":2}");
    file("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(9)));
    form("a", "{\"seed\":2}");

    assertThat(stack.table.tasks())
        .extracting(Task::deliverTo)
        .containsExactlyInAnyOrder(
            "outputs/a/reference__character.mp4",
            "outputs/a/reference__character__t2.mp4",
            "outputs/a/reference__character__t3.mp4");
    assertThat(letter("a", "status.json").path("takes"))
        .extracting(t -> t.path("take").asInt())
        .as("the newest first")
        .containsExactly(3, 2, 1);
  }

  @Test
  void uploaded_shouldKeepTheSeedItDrew_forTheSameUpload() {
    form("a", "{}");
    var seed = stack.table.orders().getFirst().seed();
    inputs("a");

    assertThat(only().request().seed()).isEqualTo(seed);
  }

  @Test
  void uploaded_shouldPinWhatItChecked_whenAFileIsReplacedDuringTheCheck() {
    inputs("a");
    stack.faults.at(
        Moment.BEFORE,
        "copy",
        () -> stack.bucket.upload("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(40))));
    form("a", "{}");

    assertRefused2("a");
  }

  /** The character may be pinned by then; the task is not stored. */
  private void assertRefused2(String folder) {
    assertThat(letter(folder, "error.json").path("error").asText()).contains("plays 40 s");
    assertThat(stack.table.tasks()).isEmpty();
  }

  // ---- refused, and mended

  private record Bad(String name, String form, String part) {}

  @TestFactory
  Stream<DynamicTest> uploaded_shouldSayWhatIsWrongWithTheForm() {
    return Stream.of(
            new Bad("malformed", "{\"ratio\": }", "task.json is not valid JSON at line 1"),
            new Bad("empty", "", "task.json is empty"),
            new Bad("blank", " \n", "task.json is empty"),
            new Bad("a list", "[]", "must be a JSON object"),
            new Bad("two documents", "{} {}", "not valid JSON"),
            new Bad("the same field twice", "{\"seed\":1,\"seed\":2}", "not valid JSON"),
            new Bad(
                "over 64 KB", "{\"tags\":[\"" + "x".repeat(65_600) + "\"]}", "larger than 64 KB"),
            new Bad("too deep", "[".repeat(500) + "]".repeat(500), "not valid JSON"),
            new Bad("unknown field", "{\"seeds\":1}", "did you mean seed"),
            new Bad("unknown ratio", "{\"ratio\":\"1:1\"}", "ratio must be one of 1280:720"),
            new Bad("seed -1", "{\"seed\":-1}", "seed must be a whole number from 0 to 4294967295"),
            new Bad("seed 2^32", "{\"seed\":4294967296}", "seed must be a whole number"),
            new Bad("intensity 0", "{\"expressionIntensity\":0}", "from 1 to 5"),
            new Bad("intensity 6", "{\"expressionIntensity\":6}", "from 1 to 5"),
            new Bad("intensity 2.5", "{\"expressionIntensity\":2.5}", "from 1 to 5"),
            new Bad("intensity as text", "{\"expressionIntensity\":\"3\"}", "without quotes"),
            new Bad("another model", "{\"model\":\"gen4\"}", "model must be act_two"),
            new Bad("dryRun as text", "{\"dryRun\":\"yes\"}", "dryRun must be true or false"),
            new Bad("tags as text", "{\"tags\":\"a\"}", "tags must be a list"),
            new Bad("eleven tags", "{\"tags\":[1,2,3,4,5,6,7,8,9,10,11]}", "at most 10"),
            new Bad("a blank tag", "{\"tags\":[\" \"]}", "A tag must be text"),
            new Bad("an output in a folder", "{\"output\":\"a/b\"}", "one name of 1 to 200"),
            new Bad("an output '..'", "{\"output\":\"..\"}", "one name of 1 to 200"),
            new Bad(
                "an output of our own",
                "{\"output\":\"status.mp4\"}",
                "status.json is a file of the order itself"),
            new Bad("output error", "{\"output\":\"error\"}", "use another name"),
            new Bad("output as a number", "{\"output\":7}", "output must be the name"),
            new Bad(
                "character null", "{\"character\":null}", "character must be the name of a file"),
            new Bad("character blank", "{\"character\":\"\"}", "character is empty"),
            new Bad("outside the folder", "{\"character\":\"../hero.png\"}", "without '.' or '..'"),
            new Bad("a folder as a file", "{\"character\":\"cast/\"}", "must name a file"),
            new Bad("http", "{\"character\":\"http://example.com/hero.png\"}", "https address"),
            new Bad("s3", "{\"character\":\"s3://bucket/hero.png\"}", "https address"),
            new Bad(
                "an IP address",
                "{\"character\":\"https://10.0.0.1/hero.png\"}",
                "must name a domain"),
            new Bad("IPv6", "{\"character\":\"https://[::1]/hero.png\"}", "must name a domain"),
            new Bad(
                "localhost",
                "{\"character\":\"https://localhost/hero.png\"}",
                "must name a domain"),
            new Bad(
                "a user",
                "{\"character\":\"https://u:p@example.com/hero.png\"}",
                "must not carry a user name"),
            new Bad(
                "too long",
                "{\"character\":\"https://example.com/" + "x".repeat(2040) + ".png\"}",
                "13 to 2,048 characters"),
            new Bad(
                "no address",
                "{\"character\":\"https://exa mple.com/x.png\"}",
                "is not a valid address"),
            new Bad(
                "no ending",
                "{\"character\":\"https://example.com/hero\"}",
                "does not say whether it is an image or a video"),
            new Bad(
                "a wrong type",
                "{\"character\":{\"type\":\"gif\",\"uri\":\"x.png\"}}",
                "character.type must be"),
            new Bad(
                "a reference image",
                "{\"reference\":{\"type\":\"image\",\"uri\":\"x.png\"}}",
                "reference.type must be \"video\""),
            new Bad(
                "an extra field",
                "{\"reference\":{\"uri\":\"x.mp4\",\"url\":\"y\"}}",
                "has no field 'url'"))
        .map(bad ->
            dynamicTest(
                bad.name(),
                () -> {
                  var test = new OrderDeskTest();
                  test.order("a", bad.form());
                  test.assertRefused("a", bad.part());
                  // mended and uploaded again
                  test.form("a", "{\"seed\":1}");
                  assertThat(test.only().status()).isEqualTo(TaskStatus.QUEUED);
                  assertThat(test.has("outputs/a/error.json")).isFalse();
                }));
  }

  @Test
  void uploaded_shouldRefuseAForm_thatIsNotUtf8() {
    inputs("a");
    file("incoming/a/task.json", "{\"tags\":[\"ü\"]}".getBytes(StandardCharsets.ISO_8859_1));

    assertRefused("a", "task.json is not UTF-8");
  }

  @Test
  void uploaded_shouldSayAllThatIsWrong() {
    inputs("a");
    form("a", "{\"seed\":-1,\"ratio\":\"1:1\",\"tags\":7}");

    assertThat(assertRefused("a", "seed").path("issues")).hasSize(3);
  }

  @Test
  void uploaded_shouldOrder_whenARefusedFormComesAgainInTheSameSecondWithItsFileMended() {
    file("incoming/a/character.png", Clips.png());
    file("incoming/a/reference.mp4", new byte[0]);
    form("a", "{}");
    assertRefused("a", "is empty");

    // a script mends it at once: S3 dates both uploads of the form alike
    stack.bucket.upload("incoming/a/reference.mp4", SCENE);
    stack.desk.uploaded("incoming/a/task.json");

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(has("outputs/a/error.json")).isFalse();
  }

  private record BadFile(String name, String key, byte[] content, String part, boolean line) {}

  @TestFactory
  Stream<DynamicTest> uploaded_shouldSayWhatIsWrongWithTheFiles() {
    return Stream.of(
            new BadFile("empty", "reference.mp4", new byte[0], "is empty (0 bytes)", false),
            new BadFile(
                "a PNG named mp4",
                "reference.mp4",
                Clips.png(),
                "is a PNG, not the video that its name says",
                false),
            new BadFile("a GIF", "character.gif", Clips.gif(), "is a GIF", true),
            new BadFile(
                "2 s", "reference.mp4", Clips.mp4(Duration.ofSeconds(2)), "plays 2 s", true),
            new BadFile(
                "31 s", "reference.mp4", Clips.mp4(Duration.ofSeconds(31)), "plays 31 s", true),
            new BadFile(
                "40 MB",
                "reference.mp4",
                Clips.mp4(Duration.ofSeconds(4), "x".repeat(40 << 20)),
                "takes videos of at most",
                true),
            new BadFile(
                "an image as reference", "reference.png", Clips.png(), "has to be a video", false),
            new BadFile(
                "two characters",
                "character.jpg",
                Clips.png(),
                "The folder has 2 files named character.*",
                false),
            new BadFile(
                "text",
                "reference.mp4",
                "hello".getBytes(StandardCharsets.UTF_8),
                "neither an image nor a video",
                false))
        .map(bad ->
            dynamicTest(
                bad.name(),
                () -> {
                  var test = new OrderDeskTest();
                  test.badFile(bad);
                }));
  }

  private void badFile(BadFile bad) {
    inputs("a");
    var role = bad.key().substring(0, bad.key().indexOf('.'));
    if (!bad.name().equals("two characters")) {
      stack.bucket.keys().stream()
          .filter(k -> k.startsWith("incoming/a/" + role + "."))
          .forEach(stack.bucket::delete);
    }
    file("incoming/a/" + bad.key(), bad.content());
    form("a", "{}");

    var error = assertRefused("a", bad.part());
    if (bad.line()) {
      assertThat(error.path("issues").get(0).path("ffmpeg").asText())
          .startsWith("ffmpeg ")
          .contains(bad.key());
      assertThat(error.path("mend").asText()).contains("ffmpeg");
    }
    // mended and uploaded again
    stack.bucket.delete("incoming/a/" + bad.key());
    inputs("a");
    form("a", "{}");
    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(has("outputs/a/error.json")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a/../b", ".", "a//b", "a\tb"})
  void uploaded_shouldRefuseAFolder_thatToolsReadInDifferentWays(String folder) {
    form(folder, "{}");

    assertRefused(folder, "The folder's name has an empty part");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api", "api/default/x"})
  void uploaded_shouldRefuseTheFolderOfTheApi(String folder) {
    form(folder, "{}");

    assertRefused(folder, "'api' is reserved");
  }

  @ParameterizedTest
  @ValueSource(ints = {980, 1000, 1005})
  void uploaded_shouldRefuseAFolder_thatLeavesNoRoomForItsResults(int length) {
    form("f".repeat(length), "{}");

    assertRefused("f".repeat(length), "use a name of at most");
    assertThat(stack.table.orders().getFirst().dueAt()).as("answered for good").isNull();
    assertThat(stack.bucket.keys())
        .allMatch(k -> k.getBytes(StandardCharsets.UTF_8).length <= 1024);
  }

  @Test
  void uploaded_shouldRefuseAName_thatLeavesNoRoomForWhatFollowsIt() {
    var folder = "f".repeat(900);
    inputs(folder);
    form(folder, "{\"output\":\"%s\"}".formatted("v".repeat(100)));

    assertRefused(folder, "set a shorter \"output\" name");
  }

  @Test
  void uploaded_shouldRefuse_whenTheCapIsReached_andAcceptWhenThereIsRoom() {
    var small = withSettings(Map.of("MONTHLY_CAP_USD", "0.79"));
    small.order("a", "{}");
    small.order("b", "{}");

    assertThat(small.stack.table.tasks()).hasSize(1);
    assertThat(small.letter("b", "error.json").path("error").asText())
        .contains("The monthly cap of $0.79 is reached", "$0.40", "raise MonthlyCapUsd");
    assertThat(small.stack.bucket.keys().stream().filter(k -> k.startsWith("inputs/"))).hasSize(2);

    small.stack.clock.advance(Duration.ofDays(15)); // December
    small.form("b", "{}");
    assertThat(small.stack.table.tasks()).hasSize(2);
    assertThat(small.has("outputs/b/error.json")).isFalse();
  }

  @Test
  void uploaded_shouldKeepPinnedInputs_whenAnotherInvocationAcceptsWhileThisOneSeesTheCap() {
    var small = withSettings(Map.of("MONTHLY_CAP_USD", "0.40"));
    var other = small.stack.waiting();
    small.inputs("a");
    // this invocation is refused for the cap; before it can write so, room is made and another
    // accepts
    small.stack.faults.at(
        Moment.AFTER,
        "accept",
        () -> {
          small.stack.change(
              other.id(),
              t -> dev.understudy.core.task.Changes.cancelled(t, small.stack.clock.instant()));
          small.stack.desk.uploaded("incoming/a/task.json");
        });
    small.form("a", "{}");

    var task =
        small.stack.table.tasks().stream().filter(t -> t.order() != null).findFirst().orElseThrow();
    assertThat(small.stack.bucket.keys())
        .contains(there(task.character().key()), there(task.reference().key()));
    assertThat(small.has("outputs/a/error.json"))
        .as("the accepted order has no error letter")
        .isFalse();
  }

  @Test
  void uploaded_shouldTakeTheErrorLetterAway_whenTheLastGoodOrderIsUploadedAgain() {
    order("a", "{}");
    form("a", "{\"seed\":-1}");
    assertThat(has("outputs/a/error.json")).isTrue();

    form("a", "{}");

    assertThat(has("outputs/a/error.json")).isFalse();
    assertThat(stack.table.tasks()).hasSize(1);
  }

  @Test
  void uploaded_shouldNotLeaveAnOldUploadsErrorLetter_besideANewerOrderThatWasAccepted() {
    inputs("a");
    stack.faults.at(
        Moment.BEFORE,
        "put", // the error letter of the bad form
        () -> {
          stack.clock.advance(Duration.ofSeconds(1));
          stack.bucket.upload("incoming/a/task.json", "{}".getBytes(StandardCharsets.UTF_8));
          stack.desk.uploaded("incoming/a/task.json");
        });
    form("a", "{\"seed\":-1}");

    assertThat(only().status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(has("outputs/a/error.json")).isFalse();
  }

  // ---- dry run

  @Test
  void dryRun_shouldTellWhatWouldHappen_andOrderNothing() {
    order("a", "{\"dryRun\":true,\"seed\":3}");

    var letter = letter("a", "dryrun.json");
    assertThat(letter.path("ok").asBoolean()).isTrue();
    assertThat(letter.path("sentence").asText())
        .isEqualTo("This order would become take 1 and cost $0.40; nothing was ordered.");
    assertThat(letter.path("costUsd").asText()).isEqualTo("0.40");
    assertThat(letter.path("output").asText()).isEqualTo("outputs/a/reference__character.mp4");
    assertThat(letter.path("request").path("seed").asLong()).isEqualTo(3);
    assertThat(letter.path("reference").path("duration").isMissingNode()).isFalse();
    assertThat(letter.path("warnings")).isNotEmpty();
    assertThat(stack.table.tasks()).isEmpty();
    assertThat(stack.bucket.keys()).noneMatch(k -> k.startsWith("inputs/"));

    form("a", "{\"seed\":3}");
    assertThat(stack.table.tasks()).hasSize(1);
    form("a", "{\"dryRun\":true,\"seed\":3}");
    assertThat(letter("a", "dryrun.json").path("sentence").asText())
        .contains("the same as take 1", "cost nothing");
  }

  @Test
  void dryRun_shouldAnswerAtOnce_whenFilesAreMissingOrWrong() {
    form("a", "{\"dryRun\":true}");

    assertThat(letter("a", "dryrun.json").path("ok").asBoolean()).isFalse();
    assertThat(letter("a", "dryrun.json").path("issues")).hasSize(2);
    assertThat(has("outputs/a/error.json")).isFalse();
    form("a", "{\"dryRun\":true,\"seed\":-1}");
    assertThat(letter("a", "dryrun.json").path("error").asText()).contains("seed");
  }

  // ---- at once, and killed anywhere

  private OrderDeskTest readyToOrder() {
    var test = new OrderDeskTest();
    test.inputs("a");
    test.stack.clock.advance(Duration.ofSeconds(1));
    test.stack.bucket.upload("incoming/a/task.json", "{}".getBytes(StandardCharsets.UTF_8));
    test.stack.faults.reset();
    return test;
  }

  private List<String> calls() {
    var dry = readyToOrder();
    dry.stack.desk.uploaded("incoming/a/task.json");
    return dry.stack.faults.calls();
  }

  private Stream<DynamicTest> everywhere(java.util.function.BiConsumer<Moment, Integer> test) {
    var calls = calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> test.accept(moment, call))));
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldEndInOneTask_whereverItIsKilled() {
    return everywhere((moment, call) -> {
      var test = readyToOrder();
      test.stack.faults.crashAt(moment, call);
      assertThatThrownBy(() -> test.stack.desk.uploaded("incoming/a/task.json"))
          .isInstanceOf(Crash.class);
      test.stack.faults.reset();
      test.reconcile();
      test.assertOneOrder();
    });
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldEndInOneTask_whereverAServiceFails() {
    return everywhere((moment, call) -> {
      var test = readyToOrder();
      test.stack.faults.at(moment, call, dev.understudy.core.testing.Faults::unavailable);
      try {
        test.stack.desk.uploaded("incoming/a/task.json");
      } catch (dev.understudy.core.errors.Unavailable e) {
        test.stack.desk.uploaded("incoming/a/task.json"); // Lambda tries an event again
      }
      test.reconcile();
      test.assertOneOrder();
    });
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldEndInOneTask_whereverASecondEventComesIn() {
    return everywhere((moment, call) -> {
      var test = readyToOrder();
      test.stack.faults.at(moment, call, () -> test.stack.desk.uploaded("incoming/a/task.json"));
      test.stack.desk.uploaded("incoming/a/task.json");
      test.reconcile();
      test.assertOneOrder();
    });
  }

  /** Runs what reconcile runs for orders and announcements, for ten minutes. */
  private void reconcile() {
    for (int i = 0; i < 10; i++) {
      stack.clock.advance(Duration.ofMinutes(1));
      for (var order : stack.table.orders()) {
        var due = order.dueAt();
        if (due != null && !due.isAfter(stack.clock.instant())) {
          stack.desk.look(order.formKey());
        }
      }
      // a crash before the ORDER item exists loses the event: S3 delivers it again
      if (stack.table.orders().isEmpty()) {
        stack.desk.uploaded("incoming/a/task.json");
      }
      stack.admission.admit(10);
    }
  }

  private void assertOneOrder() {
    var task = only();
    assertThat(stack.table.money()).isEqualTo(new Change.Money(40, 0, 0));
    assertThat(stack.bucket.keys().stream().filter(k -> k.startsWith("inputs/")))
        .containsExactlyInAnyOrder(there(task.character().key()), there(task.reference().key()));
    var order = stack.table.orders().getFirst();
    assertThat(order.state()).isEqualTo(Order.State.ACCEPTED);
    assertThat(order.dueAt()).as("settled").isNull();
    assertThat(order.takes()).hasSize(1);
    assertThat(has("outputs/a/status.json")).isTrue();
    assertThat(has("outputs/a/error.json")).isFalse();
    assertThat(task.place()).isTrue();
    stack.table.assertCountersAreRight();
  }

  @Test
  void uploaded_shouldIgnoreWhatIsNoOrder() {
    for (var key :
        List.of(
            "incoming/task.json", "incoming/a/", "other/a/task.json", "incoming/a/task.json.bak")) {
      stack.bucket.upload(key, "{}".getBytes(StandardCharsets.UTF_8));
      stack.desk.uploaded(key);
    }
    assertThat(stack.table.orders()).isEmpty();
    assertThat(Arrays.asList(stack.bucket.keys().toArray())).hasSize(4);
  }
}
