package dev.understudy.core.watch;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.provider.FailureCodes;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.Verdict;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each transition is to those who watch: its line, and what it counts. */
class TransitionTest {

  private static final Verdict VERDICT = new Verdict("ops (token 12345678)", "It was looked up.");

  private final TestStack stack = new TestStack();

  private Instant now() {
    return stack.clock.instant();
  }

  /** What the last change was told as. */
  private Observation last() {
    return stack.observed.getLast();
  }

  private Map<Metric, Double> lastCounted() {
    return last().measurements().stream()
        .collect(Collectors.toMap(Measurement::metric, Measurement::value));
  }

  /** Changes the task a while later. */
  private Task later(Task task, long seconds, UnaryOperator<Task> rule) {
    stack.clock.advance(Duration.ofSeconds(seconds));
    return stack.change(task.id(), rule);
  }

  @Test
  void aNewTask_shouldBeAccepted() {
    var task = stack.waiting("acme");

    assertThat(lastCounted()).containsOnly(Map.entry(Metric.ACCEPTED, 1.0));
    assertThat(last().message()).isEqualTo(task.sentence());
    assertThat(last().facts())
        .containsExactly(
            Map.entry("taskId", task.id()),
            Map.entry("tenant", "acme"),
            Map.entry("generation", 0),
            Map.entry("version", 1L),
            Map.entry("attempt", 1),
            Map.entry("to", "QUEUED"),
            Map.entry("place", false),
            Map.entry("charged", "no"));
  }

  @Test
  void aPlace_shouldBeALineThatCountsNothing() {
    var task = stack.waiting();

    later(task, 7, t -> Changes.admitted(t, now(), stack.settings));

    assertThat(last().measurements()).isEmpty();
    assertThat(last().facts())
        .containsEntry("from", "QUEUED")
        .containsEntry("to", "QUEUED")
        .containsEntry("place", true)
        .containsEntry("generation", 1)
        .containsEntry("secondsSinceLast", 7L);
  }

  @Test
  void thePost_shouldBeSubmitted_andItsIdCharged() {
    var task = stack.admitted();

    task = later(task, 3, t -> Changes.submitting(t, now(), "owner", stack.settings));
    assertThat(lastCounted()).containsOnly(Map.entry(Metric.SUBMITTED, 1.0));

    later(task, 2, t -> id(t, 1, "rw-1"));
    assertThat(lastCounted())
        .containsOnly(Map.entry(Metric.CHARGED, 1.0), Map.entry(Metric.SECONDS_QUEUED, 5.0));
    assertThat(last().facts()).containsEntry("charged", "yes");
  }

  @Test
  void theEndOfARender_shouldMeasureIt_andWhatWentUnseen() {
    var task = stack.submitted();
    task =
        later(
            task,
            60,
            t -> Changes.working(t, now(), "RUNNING", 0.5, now().plusSeconds(30), stack.settings));
    int told = stack.observed.size();
    task = later(task, 45, t -> Changes.persisting(t, now(), stack.settings));

    assertThat(stack.observed).hasSize(told + 1);
    assertThat(lastCounted())
        .containsOnly(
            Map.entry(Metric.SECONDS_RENDERING, 105.0), Map.entry(Metric.SECONDS_UNSEEN, 45.0));

    later(task, 9, t -> Changes.succeeded(t, now(), output(), List.of()));
    assertThat(lastCounted())
        .containsOnly(
            Map.entry(Metric.SUCCEEDED, 1.0),
            Map.entry(Metric.FAILED, 0.0),
            Map.entry(Metric.SECONDS_PERSISTING, 9.0),
            Map.entry(Metric.POLLS, 0.0));
  }

  @Test
  void aFailure_shouldBeCountedWithItsReason_andNotAsAnotherCharge() {
    var task = stack.submitted();

    later(task, 9, t -> failed(t, "SAFETY.INPUT.IMAGE", FailureCodes.Kind.MODERATION.sentence()));

    assertThat(lastCounted())
        .containsOnly(Map.entry(Metric.FAILED, 1.0), Map.entry(Metric.POLLS, 0.0));
    assertThat(last().reason()).isEqualTo(FailureReason.MODERATION);
    assertThat(last().facts())
        .containsEntry("failureCode", "SAFETY.INPUT.IMAGE")
        .containsEntry("charged", "unknown");
  }

  @Test
  void anUnknownSubmission_shouldCountItsChargeOnce_whenItsIdArrivesAfterAll() {
    var task = stack.unknown();
    assertThat(last().measurements()).isEmpty();

    later(task, 60, t -> id(t, 1, "rw-1"));

    assertThat(lastCounted()).containsOnlyKeys(Metric.CHARGED, Metric.SECONDS_QUEUED);
  }

  @Test
  void anUnknownSubmission_shouldBeCharged_whenAPersonSaysSo() {
    var task = stack.unknown();

    later(task, 60, t -> Changes.givenUp(t, now(), Charge.CHARGED, VERDICT));

    assertThat(lastCounted())
        .containsOnly(Map.entry(Metric.CHARGED, 1.0), Map.entry(Metric.FAILED, 1.0));
    assertThat(last().reason()).isEqualTo(FailureReason.GIVEN_UP);
  }

  @Test
  void anAttachedId_shouldBeChargedOnce_whenTheProvidersOwnFollows() {
    var task = later(stack.unknown(), 60, t -> Changes.attached(t, "rw-attached", now(), VERDICT));
    assertThat(lastCounted()).containsEntry(Metric.CHARGED, 1.0);

    later(task, 60, t -> id(t, 1, "rw-own"));

    assertThat(last().measurements()).isEmpty();
  }

  @Test
  void aSecondCharge_shouldBeCounted_whenAnotherAttemptIsFollowedAlready() {
    var task = anotherAttemptOf(stack.unknown());
    task = later(task, 1, t -> id(t, 2, "rw-2"));
    assertThat(lastCounted()).containsOnlyKeys(Metric.CHARGED, Metric.SECONDS_QUEUED);

    later(task, 1, t -> id(t, 1, "rw-1"));

    assertThat(lastCounted())
        .containsOnly(Map.entry(Metric.CHARGED, 1.0), Map.entry(Metric.SECOND_CHARGES, 1.0));
  }

  @Test
  void aSecondCharge_shouldBeCountedOnlyOnceItIsOne_whenTheFirstIdArrivesDuringTheSecondPost() {
    var task = anotherAttemptOf(stack.unknown());

    task = later(task, 1, t -> id(t, 1, "rw-1"));
    assertThat(lastCounted()).containsOnly(Map.entry(Metric.CHARGED, 1.0));

    later(task, 1, t -> id(t, 2, "rw-2"));
    assertThat(lastCounted())
        .containsEntry(Metric.CHARGED, 1.0)
        .containsEntry(Metric.SECOND_CHARGES, 1.0);
  }

  @Test
  void aCharge_shouldBeASecondOne_whenItsTaskHasEnded() {
    var task = later(stack.unknown(), 1, t -> Changes.givenUp(t, now(), Charge.RETURNED, VERDICT));

    later(task, 1, t -> id(t, 1, "rw-1"));

    assertThat(lastCounted())
        .containsOnly(Map.entry(Metric.CHARGED, 1.0), Map.entry(Metric.SECOND_CHARGES, 1.0));
  }

  @Test
  void aStall_shouldStandInItsLine() {
    later(
        stack.submitted(),
        60,
        t ->
            Changes.stalled(
                t, now(), Stall.Reason.NOT_VISIBLE, "It is not known.", stack.settings));

    assertThat(last().facts()).containsEntry("stall", "NOT_VISIBLE");
    assertThat(last().measurements()).isEmpty();
  }

  @Test
  void aQuietChange_shouldBeNoLine() {
    var task = stack.submitted();
    int told = stack.observed.size();

    later(
        task, 60, t -> Changes.notYet(t, now(), true, false, now().plusSeconds(5), stack.settings));

    assertThat(stack.observed).hasSize(told);
  }

  @Test
  void aTime_shouldNeverBeNegative_whenClocksDiffer() {
    var task = stack.submitted();
    stack.change(task.id(), t -> Changes.persisting(t, now().minusSeconds(3), stack.settings));

    assertThat(lastCounted()).containsEntry(Metric.SECONDS_RENDERING, 0.0);
  }

  @ParameterizedTest
  @CsvSource({
    "REQUEST.REJECTED, REFUSED",
    "REQUEST.NOT_ACCEPTED, NOT_ACCEPTED",
    "INPUTS.EXPIRED, INPUTS_EXPIRED",
    "SUBMISSION.GIVEN_UP, GIVEN_UP",
    "SAFETY.INPUT.TEXT, MODERATION",
    "INPUT_PREPROCESSING.SAFETY.TEXT, MODERATION",
    "ASSET.INVALID, ASSET",
    "INTERNAL, PROVIDER",
    "INTERNAL.BAD_OUTPUT.CODE01, QUALITY",
    "PROVIDER.CANCELLED, CANCELLED",
    "PROVIDER.FAILED, UNKNOWN",
    "SOMETHING.NEW, UNKNOWN"
  })
  void aFailureCode_shouldHaveAReason(String code, FailureReason reason) {
    assertThat(FailureReason.of(new Failure(code, "It failed."))).isEqualTo(reason);
  }

  @Test
  void aFailureWithoutACode_shouldHaveTheReasonThatItsSentenceTells() {
    var sentence = FailureCodes.sentence(null, "Blocked by moderation.");

    assertThat(FailureReason.of(new Failure(Failure.PROVIDER_FAILED, sentence)))
        .isEqualTo(FailureReason.MODERATION);
  }

  /** A person orders a second attempt, and its POST is under way. */
  private Task anotherAttemptOf(Task unknown) {
    stack.change(
        unknown.id(), t -> Changes.attemptOrdered(t, now(), stack.settings.priceCents(), VERDICT));
    stack.change(unknown.id(), t -> Changes.admitted(t, now(), stack.settings));
    return stack.change(unknown.id(), t -> Changes.submitting(t, now(), "owner", stack.settings));
  }

  private Task id(Task task, int attempt, String id) {
    return Changes.idRecorded(task, attempt, id, now(), true, stack.settings).orElseThrow();
  }

  private Task failed(Task task, String code, String sentence) {
    assertThat(there(task.providerTaskId())).isNotBlank();
    return Changes.failedByProvider(task, now(), new Failure(code, sentence));
  }

  private static Output output() {
    return new Output("outputs/x/video.mp4", 1, "0", null);
  }
}
