package dev.understudy.simulation;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.simulation.Invocation.Function;
import dev.understudy.simulation.Invocation.Killed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lambda: runs the handlers, lets them take their time, kills them, or forgets to. */
final class Functions {

  private final World world;
  private final Chaos chaos;
  private final Invariants invariants;
  private final Map<Function, Supplier<RequestStreamHandler>> handlers =
      new EnumMap<>(Function.class);
  private int numbers;

  Functions(World world, Chaos chaos, Invariants invariants) {
    this.world = world;
    this.chaos = chaos;
    this.invariants = invariants;
  }

  void deploy(Function function, RequestStreamHandler handler) {
    handlers.put(function, () -> handler);
  }

  void deploy(Function function, Supplier<RequestStreamHandler> environment) {
    handlers.put(function, environment);
  }

  /**
   * Begins an invocation.
   *
   * @param task the task it is for, if it is for one
   * @param caller hears how it ended, now or later, once
   */
  Invocation invoke(
      Function function, JsonNode payload, @Nullable String task, Consumer<Outcome> caller) {
    var plan = chaos.plan(function, task);
    var by = new Invocation(++numbers, function, task, world.now(), plan);
    by.generation = function == Function.RECONCILE ? -1 : payload.path("generation").asInt(-1);
    world.say(() ->
        "%s begins%s%s"
            .formatted(
                by,
                task == null ? "" : " for " + task.substring(0, 8),
                plan.slow() ? ", slowly" : ""));
    if (!plan.slow()) {
      world.current(by);
      Outcome outcome;
      try {
        outcome = run(by, payload);
      } finally {
        world.current(null);
      }
      by.answered = true;
      ended(by, outcome);
      caller.accept(outcome);
      return by;
    }
    by.fiber =
        new Fiber(() -> {
          var outcome = run(by, payload);
          world.standing.remove(by);
          ended(by, outcome);
          if (by.answered) {
            world.say(() -> "ends unheard: " + outcome);
          } else {
            by.answered = true;
            world.in(Duration.ZERO, () -> caller.accept(outcome));
          }
        });
    world.standing.add(by);
    world.in(function.timeout, () -> timeout(by, caller));
    var patience = plan.givenUpAfter();
    if (patience != null) {
      world.in(
          patience,
          () -> {
            if (!by.ended && !by.answered) {
              chaos.count("caller gave up", task);
              by.answered = true;
              caller.accept(Outcome.failed("Lambda.Unknown", "The connection was lost."));
            }
          });
    }
    chaos.resume(by);
    return by;
  }

  private void timeout(Invocation by, Consumer<Outcome> caller) {
    if (by.ended) {
      return;
    }
    // an api call that outlives the memory of its own repeats would be a new order: docs/testing.md
    boolean lives = by.plan.zombie() && chaos.on && by.function != Function.API;
    chaos.count(lives ? "zombie" : "timed out", by.task);
    world.say(() -> by + (lives ? " timed out and lives on" : " timed out and is killed"));
    if (!by.answered) {
      by.answered = true;
      caller.accept(Outcome.failed("Sandbox.Timedout", "Task timed out"));
    }
    if (!lives) {
      chaos.kill(by);
    }
  }

  private Outcome run(Invocation by, JsonNode payload) {
    var handler = handlers.get(by.function);
    if (handler == null) {
      throw new IllegalStateException("no handler of " + by.function);
    }
    var output = new ByteArrayOutputStream();
    try {
      handler
          .get()
          .handleRequest(
              new ByteArrayInputStream(Json.MAPPER.writeValueAsBytes(payload)),
              output,
              by.context(world));
      var answer = Json.MAPPER.readTree(output.toByteArray());
      return Outcome.answered(answer.isMissingNode() ? Json.MAPPER.createObjectNode() : answer);
    } catch (Killed e) {
      return Outcome.failed("Runtime.ExitError", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      world.say(() -> "fails: " + e);
      invariants.threw(e);
      return Outcome.failed(e.getClass().getName(), String.valueOf(e.getMessage()));
    }
  }

  private void ended(Invocation by, Outcome outcome) {
    by.ended = true;
    invariants.ended(by, outcome);
  }

  /** Ends what still stands, so that no thread is left. */
  void killAll() {
    for (var by : List.copyOf(world.standing)) {
      chaos.kill(by);
    }
  }
}
