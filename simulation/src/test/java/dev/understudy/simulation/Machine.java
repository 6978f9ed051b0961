package dev.understudy.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.statemachine.Execution;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.statemachine.StateMachine;
import dev.understudy.core.statemachine.TaskFunction;
import dev.understudy.simulation.Invocation.Function;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Step Functions: walks the real definition, several executions at once, and says how they end. */
final class Machine implements Executions {

  /** An execution under way. */
  final class Run {
    final String name;
    final String task;
    final int generation;
    final Execution walk;
    private boolean answersDuringStep;
    private @Nullable Outcome early;

    Run(String name, String task, int generation) {
      this.name = name;
      this.task = task;
      this.generation = generation;
      var input = Json.MAPPER.createObjectNode().put("id", task).put("generation", generation);
      this.walk =
          definition.start(
              input,
              Map.of(
                  "${SubmitFunctionArn}", calls(Function.SUBMIT),
                  "${PollFunctionArn}", calls(Function.POLL),
                  "${PersistFunctionArn}", calls(Function.PERSIST),
                  "${ReconcileFunctionArn}", calls(Function.RECONCILE)),
              world.now());
    }

    private TaskFunction calls(Function function) {
      return (payload, _) -> {
        early = null;
        answersDuringStep = true;
        functions.invoke(function, payload, task, this::answered);
        answersDuringStep = false;
        return early == null ? new Outcome.UnderWay() : early;
      };
    }

    private void answered(Outcome outcome) {
      carries(outcome);
      if (answersDuringStep) {
        early = outcome;
      } else if (walk.ended(outcome, world.now())) {
        schedule(this);
      }
    }

    private void carries(Outcome outcome) {
      if (outcome instanceof Outcome.Answered(var answer, var _) && answer.has("unrecorded")) {
        carried.put(answer.path("unrecorded").path("providerTaskId").asText(), this);
      }
    }
  }

  private final World world;
  private final Chaos chaos;
  private final Functions functions;
  private final Invariants invariants;
  private StateMachine definition;
  private final Set<String> names = new HashSet<>();
  final Map<String, Run> running = new LinkedHashMap<>();

  /** The ids that an execution has in hand because the table did not take them. */
  final Map<String, Run> carried = new LinkedHashMap<>();

  Machine(
      World world,
      Chaos chaos,
      Functions functions,
      Invariants invariants,
      StateMachine definition) {
    this.world = world;
    this.chaos = chaos;
    this.functions = functions;
    this.invariants = invariants;
    this.definition = definition;
  }

  /** Executions that start from now on walk this definition; the others go on as they began. */
  void deploy(StateMachine newer) {
    definition = newer;
  }

  @Override
  public void start(String taskId, int generation) {
    var name = "%s-%d".formatted(taskId, generation);
    if (!names.add(name)) {
      return;
    }
    boolean late = chaos.on && world.chance(0.05);
    if (late) {
      chaos.count("execution late", taskId);
    }
    begin(name, taskId, generation, world.upTo(Duration.ofSeconds(late ? 900 : 1)));
    if (chaos.on && world.chance(0.04)) {
      chaos.count("execution twice", taskId);
      var by = "by-hand-%d".formatted(names.size());
      begin(by, taskId, generation, world.upTo(Duration.ofSeconds(400)));
    }
  }

  private void begin(String name, String task, int generation, Duration in) {
    world.in(
        in,
        () -> {
          var run = new Run(name, task, generation);
          running.put(name, run);
          schedule(run);
        });
  }

  private void schedule(Run run) {
    var when = run.walk.nextWakeUp();
    if (when.isEmpty()) {
      ended(run);
      return;
    }
    world.at(when.get(), () -> step(run, when.get()));
  }

  private void step(Run run, java.time.Instant wanted) {
    var when = run.walk.nextWakeUp();
    if (when.isEmpty() || !when.get().equals(wanted) || !running.containsKey(run.name)) {
      return; // it was stopped, or a call that was under way has ended meanwhile
    }
    run.walk.step();
    schedule(run);
  }

  /** Somebody stops an execution. */
  void stop(Run run) {
    chaos.count("execution stopped", run.task);
    world.say(() -> "execution %s is stopped".formatted(run.name));
    run.walk.stop();
    ended(run);
  }

  private void ended(Run run) {
    if (running.remove(run.name) == null) {
      return;
    }
    world.say(
        () -> "execution %s ended: %s %s".formatted(run.name, run.walk.status(), run.walk.error()));
    invariants.walked(run);
    if (run.walk.status() == Execution.Status.SUCCEEDED) {
      return;
    }
    boolean lost = chaos.on && world.chance(0.1);
    if (lost) {
      chaos.count("failure event lost", run.task);
      return;
    }
    tell(run, world.upTo(Duration.ofSeconds(3)));
    if (chaos.on && world.chance(0.2)) {
      chaos.count("failure event twice", run.task);
      tell(run, world.upTo(Duration.ofMinutes(10)));
    }
  }

  private void tell(Run run, Duration in) {
    var event = Json.MAPPER.createObjectNode();
    event.put("detail-type", "Step Functions Execution Status Change");
    event.putObject("detail").put("name", run.name).put("status", run.walk.status().name());
    world.in(in, () -> again(event, run.task, 2));
  }

  /** Lambda repeats an event twice. */
  private void again(JsonNode event, String task, int more) {
    functions.invoke(
        Function.RECONCILE,
        event,
        task,
        outcome -> {
          if (outcome instanceof Outcome.Failed && more > 0) {
            world.in(Duration.ofMinutes(3L - more), () -> again(event, task, more - 1));
          }
        });
  }

  List<Run> runs() {
    return List.copyOf(running.values());
  }

  /** Whether this id may be lost with the execution that had it: it was stopped, or failed. */
  boolean lostWithItsExecution(String providerTaskId) {
    var run = carried.get(providerTaskId);
    return run != null && Objects.requireNonNull(run).walk.status() != Execution.Status.SUCCEEDED;
  }
}
