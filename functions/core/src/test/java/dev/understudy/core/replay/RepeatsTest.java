package dev.understudy.core.replay;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.json.Json;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepeatsTest {

  private TestStack stack = new TestStack();
  private Repeats repeats = new Repeats(stack.table::find);
  private @Nullable Replay record;

  private void begin() {
    stack = new TestStack();
    repeats = new Repeats(stack.table::find);
    record = null;
  }

  private static Send counted(int count) {
    return Send.of("studio", "{}", false, null, count);
  }

  private static Send keyed(String key, String body, @Nullable Integer count) {
    return Send.of("studio", body, false, key, count);
  }

  /** Sends once, as the desk does, and answers the id of the task that it is answered with. */
  private String sent(Send send) {
    var task = stack.newTask("studio");
    return switch (repeats.judge(send, record, task.id(), stack.clock.instant())) {
      case Verdict.Order order -> stack.store(task).id();
      case Verdict.Remembered remembered -> {
        record = remembered.after().written();
        yield stack.store(task).id();
      }
      case Verdict.Repeat repeat -> repeat.task().id();
      case Verdict.CountedRepeat repeat -> {
        assertThat(repeat.before()).isEqualTo(record);
        record = repeat.after().written();
        yield repeat.task().id();
      }
      case Verdict.OtherBody other -> "other body";
      case Verdict.TooMany tooMany -> "too many";
    };
  }

  private void fails(String id) {
    stack.change(id, t -> Changes.rejected(t, stack.clock.instant(), new Failure("X", "No.")));
  }

  /** It fails after the provider took it, so that it may be charged. */
  private void failsCharged(String id) {
    var now = stack.clock.instant();
    stack.change(id, t -> Changes.admitted(t, now, stack.settings));
    stack.change(id, t -> Changes.submitting(t, now, "owner", stack.settings));
    stack.change(
        id, t -> Changes.idRecorded(t, 1, "rw-1", now, true, stack.settings).orElseThrow());
    stack.change(id, t -> Changes.failedByProvider(t, now, new Failure("X", "No.")));
    assertThat(stack.task(id).charged()).isNotEqualTo("no");
  }

  @Test
  void of_shouldTellByTheKey_thenTheSeed_thenTheCount() {
    assertThat(Send.of("a", "{}", true, "k", 0)).isInstanceOf(Send.Keyed.class);
    assertThat(Send.of("a", "{}", true, null, 0))
        .isInstanceOf(Send.Keyed.class)
        .isNotEqualTo(Send.of("a", "{}", true, "k", 0))
        .isEqualTo(Send.of("a", "{}", true, null, null))
        .isNotEqualTo(Send.of("b", "{}", true, null, null));
    assertThat(Send.of("a", "{}", false, null, 0)).isInstanceOf(Send.Counted.class);
    assertThat(Send.of("a", "{}", false, null, null)).isEqualTo(new Send.Single());
  }

  @Test
  void of_shouldKeepTenantsApart() {
    var ours = Send.of("a", "{}", false, "key", null).recordKey();
    assertThat(Send.of("b", "{}", false, "key", null).recordKey()).isNotEqualTo(ours);
    assertThat(Send.of("a", "{}", false, "key", null).recordKey()).isEqualTo(ours);
    assertThat(Send.of("a", "{}", false, null, 0).recordKey())
        .isNotEqualTo(Send.of("b", "{}", false, null, 0).recordKey());
  }

  @Test
  void judge_shouldBeANewOrderEachTime_whenNothingTells() {
    assertThat(sent(new Send.Single())).isNotEqualTo(sent(new Send.Single()));
    assertThat(record).isNull();
  }

  @Test
  void judge_shouldRepeat_whenTheKeyCameWithin24Hours() {
    var first = sent(keyed("k", "{}", null));
    stack.clock.advance(Duration.ofHours(24).minusMillis(1));
    assertThat(sent(keyed("k", "{}", null))).isEqualTo(first);
    stack.clock.advance(Duration.ofMillis(1));
    assertThat(sent(keyed("k", "{}", null))).isNotEqualTo(first);
  }

  @Test
  void judge_shouldRefuse_whenTheKeyCameWithAnotherBody_evenIfItsTaskFailed() {
    var first = sent(keyed("k", "{}", null));
    assertThat(sent(keyed("k", "{\"a\":1}", null))).isEqualTo("other body");
    fails(first);
    assertThat(sent(keyed("k", "{\"a\":1}", null))).isEqualTo("other body");
    stack.clock.advance(Repeats.KEY_LIFE);
    assertThat(sent(keyed("k", "{\"a\":1}", null))).isNotEqualTo("other body");
  }

  @Test
  void judge_shouldOrderAnew_whenTheTaskOfTheKeyFailed_wasCancelledOrHidden() {
    var first = sent(keyed("k", "{}", null));
    failsCharged(first);
    var second = sent(keyed("k", "{}", 0));
    assertThat(second).isNotEqualTo(first);
    cancelled(second);
    var third = sent(keyed("k", "{}", null));
    assertThat(third).isNotEqualTo(second);
    hides(third);
    assertThat(sent(keyed("k", "{}", null))).isNotEqualTo(third);
  }

  private void cancelled(String id) {
    stack.change(id, t -> Changes.cancelled(t, stack.clock.instant()));
  }

  /** Its user deletes it after it was sent. */
  private void hides(String id) {
    stack.change(id, t -> Changes.admitted(t, stack.clock.instant(), stack.settings));
    stack.change(id, t -> Changes.submitting(t, stack.clock.instant(), "owner", stack.settings));
    stack.change(id, t -> hidden(t));
  }

  private Task hidden(Task task) {
    var json = Json.MAPPER.<com.fasterxml.jackson.databind.node.ObjectNode>valueToTree(task);
    json.put("hiddenAt", Json.time(stack.clock.instant()));
    return Json.MAPPER.convertValue(json, Task.class);
  }

  @Test
  void judge_shouldNotPayTwiceForOneCall_whenItsTaskFailedAtTheProviderBeforeTheRetry() {
    var first = sent(keyed("k", "{}", 0));
    failsCharged(first);
    assertThat(sent(keyed("k", "{}", 1))).isEqualTo(first);
    stack.clock.advance(Repeats.CALL_LIFE);
    assertThat(sent(keyed("k", "{}", 1))).isNotEqualTo(first);
  }

  @Test
  void judge_shouldRepeat_whateverHasBecomeOfTheTaskOfTheSameCall() {
    for (Consumer<String> end :
        List.<Consumer<String>>of(this::fails, this::cancelled, this::hides)) {
      begin();
      var first = sent(counted(1)); // the first send is still on its way
      end.accept(first);
      assertThat(sent(counted(2))).isEqualTo(first);
      assertThat(sent(counted(0))).as("the first send, at last").isEqualTo(first);
      assertThat(sent(counted(0))).as("another take").isNotEqualTo(first);
    }
  }

  @Test
  void judge_shouldRepeat_whenAKeyedSendOfTheSameCallComesLate_whateverHasBecomeOfItsTask() {
    for (Consumer<String> end :
        List.<Consumer<String>>of(this::fails, this::cancelled, this::hides)) {
      begin();
      var first = sent(keyed("k", "{}", 1));
      end.accept(first);
      assertThat(sent(keyed("k", "{}", 0))).as("the first send, at last").isEqualTo(first);
      assertThat(sent(keyed("k", "{}", 1))).as("a call of its own").isNotEqualTo(first);
    }
  }

  @Test
  void judge_shouldRepeat_ratherThanOrderAnew_whenTheYoungerTakeIsCancelled() {
    var ours = sent(counted(0)); // its answer is lost
    var theirs = sent(counted(0));
    cancelled(theirs);
    assertThat(sent(counted(1))).as("our repeat").isEqualTo(ours);
  }

  @Test
  void judge_shouldMakeNoMoreTasksThanThereWereCalls_whateverEnds() {
    var chance = new SplittableRandom(7);
    for (int round = 0; round < 500; round++) {
      begin();
      int calls = 1 + chance.nextInt(4);
      var next = new int[calls]; // each call's next send, in any order among the calls
      var late = new ArrayList<Integer>();
      var made = new ArrayList<String>();
      for (int step = 0; step < calls * 3; step++) {
        int call = chance.nextInt(calls);
        if (next[call] == 0 && chance.nextInt(3) == 0) {
          late.add(next[call]++); // it hangs, and is heard of at the end
        }
        if (next[call] < 3) {
          made.add(sent(counted(next[call]++)));
        }
        if (!made.isEmpty() && chance.nextInt(3) == 0) {
          var ends = made.get(chance.nextInt(made.size()));
          if (stack.task(ends).status() == TaskStatus.QUEUED) {
            if (chance.nextBoolean()) {
              fails(ends);
            } else {
              cancelled(ends);
            }
          }
        }
      }
      late.forEach(count -> made.add(sent(counted(count))));
      assertThat(made.stream().distinct())
          .as("tasks of %d calls, in round %d", calls, round)
          .hasSizeLessThanOrEqualTo(calls);
    }
  }

  @Test
  void judge_shouldRepeat_whateverTheOrderOfTheSendsOfOneCall() {
    for (var order : List.of(List.of(0, 1, 2), List.of(1, 0, 2), List.of(2, 1, 0))) {
      record = null;
      assertThat(order.stream().map(count -> sent(counted(count))).distinct())
          .as("sends in the order %s", order)
          .hasSize(1);
    }
  }

  @Test
  void judge_shouldBeAnotherTake_whenAFirstSendComesAgain() {
    assertThat(sent(counted(0))).isNotEqualTo(sent(counted(0)));
  }

  @Test
  void judge_shouldGiveTheRetryToItsOwnCall_whenTheCallBeforeWasAnswered() {
    var answered = sent(counted(0));
    var cut = sent(counted(0));
    assertThat(sent(counted(1))).isEqualTo(cut).isNotEqualTo(answered);
    assertThat(sent(counted(2))).isEqualTo(cut);
  }

  @Test
  void judge_shouldFollowTheChain_whenAnotherCallComesInBetween() {
    var ours = sent(counted(0));
    sent(counted(1));
    var theirs = sent(counted(0));
    assertThat(sent(counted(2))).isEqualTo(ours).isNotEqualTo(theirs);
  }

  @Test
  void judge_shouldMakeAsManyTasksAsCalls_andAnswerEachWithItsOwn_whenFiftyRetryAtOnce() {
    var made = new ArrayList<String>();
    for (int count = 0; count < 3; count++) {
      for (int call = 0; call < 50; call++) {
        made.add(sent(counted(count)));
      }
    }
    assertThat(made.stream().distinct()).hasSize(50);
    assertThat(made.subList(50, 100)).doesNotHaveDuplicates();
    assertThat(made.subList(100, 150)).doesNotHaveDuplicates();
  }

  @Test
  void judge_shouldGiveALateFirstSend_toTheCallWhoseRetryCameBefore() {
    var answered = sent(counted(0));
    var overtaken = sent(counted(2));
    assertThat(overtaken).as("it follows the call before").isEqualTo(answered);
    record = null;
    var retried = sent(counted(1));
    assertThat(sent(counted(0))).as("its own first send, late").isEqualTo(retried);
    assertThat(sent(counted(0))).as("another call").isNotEqualTo(retried);
  }

  @Test
  void judge_shouldForget_fiveMinutesAfterTheLastSend() {
    var first = sent(counted(0));
    stack.clock.advance(Repeats.CALL_LIFE.minusMillis(1));
    assertThat(sent(counted(1))).isEqualTo(first);
    stack.clock.advance(Repeats.CALL_LIFE.minusMillis(1));
    assertThat(sent(counted(2))).isEqualTo(first);
    stack.clock.advance(Repeats.CALL_LIFE);
    assertThat(sent(counted(3))).isNotEqualTo(first);
    assertThat(there(record).made()).hasSize(1);
  }

  @Test
  void judge_shouldRefuse_ratherThanMixUp_whenMoreAreRememberedThanFit() throws Exception {
    IntStream.range(0, Repeats.MOST).forEach(i -> sent(counted(0)));
    assertThat(sent(counted(0))).isEqualTo("too many");
    assertThat(sent(counted(1))).isNotEqualTo("too many");
    assertThat(Json.MAPPER.writeValueAsBytes(record).length).isLessThan(8 * 1024);
    stack.clock.advance(Repeats.CALL_LIFE);
    assertThat(sent(counted(0))).isNotEqualTo("too many");
  }

  @Test
  void judge_shouldRepeat_howeverOftenAClientRetries() {
    var first = sent(counted(0));
    for (int count = 1; count < 40; count++) {
      assertThat(sent(counted(count))).isEqualTo(first);
    }
    assertThat(sent(counted(999_999_999))).isEqualTo(first);
    assertThat(sent(counted(999_999_999))).isEqualTo(first);
  }
}
