package dev.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.core.announce.Announcer;
import dev.understudy.core.announce.StatusPage;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.statemachine.Execution;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.statemachine.StateMachine;
import dev.understudy.core.statemachine.TaskFunction;
import dev.understudy.core.task.StepInput;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.TestStack;
import dev.understudy.persist.Delivery;
import dev.understudy.persist.Persistence;
import dev.understudy.poll.Polling;
import dev.understudy.submit.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One task from its order in the bucket to its video, through the real functions and the real state
 * machine on a virtual clock, with everything counted that AWS charges for.
 */
final class OneTask {

  private static final Duration PLENTY = Duration.ofSeconds(200);
  private static final byte[] VIDEO = Clips.mp4(Duration.ofSeconds(4));

  /** What AWS charges for, by its name in prices.json, and what it sums up to. */
  record Bill(
      Map<String, Double> counts, int historyEvents, int polls, Map<String, Integer> calls) {

    double usd(Prices prices) {
      return counts.entrySet().stream()
          .mapToDouble(each -> each.getValue() * prices.usd(each.getKey()))
          .sum();
    }
  }

  private final Prices prices;
  private final TestStack stack;
  private final CountingTable table;
  private final CountingBucket bucket;
  private final OrderDesk desk;
  private final Map<String, TaskFunction> functions;
  private final Map<String, Integer> calls = new TreeMap<>();
  private int invocations;
  private double gigabyteSeconds;

  /**
   * @param says what the provider answers so many seconds after the POST; null once it is done
   */
  OneTask(Prices prices, long seed, Function<Double, Exchange> says) {
    this.prices = prices;
    this.stack = new TestStack(Map.of("MAX_IN_FLIGHT", "1"), seed);
    this.table =
        new CountingTable(
            stack.table, stack.settings, stack.clock, call -> calls.merge(call, 1, Integer::sum));
    this.bucket = new CountingBucket(stack.bucket);
    TaskStore store = table.store();
    var here = bucket.bucket();
    var writer = new TaskWriter(store, stack.random);
    var admission =
        new Admission(store, stack.executions, stack.settings, stack.clock, stack.random);
    var page = new StatusPage(store, here);
    var announcer = new Announcer(store, page, stack.eventBus);
    this.desk =
        new OrderDesk(
            store, here, announcer, page, admission, stack.settings, stack.clock, stack.random);
    var submission =
        new Submission(
            store,
            writer,
            stack.provider,
            stack.signer,
            stack.apiKey,
            admission,
            announcer,
            stack.settings,
            stack.clock);
    var polling =
        new Polling(
            store,
            writer,
            stack.provider,
            stack.apiKey,
            admission,
            announcer,
            stack.settings,
            stack.clock,
            stack.random);
    var persistence =
        new Persistence(
            store,
            writer,
            stack.provider,
            stack.apiKey,
            new Delivery(
                here,
                uri ->
                    new Download.Opened(
                        new ByteArrayInputStream(VIDEO), (long) VIDEO.length, null)),
            announcer,
            stack.settings,
            stack.clock);
    for (int i = 0; i < 1_000; i++) {
      stack.provider.onAsk(() -> {
        var posted = stack.provider.posts().getFirst().at();
        return says.apply(Duration.between(posted, stack.clock.instant()).toMillis() / 1000.0);
      });
    }
    this.functions =
        Map.of(
            "${SubmitFunctionArn}",
            function("Submit", s -> submission.submit(s.id(), s.generation(), () -> PLENTY)),
            "${PollFunctionArn}",
            function("Poll", s -> polling.poll(s.id(), s.generation(), s.unrecorded())),
            "${PersistFunctionArn}",
            function("Persist", s -> persistence.persist(s.id(), s.generation())));
  }

  /** Answers of a provider that works for so long. */
  static Function<Double, Exchange> done(RenderTime task, Function<Double, Exchange> meanwhile) {
    return since -> since >= task.end() ? Answers.done() : meanwhile.apply(since);
  }

  private TaskFunction function(String name, Function<StepInput, Turn> behaviour) {
    return (payload, at) -> {
      at(at);
      invoked(name);
      var turn = behaviour.apply(step(payload));
      return Outcome.answered(Json.MAPPER.valueToTree(turn)).after(prices.lasts(name));
    };
  }

  private static StepInput step(JsonNode payload) {
    return Json.MAPPER.convertValue(payload, StepInput.class);
  }

  private void at(Instant at) {
    var now = stack.clock.instant();
    if (at.isAfter(now)) {
      stack.clock.advance(Duration.between(now, at));
    }
  }

  private void invoked(String function) {
    invocations++;
    gigabyteSeconds += prices.gigabyteSeconds(function);
  }

  /** An order of two files and a form: S3 announces each of the three to ingest. */
  private void order(String folder) {
    var files =
        new TreeMap<>(
            Map.of(
                "character.png", Clips.png(),
                "reference.mp4", VIDEO,
                "task.json", "{}".getBytes(StandardCharsets.UTF_8)));
    files.forEach((name, content) -> {
      var key = "incoming/%s/%s".formatted(folder, name);
      stack.bucket.upload(key, content);
      invoked(name.equals("task.json") ? "IngestForm" : "Ingest");
      desk.uploaded(key);
    });
  }

  /** Runs it to its end. */
  Bill run() throws IOException {
    order("shot");
    var started = stack.started.remove();
    var input =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", started.id())
            .put("generation", started.generation());
    var machine = StateMachine.read(Path.of("statemachine", "character-performance.asl.json"));
    var execution = machine.start(input, functions, stack.clock.instant()).runToEnd();
    var task = stack.task(started.id());
    if (execution.status() != Execution.Status.SUCCEEDED
        || task.status() != TaskStatus.SUCCEEDED && task.stall() == null) {
      throw new IllegalStateException("%s: %s".formatted(execution.error(), task));
    }
    return bill(execution.transitions(), execution.historyEvents(), task.polls());
  }

  /**
   * Orders a second task while the first holds the only place, and lets it wait.
   *
   * @return what its waiting took, without its order
   */
  Bill waiting() {
    order("first");
    order("second");
    stack.started.remove();
    var before = bill(0, 0, 0);
    stack.clock.advance(Duration.ofDays(1));
    int executions = stack.started.size();
    var after = bill(executions, executions, 0);
    var counts = new TreeMap<>(after.counts());
    before.counts().forEach((name, number) -> counts.merge(name, -number, Double::sum));
    return new Bill(counts, executions, 0, Map.of());
  }

  private Bill bill(int transitions, int historyEvents, int polls) {
    var counts = new TreeMap<String, Double>();
    counts.put("transition", (double) transitions);
    counts.put("lambdaRequest", (double) invocations);
    counts.put("lambdaGbSecond", gigabyteSeconds);
    counts.put("writeUnit", table.writeUnits());
    counts.put("readUnit", table.readUnits());
    counts.put("s3Put", (double) bucket.puts());
    counts.put("s3Get", (double) bucket.gets());
    counts.put("event", (double) stack.events.size());
    counts.put("logGb", invocations * prices.logGigabytes());
    return new Bill(counts, historyEvents, polls, Map.copyOf(calls));
  }
}
