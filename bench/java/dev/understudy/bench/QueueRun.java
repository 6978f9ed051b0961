package dev.understudy.bench;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.TestStack;
import dev.understudy.persist.Delivery;
import dev.understudy.persist.Persistence;
import dev.understudy.poll.Polling;
import dev.understudy.reconcile.Reconciliation;
import dev.understudy.submit.Submission;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A stack with one limit works off a queue of three tenants, of whom the first ordered seven tenths
 * of all tasks before the others. The provider refuses one POST in a hundred with 429; Step
 * Functions starts executions as its smallest published quota allows.
 */
final class QueueRun {

  private static final Duration PLENTY = Duration.ofSeconds(200);
  private static final byte[] VIDEO = Clips.mp4(Duration.ofSeconds(1));
  private static final List<String> TENANTS = List.of("default", "studio", "tests");
  private static final Pattern TASK = Pattern.compile("inputs/([^/]+)/character");

  /**
   * StartExecution: a bucket of 800, refilled with 150 a second (regions other than the largest).
   */
  private static final int STARTS = 800;

  private static final int STARTS_A_SECOND = 150;

  /**
   * How it went.
   *
   * @param delivered tasks that succeeded
   * @param seconds until the last one had
   * @param work all render times, divided by the limit
   * @param ideal what the same tasks in the same order take if every end is seen at once and the
   *     next one starts in that moment
   * @param used the share of the places held while tasks waited
   * @param leastShare the least that a tenant held while it waited, of an equal share, on average
   * @param mostPlaces held at once
   * @param mostAtProvider tasks accepted and not done, at once
   * @param refusals 429s
   * @param transitions of the state machine, a task
   * @param mostStarts executions started in the fullest second
   * @param mostCounterWrites writes of the stack's counter in the fullest second
   */
  record Outcome(
      int delivered,
      double seconds,
      double work,
      double ideal,
      double used,
      double leastShare,
      int mostPlaces,
      int mostAtProvider,
      int refusals,
      double transitions,
      int mostStarts,
      int mostCounterWrites) {}

  private record Step(Instant at, String id, int generation, Turn.@Nullable Next next) {}

  private final int tasks;
  private final int limit;
  private final TestStack stack;
  private final Random chance;
  private final FakeRenders provider;
  private final Admission admission;
  private final Submission submission;
  private final Polling polling;
  private final Persistence persistence;
  private final Reconciliation reconciliation;
  private final PriorityQueue<Step> steps = new PriorityQueue<>(Comparator.comparing(Step::at));

  private final Map<Long, Integer> starts = new HashMap<>();
  private final Map<Long, Integer> counterWrites = new HashMap<>();
  private final Set<TestStack.Started> everStarted = new HashSet<>();
  private double tokens = STARTS;
  private Instant refilled;
  private int transitions;
  private int delivered;

  private final double[] held = new double[TENANTS.size()];
  private final double[] waited = new double[TENANTS.size()];
  private double placeSeconds;
  private double busySeconds;
  private int mostPlaces;
  private int mostAtProvider;

  /**
   * @param seed of what is left to chance: how long each render takes, and which POST is refused
   */
  QueueRun(int tasks, int limit, boolean progress, long seed) {
    this.chance = new Random(seed);
    this.tasks = tasks;
    this.limit = limit;
    this.stack =
        new TestStack(
            Map.of(
                "MAX_IN_FLIGHT",
                Integer.toString(limit),
                "MONTHLY_CAP_USD",
                "1000000",
                "RETENTION_DAYS",
                "0"),
            limit);
    this.refilled = stack.clock.instant();
    this.provider = new FakeRenders(progress);
    Executions executions = this::start;
    TaskStore store = stack.table;
    this.admission = new Admission(store, executions, stack.settings, stack.clock, stack.random);
    var announcer = new Announcer(store, stack.statusPage, event -> {});
    this.submission =
        new Submission(
            store,
            stack.writer,
            provider,
            stack.signer,
            stack.apiKey,
            admission,
            announcer,
            stack.settings,
            stack.clock);
    this.polling =
        new Polling(
            store,
            stack.writer,
            provider,
            stack.apiKey,
            admission,
            announcer,
            stack.settings,
            stack.clock,
            stack.random);
    this.persistence =
        new Persistence(
            store,
            stack.writer,
            provider,
            stack.apiKey,
            new Delivery(
                stack.bucket,
                uri ->
                    new Download.Opened(
                        new ByteArrayInputStream(VIDEO), (long) VIDEO.length, null)),
            announcer,
            stack.settings,
            stack.clock);
    this.reconciliation =
        new Reconciliation(
            store,
            stack.writer,
            executions,
            admission,
            announcer,
            stack.desk,
            stack.settings,
            stack.clock);
  }

  /** Accepts, refuses one in a hundred, and is done with each when its render time is over. */
  private final class FakeRenders implements Provider {

    private record Render(RenderTime time, Instant from) {

      Instant end() {
        return from.plusMillis(Math.round(1000 * time.end()));
      }
    }

    private final boolean progress;
    private final Map<String, Render> renders = new HashMap<>();
    private final List<Instant> ends = new ArrayList<>();
    private int refusals;
    private final List<Double> seconds = new ArrayList<>();

    private FakeRenders(boolean progress) {
      this.progress = progress;
    }

    @Override
    public Exchange submit(byte[] json, String apiKey, Duration bound) {
      if (chance.nextInt(100) == 0) {
        refusals++;
        return Answers.later(429, null);
      }
      var named = TASK.matcher(new String(json, StandardCharsets.UTF_8));
      if (!named.find() || renders.containsKey(named.group(1))) {
        throw new IllegalStateException("a POST without a task, or a second one");
      }
      var render = new Render(RenderTime.usual(chance), stack.clock.instant());
      renders.put(named.group(1), render);
      seconds.add(render.time().end());
      ends.removeIf(end -> !end.isAfter(stack.clock.instant()));
      ends.add(render.end());
      mostAtProvider = Math.max(mostAtProvider, ends.size());
      return Answers.accepted(named.group(1));
    }

    @Override
    public Exchange task(String id, String apiKey, Duration bound) {
      var render = Objects.requireNonNull(renders.get(id));
      if (!render.end().isAfter(stack.clock.instant())) {
        return Answers.done();
      }
      double since = Duration.between(render.from(), stack.clock.instant()).toMillis() / 1000.0;
      return progress
          ? Answers.running(Math.floor(100 * since / render.time().end()) / 100)
          : Answers.of(200, "{\"id\":\"x\",\"status\":\"RUNNING\"}");
    }
  }

  private void start(String id, int generation) {
    var now = stack.clock.instant();
    double since = Duration.between(refilled, now).toMillis() / 1000.0;
    tokens = Math.min(STARTS, tokens + since * STARTS_A_SECOND);
    refilled = now;
    if (tokens < 1) {
      throw new Unavailable("Step Functions throttles StartExecution; it is tried again.");
    }
    tokens--;
    starts.merge(now.getEpochSecond(), 1, Integer::sum);
    counterWrites.merge(now.getEpochSecond(), 1, Integer::sum); // its admission
    if (everStarted.add(new TestStack.Started(id, generation))) {
      steps.add(new Step(now.plusMillis(200), id, generation, null));
    }
  }

  Outcome run() {
    var began = stack.clock.instant();
    int first = tasks * 7 / 10;
    for (int i = 0; i < tasks; i++) {
      stack.waiting(TENANTS.get(i < first ? 0 : 1 + i % 2));
      admission.admitSome(); // as whoever accepts a task does
      stack.clock.advance(Duration.ofMillis(1)); // so that they have an age
    }
    var minute = stack.clock.instant();
    while (delivered < tasks) {
      var next = steps.peek();
      var at = next == null || next.at().isAfter(minute) ? minute : next.at();
      pass(at);
      stack.faults.reset();
      if (next != null && next.at().equals(at)) {
        step(steps.remove());
      } else {
        reconciliation.run(() -> Duration.ofMinutes(5));
        minute = minute.plusSeconds(60);
      }
    }
    stack.table.assertCountersAreRight();
    double seconds = Duration.between(began, stack.clock.instant()).toMillis() / 1000.0;
    double least = Double.MAX_VALUE;
    for (int t = 0; t < TENANTS.size(); t++) {
      least = Math.min(least, held[t] / waited[t]);
    }
    return new Outcome(
        delivered,
        seconds,
        provider.seconds.stream().mapToDouble(s -> s).sum() / limit,
        ideal(),
        placeSeconds / (limit * busySeconds),
        least,
        mostPlaces,
        mostAtProvider,
        provider.refusals,
        1.0 * transitions / tasks,
        starts.values().stream().mapToInt(n -> n).max().orElse(0),
        counterWrites.values().stream().mapToInt(n -> n).max().orElse(0));
  }

  private double ideal() {
    var free = new PriorityQueue<>(Collections.nCopies(limit, 0.0));
    double last = 0;
    for (double seconds : provider.seconds) {
      double end = free.remove() + seconds;
      free.add(end);
      last = Math.max(last, end);
    }
    return last;
  }

  /** Lets time pass, and counts who held what in it. */
  private void pass(Instant at) {
    var now = stack.clock.instant();
    if (!at.isAfter(now)) {
      return;
    }
    double seconds = Duration.between(now, at).toMillis() / 1000.0;
    var places = stack.table.places();
    mostPlaces = Math.max(mostPlaces, places.inFlight());
    var waiting = places.tenants().stream().filter(t -> t.waiting() > 0).toList();
    if (!waiting.isEmpty()) {
      busySeconds += seconds;
      placeSeconds += seconds * places.inFlight();
    }
    if (waiting.size() == TENANTS.size()) {
      for (var tenant : waiting) {
        int index = TENANTS.indexOf(tenant.name());
        held[index] += seconds * tenant.inFlight() * TENANTS.size() / limit;
        waited[index] += seconds;
      }
    }
    stack.clock.advance(Duration.between(now, at));
  }

  private void step(Step step) {
    var before = stack.task(step.id());
    var next = step.next();
    var turn =
        next == null
            ? submission.submit(step.id(), step.generation(), () -> PLENTY)
            : switch (next) {
              case POLL -> polling.poll(step.id(), step.generation(), null);
              case PERSIST -> persistence.persist(step.id(), step.generation());
              case END -> throw new IllegalStateException("an end is no step");
            };
    // Submit; Wait, Poll and Finished; WaitForTurn, Persist and Delivered; Done
    boolean ends = next != null && turn.next() == Turn.Next.END;
    transitions += (next == null ? 1 : 3) + (ends ? 1 : 0);
    count(before, stack.task(step.id()));
    if (!ends) {
      steps.add(
          new Step(
              stack.clock.instant().plusSeconds(turn.seconds()),
              step.id(),
              step.generation(),
              next == null ? Turn.Next.POLL : turn.next()));
    }
  }

  private void count(Task before, Task after) {
    if (before.place() != after.place()) {
      counterWrites.merge(stack.clock.instant().getEpochSecond(), 1, Integer::sum);
    }
    if (after.status() == TaskStatus.SUCCEEDED && before.status() != TaskStatus.SUCCEEDED) {
      delivered++;
    }
  }
}
