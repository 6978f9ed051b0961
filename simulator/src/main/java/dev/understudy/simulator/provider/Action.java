package dev.understudy.simulator.provider;

import static dev.understudy.simulator.provider.Point.GET;
import static dev.understudy.simulator.provider.Point.INPUTS;
import static dev.understudy.simulator.provider.Point.OUTPUT;
import static dev.understudy.simulator.provider.Point.SUBMIT;
import static dev.understudy.simulator.provider.Point.TASK;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Set;

/** What a fault does; docs/simulator.md describes each with its parameters. */
public enum Action {
  /** 429 with Retry-After; nothing is accepted. */
  RATE_LIMIT(SUBMIT, GET),
  /** An error status. */
  ERROR(GET, OUTPUT),
  /** An error status, and no task. */
  ERROR_BEFORE_ACCEPTANCE(SUBMIT),
  /** The task is accepted and charged, the answer is an error status. */
  ERROR_AFTER_ACCEPTANCE(SUBMIT),
  /** TCP reset. */
  RESET(GET, OUTPUT),
  /** TCP reset, and no task. */
  RESET_BEFORE_ACCEPTANCE(SUBMIT),
  /** The task is accepted and charged, the answer is a TCP reset. */
  RESET_AFTER_ACCEPTANCE(SUBMIT),
  /** Status line and half of the body, then a TCP reset; a submit was accepted. */
  RESET_IN_ANSWER(SUBMIT, GET),
  /** No answer for a long time. */
  TIMEOUT(GET, OUTPUT),
  /** No answer for a long time, and no task. */
  TIMEOUT_BEFORE_ACCEPTANCE(SUBMIT),
  /** The task is accepted and charged, no answer for a long time. */
  TIMEOUT_AFTER_ACCEPTANCE(SUBMIT),
  /** All is well, but late; a submit was accepted before the wait. */
  SLOW_ANSWER(SUBMIT, GET, OUTPUT),
  /** A page of a web application firewall. */
  HTML_403(SUBMIT, GET),
  /** A redirect to a web page. */
  MOVED_301(SUBMIT, GET),
  /** 200 with half of the JSON, correctly framed; a submit was accepted. */
  TRUNCATED_JSON(SUBMIT, GET),
  /** 200 with a JSON object without an id; a submit was accepted. */
  NO_ID(SUBMIT),
  /** 200 without a body; a submit was accepted. */
  EMPTY_ANSWER(SUBMIT, GET),
  /** 200 with an enormous JSON string beside what is expected; a submit was accepted. */
  HUGE_ANSWER(SUBMIT, GET),
  /** The gateway's empty success, {@code {"code":"success","data":null}}. */
  EMPTY_DATA(GET),
  /** {@code task_not_exist}. */
  NOT_EXIST(GET),
  /** An earlier status than the true one. */
  STATUS_BACKWARDS(GET),
  /** A status that nobody has heard of. */
  UNKNOWN_STATUS(GET),
  /** Success without an output URL. */
  NO_OUTPUT(GET),
  /** The envelope still says that work is under way although the task in it has ended. */
  WRAPPER_BEHIND(GET),
  /** Both inputs are fetched from another server, by the same path. */
  ELSEWHERE(INPUTS),
  /** The task ends as failed. */
  FAIL(TASK),
  /** The task ends as cancelled. */
  CANCEL(TASK),
  /** The task is unknown to GETs for a while. */
  NOT_VISIBLE(TASK),
  /** The task waits in the queue for a while, whatever place is free. */
  THROTTLE(TASK),
  /** The task has succeeded for a while before it shows an output URL. */
  LATE_OUTPUT(TASK),
  /** This task's rendering time. */
  RENDER(TASK),
  /** The task is rendered for ever. */
  NEVER_FINISH(TASK),
  /** This task's output URLs live so long. */
  URL_LIFE(TASK),
  /** Every GET shows the same output URL, also after its end. */
  STALE_URL(TASK),
  /** The body in the other shape. */
  SHAPE(TASK, GET),
  /** The output named in another place. */
  OUTPUT_FORM(TASK, GET),
  /** The connection is closed after a part of the bytes that were announced. */
  TRUNCATE(OUTPUT),
  /** A part of the file, announced as the whole. */
  SHORT_FILE(OUTPUT),
  /** No bytes. */
  EMPTY(OUTPUT),
  /** 200 with something that is no video. */
  WRONG_CONTENT(OUTPUT),
  /** A valid MP4 with sound but without a picture. */
  NO_VIDEO(OUTPUT),
  /** A valid MP4 without sound. */
  SILENT(OUTPUT),
  /** A valid MP4 in other pixels. */
  WRONG_PIXELS(OUTPUT),
  /** More bytes than anyone wants. */
  OVERSIZED(OUTPUT),
  /** A redirect. */
  REDIRECT(OUTPUT),
  /** 404. */
  NOT_FOUND(OUTPUT),
  /** 403, as a URL answers after its end. */
  EXPIRED(OUTPUT),
  /** The right file, in chunks, without a Content-Length. */
  NO_LENGTH(OUTPUT);

  @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
  private final Set<Point> points;

  Action(Point... points) {
    this.points = Set.of(points);
  }

  /**
   * Reads a name as faults have it.
   *
   * @param name for instance reset-after-acceptance
   * @return the action
   */
  @JsonCreator
  public static Action named(String name) {
    return Named.find(Action.class, name);
  }

  /**
   * The name as faults have it.
   *
   * @return for instance reset-after-acceptance
   */
  @JsonValue
  public String label() {
    return Named.of(this);
  }

  /**
   * Whether a fault may have this action there.
   *
   * @param point where
   * @return true if it has a meaning there
   */
  public boolean happensAt(Point point) {
    return points.contains(point);
  }

  /** Whether a submit that this happens to leaves no task and no charge. */
  boolean isBeforeAcceptance() {
    return switch (this) {
      case RATE_LIMIT,
          ERROR_BEFORE_ACCEPTANCE,
          RESET_BEFORE_ACCEPTANCE,
          TIMEOUT_BEFORE_ACCEPTANCE,
          HTML_403,
          MOVED_301 ->
          true;
      default -> false;
    };
  }
}
