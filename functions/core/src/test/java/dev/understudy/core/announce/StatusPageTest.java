package dev.understudy.core.announce;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.stack.Control;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.TestStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatusPageTest {

  private static final String FORM = "incoming/a/task.json";

  private final TestStack stack = new TestStack(Map.of("MONTHLY_CAP_USD", "1000"));

  private JsonNode page() throws IOException {
    return Json.MAPPER.readTree(stack.bucket.text("outputs/a/status.json"));
  }

  private void order(int seed) {
    stack.clock.advance(Duration.ofSeconds(1));
    stack.bucket.upload(FORM, "{\"seed\":%d}".formatted(seed).getBytes(StandardCharsets.UTF_8));
    stack.desk.uploaded(FORM);
  }

  private void inputs() {
    stack.bucket.upload("incoming/a/character.png", Clips.png());
    stack.bucket.upload("incoming/a/reference.mp4", Clips.mp4(Duration.ofSeconds(4)));
  }

  @Test
  void write_shouldGiveEveryTakeItsEightFields_andTheFolderItsNote() throws IOException {
    inputs();
    order(1);

    assertThat(page().fieldNames()).toIterable().containsExactly("takes", "note");
    var take = page().path("takes").get(0);
    assertThat(take.fieldNames())
        .toIterable()
        .containsExactly(
            "take", "taskId", "status", "stalled", "sentence", "output", "charged", "updatedAt");
    var task = stack.table.tasks().getFirst();
    assertThat(take.path("take").isInt()).isTrue();
    assertThat(take.path("taskId").asText()).isEqualTo(task.id());
    assertThat(take.path("status").asText()).isEqualTo("QUEUED");
    assertThat(take.path("stalled").isBoolean()).isTrue();
    assertThat(take.path("sentence").asText()).isEqualTo(task.sentence());
    assertThat(take.path("output").isNull()).as("there is no video yet").isTrue();
    assertThat(take.path("charged").asText()).isEqualTo("no");
    assertThat(take.path("updatedAt").asText()).isEqualTo(task.updatedAt().toString());
  }

  @Test
  void write_shouldListTheNewestFirst_andFiftyAtTheMost() throws IOException {
    stack.control(c ->
        c.pausedByPerson(
            stack.clock.instant(), "token 1a2b3c4d of default", "A test wants it so."));
    inputs();
    IntStream.rangeClosed(1, 53).forEach(this::order);

    var takes = new ArrayList<Integer>();
    page().path("takes").forEach(t -> takes.add(t.path("take").asInt()));
    assertThat(takes)
        .containsExactlyElementsOf(IntStream.rangeClosed(4, 53).map(i -> 57 - i).boxed().toList());
  }

  @Test
  void write_shouldSayWhatAnOrderWaitsFor_beforeItsFirstTake() throws IOException {
    order(1);

    assertThat(page().path("takes").isEmpty()).isTrue();
    assertThat(page().path("note").asText())
        .isEqualTo(
            "The order waits for its files: The folder has no file named character.*: upload one, or"
                + " name the file to use in task.json, such as {\"character\": \"my-file.mp4\"}. The"
                + " folder has no file named reference.*: upload one, or name the file to use in"
                + " task.json, such as {\"reference\": \"my-file.mp4\"}.");
  }

  @Test
  void write_shouldWriteNothing_whenThereIsNoOrder() {
    stack.statusPage.write(FORM);

    assertThat(stack.bucket.keys()).isEmpty();
    assertThat(stack.table.control()).isEqualTo(Control.running());
  }
}
