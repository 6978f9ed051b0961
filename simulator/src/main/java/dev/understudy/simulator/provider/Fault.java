package dev.understudy.simulator.provider;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong on purpose.
 *
 * @param seed only for requests and tasks with this seed; null: for every one
 * @param on where it takes effect
 * @param action what happens
 * @param times how often, -1 for ever; null: once
 * @param skip how many matches pass unharmed first; null: none
 * @param seconds how long, for actions that take time
 * @param status an HTTP status
 * @param code an error or failure code
 * @param message the text beside the code
 * @param style how an error body is shaped
 * @param value any other parameter of the action
 * @param bytes a number of bytes
 * @param nested whether a wrapped failure carries its code in the task inside the envelope; null:
 *     yes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Fault(
    @Nullable Long seed,
    Point on,
    Action action,
    @Nullable Integer times,
    @Nullable Integer skip,
    @Nullable Double seconds,
    @Nullable Integer status,
    @Nullable String code,
    @Nullable String message,
    @Nullable String style,
    @Nullable String value,
    @Nullable Long bytes,
    @Nullable Boolean nested) {

  /** Longer than any caller waits. */
  private static final Duration LONG = Duration.ofMinutes(10);

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException if they do not, with a sentence that says what to change
   */
  @SuppressWarnings("ConstantValue") // a JSON body may lack what the types promise
  public Fault {
    if ((Object) on == null || (Object) action == null) {
      throw new IllegalArgumentException("A fault needs \"on\" and \"action\".");
    }
    if (!action.happensAt(on)) {
      throw new IllegalArgumentException(
          "\"%s\" cannot happen on \"%s\".".formatted(action.label(), on.label()));
    }
    if (times != null && times != -1 && times < 1) {
      throw new IllegalArgumentException("\"times\" is 1 or more, or -1 for ever.");
    }
    if (skip != null && skip < 0) {
      throw new IllegalArgumentException("\"skip\" is 0 or more.");
    }
    if (seconds != null && !(seconds >= 0)) {
      throw new IllegalArgumentException("\"seconds\" is 0 or more.");
    }
    if (status != null && (status < 200 || status > 599)) {
      throw new IllegalArgumentException("\"status\" is an HTTP status from 200 to 599.");
    }
    if (style != null) {
      ErrorStyle.named(style);
    }
    switch (action) {
      case SHAPE -> Shape.named(required(value, "bare or wrapped"));
      case OUTPUT_FORM -> OutputForm.named(required(value, "where the output is named"));
      case ELSEWHERE -> URI.create(required(value, "the server's address"));
      case WRONG_PIXELS -> {
        if (value != null && Ratio.named(value).isEmpty()) {
          throw new IllegalArgumentException("\"value\" is one of the six ratios.");
        }
      }
      case NOT_VISIBLE, THROTTLE, LATE_OUTPUT, RENDER, URL_LIFE -> {
        if (seconds == null) {
          throw new IllegalArgumentException("\"%s\" needs \"seconds\".".formatted(action.label()));
        }
      }
      default -> {}
    }
  }

  /**
   * A fault without parameters that happens once.
   *
   * @param seed of the requests it is for; null: any
   * @param on where
   * @param action what
   * @return the fault
   */
  public static Fault once(@Nullable Long seed, Point on, Action action) {
    return new Fault(seed, on, action, null, null, null, null, null, null, null, null, null, null);
  }

  private static String required(@Nullable String value, String meaning) {
    if (value == null) {
      throw new IllegalArgumentException("\"value\" is needed: " + meaning + ".");
    }
    return value;
  }

  boolean matches(Point point, @Nullable Long ofSeed) {
    return on == point && (seed == null || seed.equals(ofSeed));
  }

  Duration time() {
    return seconds == null ? LONG : Settings.duration(seconds);
  }

  int statusOr(int usual) {
    return status == null ? usual : status;
  }

  String codeOr(String usual) {
    return code == null ? usual : code;
  }

  String messageOr(String usual) {
    return message == null ? usual : message;
  }

  ErrorStyle styleOr(ErrorStyle usual) {
    return style == null ? usual : ErrorStyle.named(style);
  }

  Optional<String> valueGiven() {
    return Optional.ofNullable(value);
  }

  long bytesOr(long usual) {
    return bytes == null ? usual : bytes;
  }
}
