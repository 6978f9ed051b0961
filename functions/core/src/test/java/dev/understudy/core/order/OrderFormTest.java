package dev.understudy.core.order;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.order.OrderForm.InputName;
import dev.understudy.core.request.Issue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrderFormTest {

  private static OrderForm.Read read(String json) {
    return OrderForm.read(json.getBytes(StandardCharsets.UTF_8), "scene 4");
  }

  private static OrderForm good(String json) {
    return switch (read(json)) {
      case OrderForm.Read.Form form -> form.form();
      case OrderForm.Read.Wrong wrong -> throw new AssertionError(wrong);
    };
  }

  private static List<String> bad(String json) {
    return switch (read(json)) {
      case OrderForm.Read.Form form -> throw new AssertionError(form);
      case OrderForm.Read.Wrong wrong -> wrong.issues().stream().map(Issue::message).toList();
    };
  }

  @Test
  void read_shouldLeaveAllToTheDefaults_whenNothingIsSet() {
    var form = good("{}");

    assertThat(form.character()).isNull();
    assertThat(form.reference()).isNull();
    assertThat(form.output()).isNull();
    assertThat(form.tags()).isEmpty();
    assertThat(form.dryRun()).isFalse();
    assertThat(form.request().seed()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "hero.png,incoming/scene 4/hero.png,true",
    "cast/hero.png,incoming/scene 4/cast/hero.png,true",
    "incoming/scene 4/hero.png,incoming/scene 4/hero.png,true",
    "incoming/cast/hero.png,incoming/cast/hero.png,false",
    "incoming/scene 40/hero.png,incoming/scene 40/hero.png,false"
  })
  void read_shouldFindTheKey_ofANamedFile(String name, String key, boolean mayCome) {
    assertThat(good("{\"character\":\"%s\"}".formatted(name)).character())
        .isEqualTo(new InputName.Key(key, mayCome));
    assertThat(good("{\"character\":{\"uri\":\"%s\"}}".formatted(name)).character())
        .isEqualTo(new InputName.Key(key, mayCome));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../hero.png",
        "./hero.png",
        "a//hero.png",
        "/hero.png",
        "cast/",
        "incoming/",
        "a\\u0000b"
      })
  void read_shouldRefuseAName_thatLeavesTheFolder(String name) {
    assertThat(bad("{\"reference\":\"%s\"}".formatted(name)))
        .containsExactly(
            "reference must name a file in this folder or below incoming/, without '.' or '..'.");
  }

  @Test
  void read_shouldRefuseAName_thatNoKeyCanHold() {
    assertThat(bad("{\"reference\":\"%s.mp4\"}".formatted("ü".repeat(510))))
        .containsExactly("reference is longer than the 1,024 bytes that a key in S3 can have.");
  }

  @Test
  void read_shouldKnowAnAddressesKind_byItsEndingOrItsType() {
    assertThat(good("{\"character\":\"https://example.com/a.MOV?x=1\"}").character())
        .isEqualTo(new InputName.Address("https://example.com/a.MOV?x=1", true));
    assertThat(
            good("{\"character\":{\"type\":\"image\",\"uri\":\"https://example.com/a\"}}")
                .character())
        .isEqualTo(new InputName.Address("https://example.com/a", false));
  }

  @Test
  void read_shouldNeverShowAnAddress() {
    var secret = "https://example.com/SECRET?token=SECRET";
    assertThat(there(good("{\"reference\":\"%s\"}".formatted(secret)).reference()).toString())
        .doesNotContain("SECRET");
    assertThat(bad("{\"character\":\"%s\"}".formatted(secret)).toString()).doesNotContain("SECRET");
    assertThat(
            bad("{\"reference\":{\"type\":\"gif\",\"uri\":\"%s\"}}".formatted(secret)).toString())
        .doesNotContain("SECRET");
    assertThat(bad("{\"reference\":\"http://example.com/SECRET\"}").toString())
        .doesNotContain("SECRET");
    assertThat(bad("{\"reference\":\"https://example.com/a b?SECRET\"}").toString())
        .doesNotContain("SECRET");
  }

  @ParameterizedTest
  @CsvSource({
    "final,final",
    "final.mp4,final",
    "final.MP4,final",
    "' final ',final",
    "v1.2,v1.2",
    "Ünïcödé,Ünïcödé",
    "final.mov,final.mov"
  })
  void read_shouldTakeTheVideosName_withoutItsEnding(String given, String name) {
    assertThat(good("{\"output\":\"%s\"}".formatted(given)).output()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", ".mp4", "a/b", ".", "..", "a\\nb", "status", "error.mp4", "dryrun"})
  void read_shouldRefuseAVideosName(String given) {
    assertThat(bad("{\"output\":\"%s\"}".formatted(given)))
        .singleElement()
        .asString()
        .startsWith("output ");
  }

  @Test
  void read_shouldGiveTheSameContent_whateverItsWhiteSpaceAndOrder_andWhetherItIsDry() {
    assertThat(
            good("{\"seed\":1,\"tags\":[\"a\"],\"contentModeration\":{\"publicFigureThreshold\":\"low\"}}")
                .canonical())
        .isEqualTo(
            good("\uFEFF{ \"contentModeration\" : {\"publicFigureThreshold\":\"low\"},\n\"tags\":[ \"a\" ],\"dryRun\":true,\"seed\":1 }")
                .canonical());
    assertThat(good("{\"seed\":1}").canonical()).isNotEqualTo(good("{\"seed\":2}").canonical());
    assertThat(good("{\"tags\":[\"a\",\"b\"]}").canonical())
        .isNotEqualTo(good("{\"tags\":[\"b\",\"a\"]}").canonical());
  }

  @Test
  void read_shouldTakeAFormOf64KB_andNoByteMore() {
    var spaces = " ".repeat(OrderForm.LONGEST - 2);
    assertThat(read("{" + spaces + "}")).isInstanceOf(OrderForm.Read.Form.class);
    assertThat(bad("{" + spaces + " }")).singleElement().asString().contains("larger than 64 KB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e400", "-1e400", "0.5", "99999999999999999999", "1e999999999"})
  void read_shouldRefuseANumber_thatIsNoSeed(String seed) {
    assertThat(bad("{\"seed\":%s}".formatted(seed))).singleElement().asString().contains("seed");
  }

  @Test
  void read_shouldCutALongValue_inItsSentence() {
    assertThat(bad("{\"dryRun\":\"%s\"}".formatted("x".repeat(5000))))
        .singleElement()
        .satisfies(
            s -> assertThat(s).startsWith("dryRun must be true or false").hasSizeLessThan(150));
    assertThat(bad("{\"tags\":[\"%s\"]}".formatted("x".repeat(65))))
        .singleElement()
        .satisfies(s ->
            assertThat(s)
                .startsWith("A tag must be text of 1 to 64 characters")
                .hasSizeLessThan(150));
  }

  @Test
  void read_shouldRememberThatItIsDry_whenItIsWrong() {
    assertThat(read("{\"dryRun\":true,\"seed\":-1}"))
        .isInstanceOfSatisfying(OrderForm.Read.Wrong.class, w -> assertThat(w.dryRun()).isTrue());
  }

  @Test
  void read_shouldTakeWholeNumbers_thatAreWrittenWithADecimalPoint() {
    assertThat(there(good("{\"seed\":7.0}").request().seed())).isEqualTo(7);
  }
}
