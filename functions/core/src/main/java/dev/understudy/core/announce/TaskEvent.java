package dev.understudy.core.announce;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a task when it changes; delivered at least once.
 *
 * @param taskId the task
 * @param version numbers the changes of a task; with the id it names this event
 * @param status the task's status
 * @param stalled what stands in the way, or null
 * @param sentence where it is, for people
 * @param charged yes, no or unknown
 * @param failureCode why it failed, or null
 * @param output the key of the video, or null
 * @param tenant whose task it is
 * @param tags the caller's words for it
 * @param hidden true once its user has deleted it; otherwise left out
 * @param at when it changed
 * @param ended true at its end, after which only {@code hidden} may still be told; otherwise left
 *     out
 * @param personNeeded true when a person has to look at it ({@link Task#personNeeded}); otherwise
 *     left out
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TaskEvent(
    String taskId,
    long version,
    TaskStatus status,
    Stall.@Nullable Reason stalled,
    String sentence,
    String charged,
    @Nullable String failureCode,
    @Nullable String output,
    String tenant,
    List<String> tags,
    @Nullable Boolean hidden,
    Instant at,
    @Nullable Boolean ended,
    @Nullable Boolean personNeeded) {

  /** The event of a task's last change. */
  public static TaskEvent of(Task task) {
    return new TaskEvent(
        task.id(),
        task.version(),
        task.status(),
        task.stall() == null ? null : task.stall().reason(),
        task.sentence(),
        task.charged(),
        task.failure() == null ? null : task.failure().code(),
        task.output() == null ? null : task.output().key(),
        task.tenant(),
        task.tags(),
        orLeftOut(task.hiddenAt() != null),
        task.updatedAt(),
        orLeftOut(task.status().ended()),
        orLeftOut(task.personNeeded()));
  }

  private static @Nullable Boolean orLeftOut(boolean it) {
    return it ? true : null;
  }
}
