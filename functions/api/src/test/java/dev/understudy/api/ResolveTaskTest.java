package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResolveTaskTest {

  private static final String ATTACH =
      "{'decision':'attach','providerTaskId':'rw-7','why':'Seen in\\nthe list'}";
  private static final String NEW_ATTEMPT =
      "{'decision':'new_attempt','why':'The list shows no such request.'}";
  private static final String GIVE_UP = "{'decision':'give_up','charged':'no','why':'Not needed.'}";
  private static final String TRY_AGAIN = "{'decision':'try_again','why':'The bucket is mended.'}";

  private final TestStack stack = new TestStack(Map.of("MONTHLY_CAP_USD", "10"));
  private final ResolveTask action =
      new ResolveTask(
          stack.table,
          stack.writer,
          stack.admission,
          stack.announcer,
          stack.settings,
          stack.clock,
          task -> Map.of("shown", task.id(), "status", task.status(), "place", task.place()));

  private Instant now() {
    return stack.clock.instant();
  }

  private Task resolve(Task task, String body) {
    var answer = action.answer(Calls.with(body), Calls.ADMIN, task.id());
    var stored = stack.task(task.id());
    assertThat(Calls.json(answer).path("shown").asText()).isEqualTo(task.id());
    assertThat(Calls.json(answer).path("status").asText()).isEqualTo(stored.status().name());
    assertThat(Calls.json(answer).path("place").asBoolean()).isEqualTo(stored.place());
    stack.table.assertCountersAreRight();
    return stored;
  }

  private Refused refused(int status, Task task, String body) {
    return Calls.refused(status, () -> action.answer(Calls.with(body), Calls.ADMIN, task.id()));
  }

  @Test
  void attach_shouldFollowTheId_andSayWhoAndWhy() {
    var task = resolve(stack.unknown(), ATTACH);

    assertThat(task.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(task.providerTaskId()).isEqualTo("rw-7");
    assertThat(task.dueAt()).isEqualTo(now());
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    assertThat(stack.table.history(task.id()).getLast().sentence())
        .isEqualTo(
            "Its id at the provider was attached by token 1a2b3c4d of operators: Seen in the list.");
    assertThat(stack.events.getLast().status()).isEqualTo(TaskStatus.SUBMITTED);
  }

  @Test
  void newAttempt_shouldBeAdmittedAtOnce_whenAPlaceIsFree() {
    var task = resolve(stack.unknown(), NEW_ATTEMPT);

    assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(task.attempt()).isEqualTo(2);
    assertThat(task.place()).isTrue();
    assertThat(stack.started).contains(new TestStack.Started(task.id(), task.generation()));
    assertThat(stack.table.money()).isEqualTo(new Change.Money(40, 0, 40));
  }

  @Test
  void newAttempt_shouldWait_whileTheStackIsPaused() {
    var unknown = stack.unknown();
    stack.control(c -> c.pausedByPerson(now(), "token 1a2b3c4d of operators", "Stop."));

    assertThat(resolve(unknown, NEW_ATTEMPT).waiting()).isTrue();
  }

  @Test
  void newAttempt_shouldBeHeldAgainstTheTenantsOwnCap() {
    var task = stack.unknown();
    stack.table.cap("default", 79);

    assertThat(refused(402, task, NEW_ATTEMPT).sentence())
        .contains("monthly cap of tenant default");
    assertThat(stack.task(task.id())).isEqualTo(task);

    stack.table.cap("default", 80);
    resolve(task, NEW_ATTEMPT);
  }

  @Test
  void newAttempt_shouldBeRefused_whenTheTaskWasDeletedOrItsInputsAreGone() {
    var deleted = stack.change(stack.unknown().id(), t -> Changes.deleted(t, now()).orElseThrow());
    assertThat(refused(409, deleted, NEW_ATTEMPT).sentence()).contains("deleted by its user");
    assertThat(resolve(deleted, GIVE_UP).status()).isEqualTo(TaskStatus.FAILED);

    var old = stack.unknown();
    stack.clock.advance(Changes.INPUTS_KEPT);
    assertThat(refused(409, old, NEW_ATTEMPT).sentence()).contains("not kept any more, 30 days");
  }

  @Test
  void theOldId_shouldBeUsed_whenItArrivesBeforeTheNewPost() {
    var task = resolve(stack.unknown(), NEW_ATTEMPT);

    stack.writer.recordId(
        task.id(), 1, new Turn.Unrecorded(1, "rw-1"), stack.clock, stack.settings);

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUBMITTED);
    assertThat(stored.providerTaskId()).isEqualTo("rw-1");
    assertThat(stack.table.money()).isEqualTo(new Change.Money(0, 40, 0));
    stack.table.assertCountersAreRight();
  }

  @ParameterizedTest
  @CsvSource({"yes, 0, 40, 0", "no, 0, 0, 0", "unknown, 0, 0, 40"})
  void giveUp_shouldEndIt_withTheChargeThatThePersonKnows(
      String charged, int reserved, int taken, int unknown) {
    var task =
        resolve(
            stack.unknown(),
            "{'decision':'give_up','charged':'%s','why':'Enough.'}".formatted(charged));

    assertThat(task.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(task.charged()).isEqualTo(charged);
    assertThat(stack.table.money()).isEqualTo(new Change.Money(reserved, taken, unknown));
  }

  @Test
  void tryAgain_shouldMakeAStallDueNow_andNothingElse() {
    var stalled =
        stack.change(
            stack.submitted().id(),
            t -> Changes.stalled(t, now(), Stall.Reason.DEADLINE, "Late.", stack.settings));
    stack.clock.advance(Duration.ofHours(30));

    var task = resolve(stalled, TRY_AGAIN);

    assertThat(task.dueAt()).isEqualTo(now());
    assertThat(TestStack.there(task.stall()).since()).isEqualTo(now());
    assertThat(refused(409, stack.submitted(), TRY_AGAIN).sentence()).contains("SUBMITTED");
  }

  @ParameterizedTest
  @ValueSource(strings = {ATTACH, NEW_ATTEMPT, GIVE_UP})
  void decisions_shouldBeRefused_whenTheEndOfTheSubmissionIsKnown(String body) {
    for (var task : new Task[] {stack.waiting(), stack.submitting(), stack.submitted()}) {
      var refused = refused(409, task, body);
      assertThat(refused.sentence()).contains(task.status().name()).contains(task.sentence());
      assertThat(stack.task(task.id())).isEqualTo(task);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ATTACH, NEW_ATTEMPT, GIVE_UP})
  void decisions_shouldLose_whenTheIdArrivesInTheSameMoment(String body) {
    var task = stack.unknown();
    stack.faults.at(
        Moment.BEFORE,
        "write task",
        () ->
            stack.writer.recordId(
                task.id(), 1, new Turn.Unrecorded(1, "rw-1"), stack.clock, stack.settings));

    assertThat(refused(409, task, body).sentence()).contains("this one is SUBMITTED");

    var stored = stack.task(task.id());
    assertThat(stored.providerTaskId()).isEqualTo("rw-1");
    assertThat(stored.attempt()).isEqualTo(1);
    stack.table.assertCountersAreRight();
  }

  @Test
  void attach_shouldRefuseAnIdThatAnotherAttemptHas() throws Exception {
    // given: two unknown attempts, the first with an id, as no rule of ours leaves a task
    var task = resolve(stack.unknown(), NEW_ATTEMPT);
    task =
        stack.change(task.id(), t -> Changes.submitting(t, now(), "another owner", stack.settings));
    task = stack.change(task.id(), t -> Changes.unknown(t, now(), "a timeout"));
    var json = (ObjectNode) Json.MAPPER.valueToTree(task);
    ((ObjectNode) json.path("attempts").get(0)).put("providerTaskId", "rw-7");
    var edited = Json.MAPPER.treeToValue(json, Task.class);
    stack.change(task.id(), t -> edited);

    assertThat(refused(409, task, ATTACH).sentence())
        .isEqualTo("Attempt 1 of this task has that id already: look for another one.");
    assertThat(resolve(task, ATTACH.replace("rw-7", "rw-8")).providerTaskId()).isEqualTo("rw-8");
  }

  @Test
  void decisions_shouldBeForAdminsOnly_andOfTasksThatThereAre() {
    var task = stack.unknown();

    Calls.refused(403, () -> action.answer(Calls.with(ATTACH), Calls.USER, task.id()));
    Calls.refused(404, () -> action.answer(Calls.with(ATTACH), Calls.ADMIN, "none"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|decision must be attach, new_attempt, give_up or try_again. (and 1 more: see issues)",
        "{'decision':'retry','providerTaskId':'x','why':'y'}|decision must be attach, new_attempt, give_up or try_again.",
        "{'decision':1,'why':'y'}|decision must be attach, new_attempt, give_up or try_again.",
        "{'decision':'attach','why':'y'}|providerTaskId must be given, as a text of 1 to 200 characters.",
        "{'decision':'attach','providerTaskId':'a b','why':'y'}|providerTaskId must be the id alone, without spaces.",
        "{'decision':'attach','providerTaskId':7,'why':'y'}|providerTaskId must be a text, not a number.",
        "{'decision':'give_up','why':'y'}|charged must be yes, no or unknown.",
        "{'decision':'try_again','why':' '}|why must not be empty: it takes 1 to 500 characters.",
        "{'decision':'try_again','why':null}|why must be given, as a text of 1 to 500 characters.",
        "{'decision':'try_again','why':'y','charged':'no'}|There is no such field here: it takes decision, why only.",
      })
  void decisions_shouldBeReadStrictly(String body, String error) {
    assertThat(refused(400, stack.unknown(), body).sentence()).isEqualTo(error);
  }

  @Test
  void why_shouldHave500CharactersAtMost() {
    var task = stack.unknown();
    var body = "{'decision':'give_up','charged':'no','why':'%s'}";

    var refused = refused(400, task, body.formatted("é".repeat(501)));
    assertThat(refused.issues()).hasSize(1);
    assertThat(refused.issues().getFirst().path()).containsExactly("why");
    assertThat(refused.sentence()).isEqualTo("why must have 1 to 500 characters, not 501.");
    resolve(task, body.formatted("🎭".repeat(500)));
  }
}
