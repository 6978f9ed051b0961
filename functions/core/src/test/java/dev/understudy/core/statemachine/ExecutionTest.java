package dev.understudy.core.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The walker itself, on machines of a line or two (single quotes stand for double ones). */
class ExecutionTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TASK =
      "'Type':'Task','Resource':'arn:aws:states:::lambda:invoke',"
          + "'Arguments':{'FunctionName':'f','Payload':'{% $states.input %}'},";

  private final List<Instant> calls = new ArrayList<>();

  @Test
  void step_shouldDoOneStateAndTellTheNextTime_whenThereIsAWait() {
    // given
    Execution execution =
        execution(
            "{'A':{'Type':'Wait','Seconds':'{% 2 + 3 %}','Next':'B'},'B':{'Type':'Succeed'}}");

    // when, then
    assertThat(execution.nextWakeUp()).contains(START);
    execution.step();
    assertThat(execution.states()).containsExactly("A");
    assertThat(execution.nextWakeUp()).contains(START.plusSeconds(5));
    execution.step();
    assertThat(execution.states()).containsExactly("A", "B");
    assertThat(execution.nextWakeUp()).isEmpty();
    assertThat(execution.status()).isEqualTo(Execution.Status.SUCCEEDED);
    assertThatThrownBy(execution::step).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void output_shouldReplaceWhatIsPassedOn_andAssignedValuesShouldLast() {
    Execution execution =
        execution(
                "{'A':{'Type':'Pass','Assign':{'x':'{% $states.input.a %}','n':null},"
                    + "'Output':{'b':[1,'{% $states.input.a + 1 %}']},'Next':'B'},"
                    + "'B':{'Type':'Pass','Next':'C'},"
                    + "'C':{'Type':'Pass','Output':{'x':'{% $x %}','n':'{% $n %}',"
                    + "'in':'{% $states.input %}'},'End':true}}")
            .runToEnd();

    assertThat(execution.output()).isEqualTo(json("{'x':7,'n':null,'in':{'b':[1,8]}}"));
  }

  @Test
  void choice_shouldTakeTheFirstRuleThatHolds_elseItsDefault() {
    String machine =
        "{'A':{'Type':'Choice','Choices':["
            + "{'Condition':'{%% $states.input.a > %d %%}','Next':'B'},"
            + "{'Condition':'{%% $states.input.a > %d %%}','Output':'c','Next':'C'}],'Default':'D'},"
            + "'B':{'Type':'Succeed'},'C':{'Type':'Succeed'},'D':{'Type':'Succeed'}}";

    assertThat(execution(machine.formatted(6, 6)).runToEnd().states()).containsExactly("A", "B");
    assertThat(execution(machine.formatted(7, 6)).runToEnd().output()).isEqualTo(json("'c'"));
    assertThat(execution(machine.formatted(7, 7)).runToEnd().states()).containsExactly("A", "D");
  }

  @Test
  void retry_shouldWaitLongerEachTime_upToItsLimits() {
    execution(
            "{'A':{"
                + TASK
                + "'Retry':[{'ErrorEquals':['Other'],'MaxAttempts':9},"
                + "{'ErrorEquals':['States.TaskFailed'],'IntervalSeconds':3,'BackoffRate':2,"
                + "'MaxDelaySeconds':7,'MaxAttempts':4}],'End':true}}",
            Outcome.failed("Broken", ""))
        .runToEnd();

    assertThat(calls)
        .extracting(at -> Duration.between(START, at).toSeconds())
        .containsExactly(0L, 3L, 9L, 16L, 23L);
  }

  @Test
  void retry_shouldHaveStepFunctionsDefaults_whenItSaysNothing() {
    execution(
            "{'A':{" + TASK + "'Retry':[{'ErrorEquals':['States.ALL']}],'End':true}}",
            Outcome.failed("Broken", ""))
        .runToEnd();

    assertThat(calls)
        .extracting(at -> Duration.between(START, at).toSeconds())
        .containsExactly(0L, 1L, 3L, 7L);
  }

  @Test
  void taskFailed_shouldNotMatchATimeout() {
    String machine =
        "{'A':{"
            + TASK
            + "'TimeoutSeconds':60,'Catch':[{'ErrorEquals':['States.TaskFailed'],'Next':'B'}],"
            + "'End':true},'B':{'Type':'Succeed'}}";

    Execution failed = execution(machine, Outcome.failed("Broken", "")).runToEnd();
    Execution late =
        execution(machine, Outcome.answered(json("1")).after(Duration.ofMinutes(2))).runToEnd();

    assertThat(failed.status()).isEqualTo(Execution.Status.SUCCEEDED);
    assertThat(late.status()).isEqualTo(Execution.Status.FAILED);
    assertThat(late.error()).isEqualTo("States.Timeout");
  }

  @Test
  void task_shouldDelayWhatFollows_whenItTakesTime() {
    Execution execution =
        execution(
                "{'A':{"
                    + TASK
                    + "'Output':'{% $states.result.Payload %}','Next':'B'},"
                    + "'B':{'Type':'Succeed'}}",
                Outcome.answered(json("{'ok':1}")).after(Duration.ofSeconds(9)))
            .runToEnd();

    assertThat(execution.trace().getLast())
        .isEqualTo(new Execution.Visit("B", START.plusSeconds(9), json("{'ok':1}")));
  }

  @Test
  void catcher_shouldPassTheErrorOn_unlessItHasAnOutput() {
    String machine =
        "{'A':{"
            + TASK
            + "'Catch':[{'ErrorEquals':['States.ALL']OUTPUT,'Next':'B'}],'End':true},"
            + "'B':{'Type':'Succeed'}}";
    Outcome broken = Outcome.failed("Broken", "Why.");

    assertThat(execution(machine.replace("OUTPUT", ""), broken).runToEnd().output())
        .isEqualTo(json("{'Error':'Broken','Cause':'Why.'}"));
    assertThat(
            execution(
                    machine.replace("OUTPUT", ",'Output':'{% $states.errorOutput.Cause %}'"),
                    broken)
                .runToEnd()
                .output())
        .isEqualTo(json("'Why.'"));
  }

  @Test
  void error_shouldBeTheClassOfTheException_whenAFunctionThrows() {
    TaskFunction function =
        (payload, at) -> {
          throw new UnsupportedOperationException("Not yet.");
        };
    Execution execution =
        machine("{'A':{" + TASK + "'End':true}}")
            .start(json("{}"), Map.of("f", function), START)
            .runToEnd();

    assertThat(execution.error()).isEqualTo("java.lang.UnsupportedOperationException");
    assertThat(execution.cause()).isEqualTo("Not yet.");
  }

  @Test
  void expression_shouldFailTheState_whenItHasNoValue() {
    String missing = "'{% $states.input.missing %}'";
    Execution wait =
        execution("{'A':{'Type':'Wait','Seconds':" + missing + ",'End':true}}").runToEnd();
    Execution task =
        execution(
                "{'A':{"
                    + TASK
                    + "'Output':"
                    + missing
                    + ",'Catch':[{'ErrorEquals':['States.QueryEvaluationError'],'Next':'B'}],"
                    + "'End':true},'B':{'Type':'Succeed'}}",
                Outcome.answered(json("1")))
            .runToEnd();

    assertThat(wait.status()).isEqualTo(Execution.Status.FAILED);
    assertThat(wait.error()).isEqualTo("States.QueryEvaluationError");
    assertThat(task.status()).isEqualTo(Execution.Status.SUCCEEDED);
  }

  @Test
  void wait_shouldFail_whenItsSecondsAreNotAWholeNumber() {
    for (String seconds : List.of("1.5", "-1", "'2'")) {
      Execution execution =
          execution("{'A':{'Type':'Wait','Seconds':" + seconds + ",'End':true}}").runToEnd();
      assertThat(execution.error()).isEqualTo("States.QueryEvaluationError");
    }
  }

  @Test
  void fail_shouldEndWithItsErrorAndCause() {
    Execution execution =
        execution("{'A':{'Type':'Fail','Error':'Sad','Cause':'{% $states.input.b %}'}}").runToEnd();

    assertThat(execution.status()).isEqualTo(Execution.Status.FAILED);
    assertThat(execution.error()).isEqualTo("Sad");
    assertThat(execution.cause()).isEqualTo("because");
  }

  @Test
  void counts_shouldBeThoseOfAws() {
    // ExecutionStarted; A entered, (scheduled, started, failed) twice, exited; B entered, exited;
    // ExecutionSucceeded
    Execution execution =
        execution(
                "{'A':{"
                    + TASK
                    + "'Retry':[{'ErrorEquals':['Broken'],'MaxAttempts':1}],"
                    + "'Catch':[{'ErrorEquals':['States.ALL'],'Next':'B'}],'End':true},"
                    + "'B':{'Type':'Succeed'}}",
                Outcome.failed("Broken", ""))
            .runToEnd();

    assertThat(execution.historyEvents()).isEqualTo(1 + 1 + 3 + 3 + 1 + 2 + 1);
    assertThat(execution.transitions()).isEqualTo(3);
  }

  @Test
  void execution_shouldFail_whenItsHistoryIsFull() {
    Execution execution = execution("{'A':{'Type':'Pass','Next':'A'}}").runToEnd();

    assertThat(execution.status()).isEqualTo(Execution.Status.FAILED);
    assertThat(execution.historyEvents()).isEqualTo(25_000);
  }

  @Test
  void execution_shouldTimeOut_atTheMachinesLimit() {
    StateMachine machine =
        StateMachine.parse(
            quotes(
                "{'QueryLanguage':'JSONata','StartAt':'A','TimeoutSeconds':100,"
                    + "'States':{'A':{'Type':'Wait','Seconds':60,'Next':'A'}}}"));
    Execution execution = machine.start(json("{}"), Map.of(), START);
    execution.step();
    execution.step();

    assertThat(execution.nextWakeUp()).contains(START.plusSeconds(100));
    execution.step();
    assertThat(execution.status()).isEqualTo(Execution.Status.TIMED_OUT);
  }

  @Test
  void parse_shouldRefuse_whatTheWalkerWouldPassOver() {
    for (String states :
        List.of(
            "{'A':{'Type':'Wait','SecondsPath':'$.a','End':true}}",
            "{'A':{'Type':'Map','End':true}}",
            "{'A':{'Type':'Task','Resource':'arn:aws:states:::sqs:sendMessage','End':true}}",
            "{'A':{" + TASK + "'Catch':[{'ErrorEquals':['X'],'ResultPath':'$.e','Next':'A'}]}}")) {
      assertThatThrownBy(() -> machine(states)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private Execution execution(String states, Outcome... outcome) {
    TaskFunction function =
        (payload, at) -> {
          calls.add(at);
          return outcome[0];
        };
    return machine(states).start(json("{'a':7,'b':'because'}"), Map.of("f", function), START);
  }

  private static StateMachine machine(String states) {
    return StateMachine.parse(
        quotes("{'QueryLanguage':'JSONata','StartAt':'A','States':" + states + "}"));
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(quotes(text));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static String quotes(String text) {
    return text.replace('\'', '"');
  }
}
