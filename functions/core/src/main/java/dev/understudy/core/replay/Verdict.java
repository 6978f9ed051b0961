package dev.understudy.core.replay;

import dev.understudy.core.task.Task;
import org.jspecify.annotations.Nullable;

/** What a send is: a new order, or a repeat of an earlier one. */
public sealed interface Verdict {

  /** A new order, of which nothing is remembered. */
  record Order() implements Verdict {}

  /**
   * A new order, to be stored together with the record that replays it.
   *
   * @param before the record as read; null for a new one
   * @param after the record with the new task in it
   */
  record Remembered(@Nullable Replay before, Replay after) implements Verdict {}

  /**
   * A repeat.
   *
   * @param task what it is answered with
   */
  record Repeat(Task task) implements Verdict {}

  /**
   * A repeat that counts only once it is written down.
   *
   * @param task what it is answered with
   * @param before the record as read
   * @param after the record with this send in it
   */
  record CountedRepeat(Task task, Replay before, Replay after) implements Verdict {}

  /** The same key came with another body before. */
  record OtherBody() implements Verdict {}

  /** More orders of this very body are remembered than fit: this one could not be told apart. */
  record TooMany() implements Verdict {}
}
