package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stop switch: POST /v1/pause, POST /v1/resume and GET /v1/pause. While the stack is paused
 * nothing is sent to the provider, and everything else goes on.
 */
final class Pause {

  private static final int LISTED = 20;

  /**
   * Whether the stack submits.
   *
   * @param reason why it is paused; null while it is not
   * @param since when it was paused or last resumed; null for one that always ran
   * @param decisions the last ones, the latest first
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Shown(
      boolean paused,
      boolean byPerson,
      @Nullable String reason,
      @Nullable Instant since,
      List<Decision> decisions) {}

  private final TaskStore store;
  private final Admission admission;
  private final TaskIndex index;
  private final InstantSource clock;

  Pause(TaskStore store, Admission admission, TaskIndex index, InstantSource clock) {
    this.store = store;
    this.admission = admission;
    this.index = index;
    this.clock = clock;
  }

  /** POST /v1/pause: nothing is sent until a person resumes it. */
  Answer pause(Call call, Caller caller, String id) {
    var verdict = verdict(call, caller);
    return shown(
        admission.control(c -> c.pausedByPerson(clock.instant(), verdict.who(), verdict.why())));
  }

  /** POST /v1/resume: also after a pause that the stack made itself. */
  Answer resume(Call call, Caller caller, String id) {
    var verdict = verdict(call, caller);
    var resumed =
        admission.control(
            c -> c.paused() ? c.resumed(clock.instant(), verdict.who(), verdict.why()) : c);
    admission.admitSome();
    return shown(resumed);
  }

  /** GET /v1/pause. */
  Answer show(Call call, Caller caller, String id) {
    Reasons.adminsOnly(caller);
    return shown(store.control());
  }

  private static Verdict verdict(Call call, Caller caller) {
    Reasons.adminsOnly(caller);
    var fields = Fields.of(call);
    var verdict = Reasons.verdict(fields, caller);
    fields.check();
    return verdict;
  }

  private Answer shown(Control now) {
    return Answer.ok(
        new Shown(
            now.paused(),
            now.byPerson(),
            now.paused() ? now.reason() : null,
            now.since(),
            index.decisions(LISTED)));
  }
}
