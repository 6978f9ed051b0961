package dev.understudy.simulator.provider;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What will become of a task; settled when it is accepted, from the settings and the faults of that
 * moment.
 *
 * @param render how long the rendering takes
 * @param earliestStart how long after acceptance it may start at the earliest
 * @param notVisible how long GETs answer that there is no such task
 * @param lateOutput how long after its success the output URL appears
 * @param urlLife how long an output URL lives
 * @param staleUrl whether every GET shows the first URL
 * @param shape of the GET's body; null: as the settings say at the GET
 * @param form where the output is named
 * @param end how it ends
 */
record Fate(
    Duration render,
    Duration earliestStart,
    Duration notVisible,
    Duration lateOutput,
    @Nullable Duration urlLife,
    boolean staleUrl,
    @Nullable Shape shape,
    OutputForm form,
    End end) {

  /** Long after everyone has gone home. */
  private static final Duration NEVER = Duration.ofDays(3650);

  /** How a task ends. */
  sealed interface End {
    /** With a video. */
    record Success() implements End {}

    /**
     * Without.
     *
     * @param code null: none is given, as the provider does for some failures of its own
     * @param message for people
     * @param nested whether the wrapped shape has the code in the task inside the envelope
     */
    record Failure(@Nullable String code, String message, boolean nested) implements End {}

    /** By someone's wish. */
    record Cancelled() implements End {}
  }

  static Fate of(Settings settings, @Nullable Long seed, End usualEnd, List<Fault> faults) {
    Duration render = settings.renderSeconds();
    if (settings.renderVariation() > 0) {
      double factor = 1 + settings.renderVariation() * spread(seed == null ? 0 : seed);
      render = Duration.ofMillis(Math.round(render.toMillis() * factor));
    }
    Fate fate =
        new Fate(
            render,
            Duration.ZERO,
            settings.notVisibleSeconds(),
            settings.lateOutputSeconds(),
            null,
            false,
            null,
            OutputForm.LIST,
            usualEnd);
    for (Fault fault : faults) {
      fate = fate.changedBy(fault);
    }
    return fate;
  }

  private Fate changedBy(Fault fault) {
    return switch (fault.action()) {
      case RENDER -> withRender(fault.time());
      case NEVER_FINISH -> withRender(NEVER);
      case FAIL -> withEnd(failure(fault));
      case CANCEL -> withEnd(new End.Cancelled());
      case THROTTLE ->
          new Fate(
              render, fault.time(), notVisible, lateOutput, urlLife, staleUrl, shape, form, end);
      case NOT_VISIBLE ->
          new Fate(
              render, earliestStart, fault.time(), lateOutput, urlLife, staleUrl, shape, form, end);
      case LATE_OUTPUT ->
          new Fate(
              render, earliestStart, notVisible, fault.time(), urlLife, staleUrl, shape, form, end);
      case URL_LIFE ->
          new Fate(
              render,
              earliestStart,
              notVisible,
              lateOutput,
              fault.time(),
              staleUrl,
              shape,
              form,
              end);
      case STALE_URL ->
          new Fate(render, earliestStart, notVisible, lateOutput, urlLife, true, shape, form, end);
      case SHAPE ->
          new Fate(
              render,
              earliestStart,
              notVisible,
              lateOutput,
              urlLife,
              staleUrl,
              Shape.named(fault.valueGiven().orElseThrow()),
              form,
              end);
      case OUTPUT_FORM ->
          new Fate(
              render,
              earliestStart,
              notVisible,
              lateOutput,
              urlLife,
              staleUrl,
              shape,
              OutputForm.named(fault.valueGiven().orElseThrow()),
              end);
      default ->
          throw new IllegalStateException(fault.action().label() + " is not about a task's fate.");
    };
  }

  private Fate withRender(Duration time) {
    return new Fate(
        time, earliestStart, notVisible, lateOutput, urlLife, staleUrl, shape, form, end);
  }

  private Fate withEnd(End other) {
    return new Fate(
        render, earliestStart, notVisible, lateOutput, urlLife, staleUrl, shape, form, other);
  }

  private static End.Failure failure(Fault fault) {
    String code = fault.codeOr("INTERNAL");
    return new End.Failure(
        code.equals("null") ? null : code,
        fault.messageOr(
            code.contains("SAFETY")
                ? "The generation was flagged by content moderation."
                : code.startsWith("ASSET")
                    ? "An input could not be used."
                    : "An unexpected error occurred."),
        !Boolean.FALSE.equals(fault.nested()));
  }

  /** A number in -1..1 that depends on nothing but the seed. */
  private static double spread(long seed) {
    long mixed = (seed + 1) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 31)) * 0xBF58476D1CE4E5B9L;
    return ((mixed >>> 11) * 0x1.0p-53) * 2 - 1;
  }
}
