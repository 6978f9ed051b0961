package dev.understudy.core.performance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that send as the official SDKs do: up to three sends per call of {@code create()}, which
 * differ in their retry count only. Answers are cut, sends arrive late and in between the store
 * calls of others, processes die, the table does not answer. However that goes: as many tasks as
 * calls.
 */
class ClientsTest {

  private static final int SENDS = 3;
  private static final int ROUNDS = 60;

  /** What may happen to a send. */
  private enum Fate {
    ANSWERED,
    ANSWER_CUT,
    LATE,
    KILLED,
    NO_TABLE
  }

  /** What befalls clients of which every send arrives. */
  private static final List<Fate> NETWORK =
      List.of(Fate.ANSWERED, Fate.ANSWERED, Fate.ANSWER_CUT, Fate.ANSWER_CUT, Fate.LATE);

  private static final List<Fate> ALL =
      List.of(
          Fate.ANSWERED,
          Fate.ANSWER_CUT,
          Fate.LATE,
          Fate.KILLED,
          Fate.KILLED,
          Fate.NO_TABLE,
          Fate.NO_TABLE);

  /** One call of create(), on its way. */
  private static final class Call {
    final String body;
    final @Nullable String key;
    int sends;
    @Nullable String answer;

    Call(String body, @Nullable String key) {
      this.body = body;
      this.key = key;
    }

    boolean over() {
      return answer != null || sends == SENDS;
    }
  }

  private final class World {
    final Counter counter;
    final Random random;
    final List<Fate> fates;
    final List<Call> calls = new ArrayList<>();
    final Deque<Runnable> late = new ArrayDeque<>();
    boolean nested;

    World(long seed, List<Fate> fates) {
      this.counter =
          new Counter(
              new TestStack(Map.of("MAX_IN_FLIGHT", "3", "MONTHLY_CAP_USD", "10000"), seed));
      this.random = new Random(seed);
      this.fates = fates;
      counter.stack.bucket.upload("uploads/studio/x/hero.png", Clips.png());
      counter.stack.bucket.upload("uploads/studio/x/scene.mp4", Clips.mp4(Duration.ofSeconds(4)));
    }

    void call(String body, @Nullable String key) {
      calls.add(new Call(body, key));
    }

    /** All calls at once, one send at a time, in any order. */
    void run() {
      var open = new ArrayList<>(calls);
      while (!open.isEmpty() || !late.isEmpty()) {
        if (!late.isEmpty() && (open.isEmpty() || random.nextInt(4) == 0)) {
          late.remove().run();
          continue;
        }
        var call = open.get(random.nextInt(open.size()));
        step(call);
        open.removeIf(Call::over);
      }
      counter.stack.table.assertCountersAreRight();
    }

    private void step(Call call) {
      int count = call.sends++;
      counter.stack.clock.advance(Duration.ofMillis(random.nextInt(500)));
      switch (fates.get(random.nextInt(fates.size()))) {
        case ANSWERED -> call.answer = arrive(call, count);
        case ANSWER_CUT -> arrive(call, count);
        case LATE -> late.add(() -> arrive(call, count));
        case KILLED -> broken(call, count, () -> counter.stack.faults.die("a test"));
        case NO_TABLE ->
            broken(
                call,
                count,
                () -> {
                  throw new Unavailable("no table");
                });
      }
    }

    private void broken(Call call, int count, Runnable fault) {
      var faults = counter.stack.faults;
      faults.reset();
      faults.at(random.nextBoolean() ? Moment.BEFORE : Moment.AFTER, 1 + random.nextInt(12), fault);
      try {
        call.answer = Counter.id(sent(call, count));
      } catch (Crash | Unavailable e) {
        // the client hears nothing, or a 503
      } finally {
        faults.reset();
      }
    }

    /** A send arrives; often another one arrives while it is being answered. */
    private String arrive(Call call, int count) {
      var faults = counter.stack.faults;
      faults.reset();
      var others = calls.stream().filter(c -> !c.over() && c != call).toList();
      if (random.nextInt(3) > 0 && !others.isEmpty()) {
        var other = others.get(random.nextInt(others.size()));
        int between = other.sends++;
        faults.at(
            random.nextBoolean() ? Moment.BEFORE : Moment.AFTER,
            1 + random.nextInt(9),
            () -> other.answer = Counter.id(sent(other, between)));
        var id = Counter.id(sent(call, count));
        if (other.answer == null) { // the first was answered before it came to that call
          faults.reset();
          other.answer = Counter.id(sent(other, between));
        }
        return id;
      }
      return Counter.id(sent(call, count));
    }

    private Ordered sent(Call call, int count) {
      return counter.send("studio", call.body, call.key, count);
    }

    int tasks() {
      return counter.stack.table.tasks().size();
    }
  }

  private static String body(int number, boolean seed) {
    var inputs =
        number % 2 == 0
            ? Counter.HTTPS
            : Counter.body(
                "image",
                "s3://our-bucket/uploads/studio/x/hero.png",
                "s3://our-bucket/uploads/studio/x/scene.mp4");
    return inputs.replace(
        "\"model\":\"act_two\",",
        "\"model\":\"act_two\",\"tags\":[\"%d\"],%s"
            .formatted(number, seed ? "\"seed\":%d,".formatted(number) : ""));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void create_shouldMakeOneTaskForEachCall_whenAllSendTheSameBody(int calls) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      var world = new World(seed, NETWORK);
      for (int i = 0; i < calls; i++) {
        world.call(body(1, false), null);
      }
      world.run();
      assertThat(world.tasks()).as("tasks of seed %d", seed).isEqualTo(calls);
      assertThat(world.counter.pinned()).as("copies of seed %d", seed).hasSize(2 * calls);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void create_shouldNeverMakeMoreTasksThanCalls_whateverFails(int calls) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      var world = new World(seed, ALL);
      for (int i = 0; i < calls; i++) {
        world.call(body(1, false), null);
      }
      world.run();
      assertThat(world.tasks()).as("tasks of seed %d", seed).isLessThanOrEqualTo(calls);
      assertThat(ids(world)).as("answers of seed %d", seed).isSubsetOf(stored(world));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void create_shouldMakeOneTaskForEachBody_whateverFails(boolean seeds) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      var world = new World(seed, ALL);
      for (int i = 0; i < 4; i++) {
        world.call(body(i, seeds), null);
      }
      world.run();
      assertOneEach(world, seed);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void create_shouldMakeOneTaskForEachKey_whateverFails(boolean seeds) {
    for (int seed = 0; seed < ROUNDS; seed++) {
      var world = new World(seed, ALL);
      for (int i = 0; i < 4; i++) {
        world.call(body(1, seeds), "key " + i);
        world.call(body(1, seeds), "key " + i);
      }
      world.run();
      assertThat(world.tasks()).as("tasks of seed %d", seed).isLessThanOrEqualTo(4);
      var byKey =
          world.calls.stream()
              .filter(c -> c.answer != null)
              .collect(
                  Collectors.groupingBy(
                      c -> String.valueOf(c.key),
                      Collectors.mapping(c -> String.valueOf(c.answer), Collectors.toSet())));
      assertThat(byKey.values()).as("answers of seed %d", seed).allMatch(ids -> ids.size() == 1);
    }
  }

  private static void assertOneEach(World world, int seed) {
    var tags = world.counter.stack.table.tasks().stream().map(t -> t.tags().getFirst()).toList();
    assertThat(tags).as("tasks of seed %d", seed).doesNotHaveDuplicates();
    assertThat(ids(world)).as("answers of seed %d", seed).isSubsetOf(stored(world));
  }

  private static Set<String> ids(World world) {
    var ids = new HashSet<String>();
    world.calls.forEach(c -> {
      if (c.answer != null) {
        ids.add(c.answer);
      }
    });
    return ids;
  }

  private static Set<String> stored(World world) {
    return world.counter.stack.table.tasks().stream().map(t -> t.id()).collect(Collectors.toSet());
  }
}
