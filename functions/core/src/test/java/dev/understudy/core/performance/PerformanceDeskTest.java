package dev.understudy.core.performance;

import static dev.understudy.core.performance.Counter.HTTPS;
import static dev.understudy.core.performance.Counter.body;
import static dev.understudy.core.performance.Counter.id;
import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.replay.Repeats;
import dev.understudy.core.replay.Send;
import dev.understudy.core.request.CharacterType;
import dev.understudy.core.request.Issue;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import dev.understudy.core.testing.TestStack.Started;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PerformanceDeskTest {

  private static final String FOLDER = "0b54c4f9-93f0-4b3a-8b4f-2f1f6a2f8f11";
  private static final String HERO = "uploads/studio/" + FOLDER + "/my hero.png";
  private static final String SCENE = "uploads/studio/" + FOLDER + "/scene.4.mp4";
  private static final String IN_BUCKET =
      body("image", "s3://our-bucket/" + HERO, "s3://our-bucket/" + SCENE);
  private static final byte[] FOUR_SECONDS = Clips.mp4(Duration.ofSeconds(4));

  private final TestStack stack = new TestStack(Map.of("MAX_IN_FLIGHT", "2"));
  private final Counter counter = new Counter(stack);

  private void uploads() {
    stack.bucket.upload(HERO, Clips.png());
    stack.bucket.upload(SCENE, FOUR_SECONDS);
  }

  private Task accepted(String body) {
    return counter.accepted(counter.send(body));
  }

  private List<Issue> issues(String body) {
    var ordered = counter.send(body);
    assertThat(ordered).isInstanceOf(Ordered.Unusable.class);
    assertThat(stack.table.tasks()).isEmpty();
    return ((Ordered.Unusable) ordered).issues();
  }

  private static String data(byte[] content) {
    return "data:application/octet-stream;base64," + Base64.getEncoder().encodeToString(content);
  }

  // acceptance

  @Test
  void order_shouldTakeThreeCallsOfTheTable_andStartAtOnce_whenAPlaceIsFree() {
    var task = counter.accepted(counter.send("studio", HTTPS, null, 0));

    assertThat(stack.faults.calls()).startsWith("opening", "places", "accept", "start");
    assertThat(stack.faults.calls().subList(0, 4)).hasSize(4);
    assertThat(task.place()).isTrue();
    assertThat(task.generation()).isEqualTo(1);
    assertThat(task.version()).isEqualTo(1);
    assertThat(task.dueAt()).isEqualTo(stack.clock.instant().plus(stack.settings.dueGrace()));
    assertThat(stack.table.history(task.id())).hasSize(1);
    assertThat(stack.started).containsExactly(new Started(task.id(), 1));
    assertThat(stack.table.unannounced()).isEqualTo(1);
    assertThat(stack.table.money("studio", "2026-11").reserved()).isEqualTo(40);
    stack.table.assertCountersAreRight();
  }

  @Test
  void order_shouldKeepTheAddressesApart_andNameTheVideoByItsRoles() {
    var task = accepted(HTTPS);

    assertThat(there(task.callerUris()).character()).isEqualTo("https://example.com/hero.png");
    assertThat(there(task.callerUris()).reference()).isEqualTo("https://example.com/scene.mp4");
    assertThat(task.character().key()).isNull();
    assertThat(task.tenant()).isEqualTo("studio");
    assertThat(task.order()).isNull();
    assertThat(task.deliverTo())
        .isEqualTo("outputs/api/studio/" + task.id() + "/reference__character.mp4");
    assertThat(task.request().bodyControl()).isTrue();
  }

  @Test
  void order_shouldPinFilesOfTheBucket_underTheTasksOwnKeys() {
    uploads();
    var task = accepted(IN_BUCKET);

    assertThat(task.character().key())
        .matches("inputs/" + task.id() + "/character-[0-9a-f]{8}\\.png");
    assertThat(task.reference().key())
        .matches("inputs/" + task.id() + "/reference-[0-9a-f]{8}\\.mp4");
    assertThat(counter.pinned())
        .containsExactlyInAnyOrder(task.character().key(), task.reference().key());
    assertThat(task.callerUris()).isNull();
    assertThat(task.deliverTo())
        .isEqualTo("outputs/api/studio/" + task.id() + "/scene-4__my-hero.mp4");
    assertThat(task.character().name()).isEqualTo("my hero.png");
  }

  @Test
  void order_shouldPinDataByItsContent_whateverTypeIsDeclared() {
    var task = accepted(body("video", data(FOUR_SECONDS), data(FOUR_SECONDS)));

    assertThat(there(task.character().key())).endsWith(".mp4");
    assertThat(stack.bucket.head(there(task.character().key())).orElseThrow().contentType())
        .isEqualTo("video/mp4");
    assertThat(task.request().characterType()).isEqualTo(CharacterType.VIDEO);
    assertThat(task.request().bodyControl()).isFalse();
    assertThat(task.character().name()).isEqualTo("character");
  }

  @Test
  void order_shouldTakeAnUploadOfTheApi() {
    stack.bucket.upload("uploads/studio/" + FOLDER + "/hero.png", Clips.png());
    var task =
        accepted(
            body("image", "runway://" + FOLDER + "/hero.png", "https://example.com/scene.mp4"));
    assertThat(task.character().facts()).isNotNull();
    assertThat(there(task.callerUris()).character()).isNull();
  }

  @Test
  void order_shouldKeepEveryParameter() {
    var task =
        accepted(
            HTTPS.replace(
                "\"model\":\"act_two\",",
                """
                "model":"act_two","ratio":"960:960","bodyControl":false,"expressionIntensity":5,"seed":11,
                "contentModeration":{"publicFigureThreshold":"low"},"tags":["a","b"],\
                """));
    assertThat(task.request().seed()).isEqualTo(11);
    assertThat(task.request().expressionIntensity()).isEqualTo(5);
    assertThat(task.request().ratio().wire()).isEqualTo("960:960");
    assertThat(task.request().publicFigureThreshold().wire()).isEqualTo("low");
    assertThat(task.tags()).containsExactly("a", "b");
  }

  @Test
  void order_shouldBeAccepted_evenIfItsExecutionCannotBeStarted() {
    stack.faults.failAt(Moment.BEFORE, "start");
    assertThat(accepted(HTTPS).place()).isTrue();
    stack.faults.at(
        Moment.BEFORE,
        "start",
        () -> {
          throw new IllegalStateException("a bug");
        });
    assertThat(accepted(HTTPS).place()).isTrue();
    assertThat(stack.started).isEmpty();
  }

  @Test
  void order_shouldWait_whenAllPlacesAreTaken() {
    accepted(HTTPS);
    accepted(HTTPS);
    stack.faults.reset();
    var task = accepted(HTTPS);
    assertThat(task.waiting()).isTrue();
    assertThat(task.generation()).isZero();
    assertThat(stack.faults.calls()).startsWith("opening", "places", "write task").hasSize(4);
    stack.table.assertCountersAreRight();
  }

  @Test
  void order_shouldWait_whenTheLastPlaceIsTakenInBetween() {
    stack.admitted();
    stack.faults.at(Moment.AFTER, "places", stack::admitted);
    var task = accepted(HTTPS);
    assertThat(task.waiting()).isTrue();
    assertThat(task.version()).isEqualTo(1);
    assertThat(stack.table.history(task.id())).hasSize(1);
    stack.table.assertCountersAreRight();
  }

  @Test
  void order_shouldWait_whenTheTenantsOwnPlacesAreTaken() {
    stack.table.limit("studio", 1);
    accepted(HTTPS);
    assertThat(accepted(HTTPS).waiting()).isTrue();
    assertThat(counter.accepted(counter.send("other", HTTPS, null, null)).place()).isTrue();
  }

  @Test
  void order_shouldWait_whenTheStackIsPausedOrTheProviderBusy() {
    stack.control(c -> c.pausedByPerson(stack.clock.instant(), "a person", "a test"));
    assertThat(accepted(HTTPS).waiting()).isTrue();
    stack.control(c -> Control.running().busy(stack.clock.instant(), Duration.ofMinutes(1)));
    assertThat(accepted(HTTPS).waiting()).isTrue();
    assertThat(stack.started).isEmpty();
  }

  @Test
  void order_shouldNotJumpTheQueue_andAdmitWhoeverIsNext() {
    var waiting = stack.waiting("other");
    var task = accepted(HTTPS);
    assertThat(stack.started).extracting(Started::id).containsExactly(waiting.id(), task.id());
    assertThat(stack.table.history(task.id())).hasSize(2);
    stack.table.assertCountersAreRight();
  }

  // money

  @Test
  void order_shouldRefuse_overTheStacksCap_withTheFigures_andLeaveNothing() {
    var poor = new Counter(new TestStack(Map.of("MONTHLY_CAP_USD", "0.79")));
    poor.stack.bucket.upload(HERO, Clips.png());
    poor.stack.bucket.upload(SCENE, FOUR_SECONDS);
    poor.accepted(poor.send(HTTPS));
    assertThat(poor.send(IN_BUCKET))
        .isInstanceOfSatisfying(
            Ordered.OverCap.class,
            over ->
                assertThat(over.sentence())
                    .contains("$0.79", "$0.40 of it", "cost $0.40", "MonthlyCapUsd"));
    assertThat(poor.stack.table.tasks()).hasSize(1);
    assertThat(poor.pinned()).isEmpty();
  }

  @Test
  void order_shouldRefuse_overTheTenantsOwnCap() {
    stack.table.cap("studio", 100);
    accepted(HTTPS);
    accepted(HTTPS);
    assertThat(counter.send(HTTPS))
        .isInstanceOfSatisfying(
            Ordered.OverCap.class,
            over -> assertThat(over.sentence()).contains("$1.00", "$0.80", "this tenant"));
    assertThat(counter.send("other", HTTPS, null, null)).isInstanceOf(Ordered.Accepted.class);
  }

  @Test
  void order_shouldRepeat_evenAtTheCap_andEvenIfItsFilesAreGone() {
    uploads();
    stack.table.cap("studio", 40);
    var first = counter.send("studio", IN_BUCKET, null, 0);
    stack.bucket.delete(HERO);
    var again = counter.send("studio", IN_BUCKET, null, 1);
    assertThat(again).isInstanceOf(Ordered.Replayed.class);
    assertThat(id(again)).isEqualTo(id(first));
  }

  // inputs that cannot be used

  @Test
  void order_shouldNameBothInputs_whenNeitherIsThere() {
    assertThat(issues(IN_BUCKET))
        .extracting(Issue::path)
        .containsExactly(List.of("character", "uri"), List.of("reference", "uri"));
  }

  @Test
  void order_shouldSayTheSame_ofWhatIsNotThere_andOfWhatIsAnothers() {
    stack.bucket.upload("uploads/other/" + FOLDER + "/hero.png", Clips.png());
    stack.bucket.upload("inputs/x/character-0.png", Clips.png());
    stack.bucket.upload("incoming/a/character.png", Clips.png());
    for (var uri :
        List.of(
            "s3://our-bucket/uploads/studio/none.png",
            "s3://our-bucket/uploads/other/" + FOLDER + "/hero.png",
            "s3://our-bucket/inputs/x/character-0.png",
            "s3://our-bucket/incoming/a/character.png",
            "s3://our-bucket/uploads/studio/../other/" + FOLDER + "/hero.png",
            "s3://their-bucket/hero.png",
            "runway://" + FOLDER + "/hero.png")) {
      assertThat(issues(body("image", uri, "https://example.com/scene.mp4")))
          .as(uri)
          .singleElement()
          .satisfies(issue ->
              assertThat(issue.message())
                  .startsWith("character.uri names no file that is there for you"));
    }
  }

  @Test
  void order_shouldCompareTheDeclaredTypeWithTheContent() {
    uploads();
    assertThat(issues(body("image", "s3://our-bucket/" + SCENE, "https://example.com/s.mp4")))
        .singleElement()
        .satisfies(issue -> {
          assertThat(issue.path()).containsExactly("character", "uri");
          assertThat(issue.message()).contains("has to be an image here", "an MP4");
        });
    assertThat(issues(body("video", data(Clips.png()), "https://example.com/s.mp4")))
        .singleElement()
        .satisfies(issue -> assertThat(issue.message()).contains("has to be a video here"));
    assertThat(issues(body("image", data(Clips.png()), data(Clips.png()))))
        .singleElement()
        .satisfies(issue -> assertThat(issue.path()).containsExactly("reference", "uri"));
  }

  @Test
  void order_shouldNameTheLimit_andTheLineThatMendsIt() {
    assertThat(issues(body("image", data(Clips.gif()), data(Clips.mp4(Duration.ofSeconds(90))))))
        .hasSize(2)
        .allSatisfy(issue -> assertThat(issue.message()).contains("ffmpeg"))
        .anySatisfy(issue -> assertThat(issue.message()).contains("is a GIF"))
        .anySatisfy(issue -> assertThat(issue.message()).contains("references of 3 to 30 s"));
    assertThat(issues(body("image", "data:;base64,", "https://example.com/s.mp4")))
        .singleElement()
        .satisfies(issue -> assertThat(issue.message()).contains("is empty"));
    assertThat(counter.pinned()).isEmpty();
  }

  @Test
  void order_shouldSayThatAFileWasReplaced_whenItWasSoBeforeItsCopy() {
    uploads();
    stack.faults.at(
        Moment.BEFORE, "copy", () -> stack.bucket.upload(HERO, Clips.mp4(Duration.ofSeconds(5))));
    assertThat(issues(IN_BUCKET))
        .singleElement()
        .satisfies(issue -> assertThat(issue.message()).contains("was replaced"));
  }

  // the body

  @Test
  void read_shouldNameAllIssuesAtOnce() {
    assertThat(Counter.read("{}"))
        .isInstanceOfSatisfying(
            PerformanceOrder.Read.Wrong.class,
            wrong ->
                assertThat(wrong.issues())
                    .extracting(Issue::where)
                    .containsExactly("model", "character", "reference"));
    assertThat(
            Counter.read(
                """
                {"model":"gen4","character":{"type":"gif","uri":"","size":1},"reference":{"type":"image"},
                 "ratio":"1:1","tags":["a",""],"seed":-1,"foo":1,"promptText":null}\
                """))
        .isInstanceOfSatisfying(
            PerformanceOrder.Read.Wrong.class,
            wrong ->
                assertThat(wrong.issues())
                    .extracting(Issue::where)
                    .containsExactlyInAnyOrder(
                        "character.size",
                        "character.type",
                        "character.uri",
                        "reference.type",
                        "reference.uri",
                        "tags.1",
                        "foo",
                        "promptText",
                        "ratio",
                        "seed",
                        "model"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "\"https://example.com/hero.png\"", "7"})
  void read_shouldRefuseAnInputThatIsNoObject(String character) {
    assertThat(
            Counter.read(
                HTTPS.replaceFirst("\\{\"type\":\"image\"[^}]*}", character.replace("$", ""))))
        .isInstanceOfSatisfying(
            PerformanceOrder.Read.Wrong.class,
            wrong ->
                assertThat(wrong.issues()).extracting(Issue::where).containsExactly("character"));
  }

  @Test
  void toString_shouldShowNoAddress() {
    assertThat(Counter.order(HTTPS).toString() + Counter.order(HTTPS).character())
        .doesNotContain("example.com");
  }

  // repeats

  @Test
  void order_shouldBeOne_howeverTheSameBodyIsWritten() {
    var one = counter.send("studio", HTTPS, null, 0);
    var other =
        counter.send(
            "studio",
            """
            {"reference":{"uri":"https://example.com/scene.mp4","type":"video"},
             "character":{"uri":"https://example.com/hero.png","type":"image"},"model":"act_two"}\
            """,
            null,
            1);
    assertThat(id(other)).isEqualTo(id(one));
  }

  @Test
  void order_shouldBeAnother_whenATagDiffers() {
    var one = counter.send("studio", HTTPS, null, 0);
    var other =
        counter.send("studio", HTTPS.replace("{\"model\"", "{\"tags\":[\"b\"],\"model\""), null, 1);
    assertThat(other).isInstanceOf(Ordered.Accepted.class);
    assertThat(id(other)).isNotEqualTo(id(one));
  }

  @Test
  void order_shouldBeNoRepeat_ofAnotherTenantsKeyOrBody() {
    var ours = counter.send("studio", HTTPS, "key", 0);
    assertThat(counter.send("other", HTTPS, "key", 0)).isInstanceOf(Ordered.Accepted.class);
    assertThat(id(counter.send("studio", HTTPS, "key", 1))).isEqualTo(id(ours));
    counter.send("studio", HTTPS, null, 0);
    assertThat(counter.send("other", HTTPS, null, 1)).isInstanceOf(Ordered.Accepted.class);
  }

  @Test
  void order_shouldRefuse_whenTheKeyCameWithAnotherBody() {
    counter.send("studio", HTTPS, "key", null);
    assertThat(counter.send("studio", HTTPS.replace("hero", "villain"), "key", null))
        .isInstanceOfSatisfying(
            Ordered.Conflict.class,
            conflict -> assertThat(conflict.sentence()).contains("Idempotency-Key"));
  }

  @Test
  void order_shouldBeItsOwnKey_whenItNamesASeed_unlessAFreshKeyComes() {
    var body = HTTPS.replace("{\"model\"", "{\"seed\":7,\"model\"");
    var first = counter.send("studio", body, null, null);
    assertThat(id(counter.send("studio", body, null, 0))).isEqualTo(id(first));
    assertThat(counter.send("studio", body, "fresh", 0)).isInstanceOf(Ordered.Accepted.class);
  }

  @Test
  void order_shouldRemember_onlyWhatCanBeToldApart() {
    assertThat(id(counter.send(HTTPS))).isNotEqualTo(id(counter.send(HTTPS)));
    assertThat(stack.faults.calls()).doesNotContain("accept");
  }

  @Test
  void order_shouldSayThatTooManyCame_ratherThanMixThemUp() {
    var rich = new Counter(new TestStack(Map.of("MONTHLY_CAP_USD", "1000")));
    for (int i = 0; i < Repeats.MOST; i++) {
      rich.send("studio", HTTPS, null, 0);
    }
    assertThat(rich.send("studio", HTTPS, null, 0)).isInstanceOf(Ordered.Conflict.class);
    assertThat(rich.stack.table.tasks()).hasSize(Repeats.MOST);
  }

  @ParameterizedTest
  @CsvSource({"opening", "places", "accept"})
  void order_shouldBeOne_whenAnotherSendComesInBetween(String call) {
    uploads();
    stack.faults.at(Moment.BEFORE, call, () -> counter.send("studio", IN_BUCKET, null, 1));
    var late = counter.send("studio", IN_BUCKET, null, 0);
    assertThat(late).isInstanceOf(Ordered.Replayed.class);
    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(counter.pinned()).hasSize(2);
  }

  @Test
  void order_shouldBeFoundByTheRetry_whenItsOwnAnswerWasLost() {
    stack.faults.at(Moment.AFTER, "accept", Faults::unavailable);
    assertThatThrownBy(() -> counter.send("studio", HTTPS, null, 0))
        .isInstanceOf(Unavailable.class);
    assertThat(counter.send("studio", HTTPS, null, 1)).isInstanceOf(Ordered.Replayed.class);
    assertThat(stack.table.tasks()).hasSize(1);
  }

  // preview

  private Ordered preview(String body, int count) {
    var order = Counter.order(body);
    return counter.desk.preview(
        "studio", order, Send.of("studio", order.canonical(), false, null, count));
  }

  @Test
  void preview_shouldSayWhatWouldHappen_andStoreNothing() {
    assertThat(preview(HTTPS, 0)).isInstanceOf(Ordered.WouldStart.class);
    assertThat(preview(IN_BUCKET, 0)).isInstanceOf(Ordered.Unusable.class);
    uploads();
    assertThat(preview(IN_BUCKET, 0))
        .isInstanceOfSatisfying(
            Ordered.WouldStart.class,
            would -> {
              assertThat(would.sentence()).contains("$0.40");
              assertThat(would.warnings()).anyMatch(w -> w.contains("my hero.png"));
            });
    assertThat(stack.table.tasks()).isEmpty();
    assertThat(counter.pinned()).isEmpty();

    var stored = counter.send("studio", HTTPS, null, 0);
    assertThat(preview(HTTPS, 1))
        .isInstanceOfSatisfying(
            Ordered.WouldReplay.class,
            would -> assertThat(would.task().id()).isEqualTo(id(stored)));
    assertThat(preview(HTTPS, 0)).isInstanceOf(Ordered.WouldStart.class);
    counter.send("studio", HTTPS, null, 0);
    assertThat(preview(HTTPS, 0))
        .isInstanceOfSatisfying(
            Ordered.WouldWait.class,
            would -> assertThat(would.sentence()).contains("all places at the provider"));
    stack.table.cap("studio", 100);
    assertThat(preview(HTTPS, 0)).isInstanceOf(Ordered.OverCap.class);
    assertThat(stack.table.tasks()).hasSize(2).allMatch(t -> t.status() == TaskStatus.QUEUED);
  }

  @Test
  void preview_shouldSayThatOthersAreBeforeIt() {
    stack.waiting("other");
    assertThat(preview(HTTPS, 0))
        .isInstanceOfSatisfying(
            Ordered.WouldWait.class, would -> assertThat(would.sentence()).contains("others wait"));
  }

  @Test
  void deliverTo_shouldBeAPlainKey_whateverTheFilesAreCalled() {
    var name = "ä %41 " + "x".repeat(300);
    assertThat(FileStem.of("scene 4.final.mp4", "reference")).isEqualTo("scene-4-final");
    assertThat(FileStem.of("動画.mp4", "reference")).isEqualTo("reference");
    assertThat(FileStem.of(name, "reference")).hasSize(100).matches("[A-Za-z0-9_-]+");
    assertThat(FileStem.of(".mp4", "reference")).isEqualTo("-mp4");
    assertThat(FileStem.of("reference", "reference")).isEqualTo("reference");
    var waiting = stack.waiting();
    assertThat(Changes.acceptedWithPlace(waiting, stack.clock.instant(), stack.settings).version())
        .isEqualTo(waiting.version());
  }
}
