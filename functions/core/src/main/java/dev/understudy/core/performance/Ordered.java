package dev.understudy.core.performance;

import dev.understudy.core.request.Issue;
import dev.understudy.core.task.Task;
import java.util.List;

/** What ordering a performance comes to. */
public sealed interface Ordered {

  /**
   * It is stored, and will be rendered.
   *
   * @param task as stored
   */
  record Accepted(Task task) implements Ordered {}

  /**
   * It is an order that was accepted before.
   *
   * @param task the task that it made, or is another send of
   */
  record Replayed(Task task) implements Ordered {}

  /**
   * It was only to be said what would happen: it would be answered with an earlier task.
   *
   * @param task that task
   * @param sentence what would happen
   */
  record WouldReplay(Task task, String sentence) implements Ordered {}

  /**
   * Its inputs cannot be used; nothing is stored.
   *
   * @param issues all of them
   */
  record Unusable(List<Issue> issues) implements Ordered {}

  /**
   * Its price would go over the cap; nothing is stored.
   *
   * @param sentence the figures, and what to do
   */
  record OverCap(String sentence) implements Ordered {}

  /**
   * It cannot be told which order it repeats, or it repeats none rightly; nothing is stored.
   *
   * @param sentence why, and what to do
   */
  record Conflict(String sentence) implements Ordered {}

  /**
   * It was only to be said what would happen; nothing is stored.
   *
   * @param sentence what would happen
   * @param warnings what is likely to disappoint
   */
  record WouldStart(String sentence, List<String> warnings) implements Ordered {}

  /** The same for an order that would wait for its place. */
  record WouldWait(String sentence, List<String> warnings) implements Ordered {}
}
