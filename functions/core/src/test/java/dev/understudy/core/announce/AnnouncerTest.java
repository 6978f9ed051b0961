package dev.understudy.core.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AnnouncerTest {

  private static final String FORM = "incoming/a/task.json";
  private static final String PAGE = "outputs/a/status.json";

  private final TestStack stack = new TestStack();

  private Instant now() {
    return stack.clock.instant();
  }

  private void form(String json) {
    stack.clock.advance(Duration.ofSeconds(1));
    stack.bucket.upload(FORM, json.getBytes(StandardCharsets.UTF_8));
    stack.desk.uploaded(FORM);
  }

  private Task ordered() {
    stack.bucket.upload("incoming/a/character.png", Clips.png());
    stack.bucket.upload("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(4)));
    form("{}");
    return stack.table.tasks().getFirst();
  }

  private JsonNode page() throws IOException {
    return Json.MAPPER.readTree(stack.bucket.text(PAGE));
  }

  @Test
  void announce_shouldWriteThePageAndTheEvent_andSettleTheOutbox() throws IOException {
    var task = ordered();
    stack.change(task.id(), t -> Changes.returned(t, now(), "It was not started in time."));

    stack.announcer.announce(stack.task(task.id()));

    assertThat(stack.table.unannounced()).isZero();
    assertThat(page().path("takes").get(0).path("sentence").asText())
        .startsWith("It was not started in time.");
    assertThat(page().path("takes").get(0).path("updatedAt").asText()).isEqualTo(now().toString());
    var event = stack.events.getLast();
    assertThat(event.taskId()).isEqualTo(task.id());
    assertThat(event.version()).isEqualTo(stack.task(task.id()).version());
  }

  @Test
  void announce_shouldNotSettleALaterChange() {
    var task = stack.waiting();
    stack.faults.at(
        Moment.BEFORE,
        "announced",
        () -> stack.change(task.id(), t -> Changes.admitted(t, now(), stack.settings)));

    stack.announcer.announce(task);

    assertThat(stack.table.unannounced()).isEqualTo(1);
  }

  @Test
  void announce_shouldNeverFailItsCaller() {
    var task = stack.waiting();
    stack.faults.failAt(Moment.BEFORE, "publish");
    stack.announcer.announce(task);
    stack.faults.at(
        Moment.BEFORE,
        "publish",
        () -> {
          throw new IllegalArgumentException("a bug");
        });
    stack.announcer.announce(task);

    assertThat(stack.events).isEmpty();
    assertThat(stack.table.unannounced()).isEqualTo(1);
  }

  @Test
  void page_shouldNeverGoBack_whenTwoWriteItAtOnce() throws IOException {
    var task = ordered();
    // the slow writer has rendered an old state when the fast one writes the new one
    stack.faults.at(
        Moment.BEFORE,
        "putIfUnchanged",
        () -> {
          stack.change(task.id(), t -> Changes.returned(t, now(), "The newest."));
          stack.statusPage.write(FORM);
        });
    stack.change(task.id(), t -> Changes.returned(t, now(), "The older one."));
    stack.statusPage.write(FORM);

    assertThat(page().path("takes").get(0).path("sentence").asText()).startsWith("The newest.");
  }

  @Test
  void page_shouldNotBeWrittenAgain_whenNothingChanged() {
    ordered();
    stack.statusPage.write(FORM);
    stack.faults.reset();

    stack.statusPage.write(FORM);

    assertThat(stack.faults.calls()).doesNotContain("putIfUnchanged");
  }

  @Test
  void page_shouldGiveUp_whenItKeepsChanging() {
    ordered();
    againAndAgain(10);
    stack.bucket.put(PAGE, new byte[0], "text/plain");

    assertThatThrownBy(() -> stack.statusPage.write(FORM)).isInstanceOf(Unavailable.class);
  }

  /** Somebody else writes the page before each of the next so many writes. */
  private void againAndAgain(int times) {
    if (times > 0) {
      stack.faults.at(
          Moment.BEFORE,
          "putIfUnchanged",
          () -> {
            stack.bucket.put(PAGE, ("x" + times).getBytes(StandardCharsets.UTF_8), "text/plain");
            againAndAgain(times - 1);
          });
    }
  }

  @Test
  void page_shouldListTheNewest50Takes() throws IOException {
    ordered();
    for (int i = 1; i <= 55; i++) {
      form("{\"seed\":%d}".formatted(i));
    }

    var takes = page().path("takes");
    assertThat(takes).hasSize(50);
    assertThat(takes.get(0).path("take").asInt()).isEqualTo(56);
    assertThat(page().path("note").asText()).contains("To order another take");
  }

  @Test
  void page_shouldNotBeWritten_whereThereIsNoOrder() {
    stack.statusPage.write("incoming/none/task.json");
    assertThat(stack.bucket.keys()).isEmpty();
  }
}
