package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as clients see it: Runway's task, with what Runway has no field for in {@code understudy}.
 * What is not known is left out: the Python SDK takes a task with a null in it for another one.
 */
final class TaskView {

  /** A price; one credit is one US cent, as Runway sells them. */
  record Credits(int credits) {}

  /**
   * Runway's task ({@code GET /v1/tasks/{id}}): the price is called estimatedCost before the end,
   * and cost after it.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Shown(
      String id,
      RunwayStatus status,
      Instant createdAt,
      @Nullable Double progress,
      @Nullable List<String> output,
      @Nullable String failure,
      @Nullable String failureCode,
      @Nullable Credits estimatedCost,
      @Nullable Credits cost,
      More understudy) {

    @Override
    public String toString() {
      return "Shown[%s]".formatted(id);
    }
  }

  /** What Runway has no field for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record More(
      TaskStatus status,
      String sentence,
      String next,
      Instant updatedAt,
      @Nullable Instant waitingSince,
      @Nullable Instant submittedAt,
      @Nullable Instant doneAt,
      @Nullable Instant endedAt,
      int attempt,
      int polls,
      @Nullable String providerTaskId,
      String charged,
      List<String> tags,
      List<String> warnings,
      @Nullable Stall stall,
      Media character,
      Media reference,
      @Nullable Video output) {}

  /** A character or a reference; its key is that of the pinned copy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Media(String name, @Nullable String key, @Nullable Facts facts) {}

  /** The video in the bucket. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Video(
      String bucket, String key, long bytes, @Nullable String sha256, @Nullable Facts facts) {}

  /** What was read from a file. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Facts(
      String contentType,
      long bytes,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Double fps,
      @Nullable Double durationSeconds,
      @Nullable Boolean audio) {}

  private final OutputLinks links;
  private final String bucket;

  /**
   * @param links signs the address of a finished video
   * @param bucket the stack's bucket
   */
  TaskView(OutputLinks links, String bucket) {
    this.links = links;
    this.bucket = bucket;
  }

  /** A task with fresh addresses. */
  Shown of(Task task) {
    var status = RunwayStatus.of(task.status(), task.place(), task.providerStatus());
    var output = task.output();
    var failure = task.failure();
    boolean ended = task.status().ended();
    return new Shown(
        task.id(),
        status,
        task.createdAt(),
        status == RunwayStatus.RUNNING ? progress(task) : null,
        output == null ? null : List.of(links.sign(output.key()).toString()),
        failure == null ? null : failure.sentence(),
        failure == null ? null : failure.code(),
        ended ? null : new Credits(cents(task, false)),
        ended ? new Credits(cents(task, true)) : null,
        more(task));
  }

  /** Clients of Runway expect a number in every RUNNING task. */
  private static double progress(Task task) {
    if (task.status() == TaskStatus.PERSISTING) {
      return 1;
    }
    var said = task.progress();
    return said == null ? 0 : Math.clamp(said, 0.0, 1.0);
  }

  /** What the task has cost, or will have if all goes on as it should; in US cents. */
  private static int cents(Task task, boolean taken) {
    return task.attempts().stream()
        .filter(a -> a.charge().counts() && !(taken && a.charge() == Charge.RESERVED))
        .mapToInt(Attempt::cents)
        .sum();
  }

  private More more(Task task) {
    return new More(
        task.status(),
        task.sentence(),
        task.next(),
        task.updatedAt(),
        task.waiting() ? task.updatedAt() : null,
        task.submittedAt(),
        task.doneAt(),
        task.status().ended() ? task.updatedAt() : null,
        task.attempt(),
        task.polls(),
        task.providerTaskId(),
        task.charged(),
        task.tags(),
        task.warnings(),
        task.stall(),
        media(task.character()),
        media(task.reference()),
        video(task.output()));
  }

  private static Media media(Input input) {
    return new Media(input.name(), input.key(), facts(input.facts()));
  }

  private @Nullable Video video(@Nullable Output output) {
    return output == null
        ? null
        : new Video(bucket, output.key(), output.bytes(), output.sha256(), facts(output.facts()));
  }

  private static @Nullable Facts facts(@Nullable MediaFacts facts) {
    if (facts == null) {
      return null;
    }
    var duration = facts.duration();
    return new Facts(
        facts.contentType(),
        facts.bytes(),
        facts.width(),
        facts.height(),
        facts.fps(),
        duration == null ? null : duration.toMillis() / 1000.0,
        facts.audio());
  }
}
