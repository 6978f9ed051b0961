package dev.understudy.adapters.dynamodb;

import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaFormat;
import dev.understudy.core.order.Order;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.request.CharacterType;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.request.PublicFigureThreshold;
import dev.understudy.core.request.Ratio;
import dev.understudy.core.settings.Setting;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.CallerUris;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.OrderRef;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Refusal;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tasks and orders for the tests of this package. */
final class Samples {

  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final String FORM = "incoming/scene 1/task.json";

  static final PerformanceRequest REQUEST =
      new PerformanceRequest(
          CharacterType.IMAGE,
          true,
          3,
          Ratio.LANDSCAPE_1280_720,
          4_294_967_295L,
          PublicFigureThreshold.AUTO,
          PerformanceRequest.ACT_TWO);

  private static final MediaFacts PICTURE =
      new MediaFacts(MediaFormat.PNG, 1_000, 1280, 720, 0, null, null, null);
  private static final MediaFacts MOVIE =
      new MediaFacts(
          MediaFormat.MP4, 3_000_000_000L, 720, 1280, 90, 23.976, Duration.ofMillis(5_005), true);

  private Samples() {}

  /** Settings with the names of {@link Setting} and text values, in pairs. */
  static Settings settings(Map<Setting, String> values) {
    return Settings.from(variable ->
        values.entrySet().stream()
            .filter(e -> e.getKey().variable().equals(variable))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(null));
  }

  static Task accepted(String id) {
    return accepted(id, "default", NOW);
  }

  static Task accepted(String id, String tenant, Instant at) {
    return Task.accepted(
        id,
        tenant,
        at,
        40,
        REQUEST,
        new Input("inputs/" + id + "/character.png", "hero.png", null),
        new Input("inputs/" + id + "/reference.mp4", "take 1.mp4", null),
        null,
        null,
        "outputs/scene 1/take 1__hero.mp4",
        List.of(),
        List.of());
  }

  /** The task as it is stored after its first write. */
  static Task waiting(String id) {
    return Change.create(accepted(id), "w-create").after();
  }

  static Task admitted(String id, Settings settings) {
    return Changes.admitted(waiting(id), NOW, settings);
  }

  static Task submitting(String id, Settings settings) {
    return Changes.submitting(admitted(id, settings), NOW, "owner", settings);
  }

  static Task submitted(String id, Settings settings) {
    return Changes.idRecorded(submitting(id, settings), 1, "rw-1", NOW, true, settings)
        .orElseThrow();
  }

  /** A task in which nothing is left out: every attribute there is, and no value a default. */
  static Task whole() {
    return new Task(
        "0193-whole",
        "studio",
        NOW.minusMillis(1),
        NOW.plusMillis(120),
        TaskStatus.PERSISTING,
        2,
        3,
        14,
        15,
        "w-15",
        true,
        NOW.plusSeconds(1),
        NOW.plusSeconds(2),
        REQUEST,
        new Input("inputs/0193-whole/character.png", "Ä hero.png", PICTURE),
        new Input(null, "take 1.mp4", null),
        new CallerUris("https://example.com/c.png", "https://example.com/r.mp4"),
        new OrderRef(FORM, "scene 1", 2),
        "outputs/scene 1/take 1__hero__t2.mp4",
        List.of(
            new Attempt(1, Charge.RETURNED, 40, "2026-02", "o-1", NOW, null, null, "refused"),
            new Attempt(2, Charge.CHARGED, 40, "2026-03", "o-2", NOW, "rw-2", null, "accepted")),
        "rw-2",
        NOW.plusSeconds(3),
        "RUNNING",
        0.5,
        NOW.plusSeconds(9),
        NOW.plusSeconds(10),
        7,
        NOW.plusSeconds(4),
        NOW.plusSeconds(5),
        NOW.plusSeconds(6),
        2,
        new Stall(Stall.Reason.NOT_DELIVERED, "The bucket refuses it.", NOW, 4),
        1,
        5,
        new Refusal(NOW, 3, NOW.plusSeconds(7), "Out of credits."),
        new Failure("CODE", "Why."),
        new Output("outputs/scene 1/take 1__hero__t2.mp4", 5_000_000_000L, "ab12", MOVIE),
        List.of("The character is small."),
        List.of("scene=1", ""),
        NOW.plusSeconds(8),
        "It is copied.",
        "It lands in the bucket.");
  }

  /** What is remembered of two sends that made two tasks. */
  static Replay replay(long rev) {
    return new Replay(
        "studio#ab12",
        "cd34",
        List.of(new Replay.Made("t-0", NOW, 3), new Replay.Made("t-1", NOW.plusMillis(500), 1)),
        NOW.plusMillis(300_500),
        rev);
  }

  static Order order(long rev, Order.State state, @Nullable Instant dueAt) {
    return new Order(
        FORM,
        rev,
        "\"e1\"",
        NOW.minusSeconds(60),
        state,
        "t-1",
        4_294_967_295L,
        NOW,
        dueAt,
        List.of(new Order.Take(1, "t-0", "i-0")),
        "It is looked at.");
  }
}
