package dev.understudy.core.order;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one order form in the bucket, over all its uploads.
 *
 * @param formKey the key of the form, {@code incoming/<folder>/task.json}
 * @param rev raised with every write
 * @param formETag the ETag of the upload that was looked at last
 * @param formModified when that upload was made
 * @param state what became of that upload
 * @param taskId the id that its task has or will have: a crash between pinning and acceptance is
 *     repaired under the same keys
 * @param seed the seed for a form that names none, drawn once
 * @param since when that upload was first looked at
 * @param dueAt when reconcile looks at it again; null when nothing is due
 * @param takes the tasks ordered in this folder, the oldest first
 * @param note the last word on the folder, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Order(
    String formKey,
    long rev,
    String formETag,
    Instant formModified,
    State state,
    String taskId,
    long seed,
    Instant since,
    @Nullable Instant dueAt,
    List<Take> takes,
    String note) {

  /** What became of an upload of the form. */
  public enum State {
    /** It is being looked at, or its files are still on their way. */
    WAITING,
    /** Answered with a task. */
    ACCEPTED,
    /** Answered with what is wrong, with a dry run, or with the take that it repeats. */
    ANSWERED,
    /** The form was deleted before it could be answered. */
    WITHDRAWN
  }

  /**
   * A task of the folder.
   *
   * @param take its number, from 1
   * @param taskId its id
   * @param identity what was ordered: the form's content and the inputs' ETags, hashed
   */
  public record Take(int take, String taskId, String identity) {}

  /** Copies the list. */
  public Order {
    takes = List.copyOf(takes);
  }

  /** An upload of a form is looked at for the first time. */
  static Order begin(
      @Nullable Order earlier,
      String formKey,
      String eTag,
      Instant modified,
      String taskId,
      long seed,
      Instant now,
      Instant dueAt) {
    return new Order(
        formKey,
        earlier == null ? 0 : earlier.rev,
        eTag,
        modified,
        State.WAITING,
        taskId,
        seed,
        now,
        dueAt,
        earlier == null ? List.of() : earlier.takes,
        "The order is being looked at.");
  }

  Order waiting(Instant nextLook, String newNote) {
    return new Order(
        formKey,
        rev,
        formETag,
        formModified,
        State.WAITING,
        taskId,
        seed,
        since,
        nextLook,
        takes,
        newNote);
  }

  /**
   * Answered without a task.
   *
   * @param repeatAt when reconcile repeats what was to be written, in case it was not
   */
  Order answered(@Nullable Instant repeatAt, String newNote) {
    return new Order(
        formKey,
        rev,
        formETag,
        formModified,
        State.ANSWERED,
        taskId,
        seed,
        since,
        repeatAt,
        takes,
        newNote);
  }

  Order accepted(String identity, @Nullable Instant repeatAt, String newNote) {
    var more = new ArrayList<>(takes);
    more.add(new Take(nextTake(), taskId, identity));
    return new Order(
        formKey,
        rev,
        formETag,
        formModified,
        State.ACCEPTED,
        taskId,
        seed,
        since,
        repeatAt,
        more,
        newNote);
  }

  Order withdrawn(@Nullable Instant repeatAt, String newNote) {
    return new Order(
        formKey,
        rev,
        formETag,
        formModified,
        State.WITHDRAWN,
        taskId,
        seed,
        since,
        repeatAt,
        takes,
        newNote);
  }

  Order settled() {
    return new Order(
        formKey, rev, formETag, formModified, state, taskId, seed, since, null, takes, note);
  }

  /** The number of the next take. */
  int nextTake() {
    return takes.isEmpty() ? 1 : takes.getLast().take() + 1;
  }

  /** Whether this upload of the form has been answered. */
  boolean answers(String eTag, Instant modified) {
    return (state == State.ACCEPTED || state == State.ANSWERED)
        && formETag.equals(eTag)
        && formModified.equals(modified);
  }

  /**
   * Whether it was looked at within the very second that S3 dates it: then a later upload of the
   * same form in that second, say of an order that a script has mended, looks like this one.
   */
  boolean lookedAtInItsSecond() {
    return since.isBefore(formModified.plusSeconds(1));
  }

  /** Whether this upload is the one that is being looked at. */
  boolean looksAt(String eTag, Instant modified) {
    return state == State.WAITING && formETag.equals(eTag) && formModified.equals(modified);
  }

  /** The same with the revision that a write gives it. */
  public Order written() {
    return new Order(
        formKey, rev + 1, formETag, formModified, state, taskId, seed, since, dueAt, takes, note);
  }
}
