package dev.understudy.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.announce.StatusPage;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaProbe;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.Events;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.InputSigner;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.request.CharacterType;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.request.PublicFigureThreshold;
import dev.understudy.core.request.Ratio;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.OrderRef;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.watch.Observation;
import dev.understudy.core.watch.Transition;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A whole stack in memory, but for the functions: table, bucket, provider, clock and chance. */
public final class TestStack {

  /** A started execution. */
  public record Started(String id, int generation) {}

  public final VirtualClock clock = new VirtualClock();
  public final Faults faults = new Faults();
  public final Random random;
  public final Settings settings;
  public final InMemoryTable table;
  public final InMemoryTokens tokens;
  public final InMemoryBucket bucket;
  public final FakeProvider provider;
  public final TaskWriter writer;
  public final Admission admission;
  public final StatusPage statusPage;
  public final Announcer announcer;
  public final OrderDesk desk;

  /** Executions that were started and not taken yet. */
  public final Deque<Started> started = new ArrayDeque<>();

  /** What was told to those who watch, in order. */
  public final List<Observation> observed = new ArrayList<>();

  private final Set<Started> everStarted = new LinkedHashSet<>();
  public final List<TaskEvent> events = new ArrayList<>();

  /** The provider's key; may be blank. */
  public String key = "sk-secret-key";

  public int keyForgotten;

  public final Executions executions =
      new Executions() {
        @Override
        public void start(String taskId, int generation) {
          faults.around(
              "start",
              () -> {
                var execution = new Started(taskId, generation);
                if (everStarted.add(execution)) {
                  started.add(execution);
                }
              });
        }
      };

  public final Events eventBus =
      new Events() {
        @Override
        public void publish(TaskEvent event) {
          faults.around(
              "publish",
              () -> {
                events.add(event);
              });
        }
      };

  public final ApiKey apiKey =
      new ApiKey() {
        @Override
        public String current() {
          return faults.around("key", () -> key);
        }

        @Override
        public void forget() {
          keyForgotten++;
        }
      };

  public final InputSigner signer =
      new InputSigner() {
        @Override
        public Signed sign(String inputKey) {
          return faults.around(
              "sign",
              () ->
                  new Signed(
                      URI.create(
                          "https://bucket.example.com/" + inputKey + "?X-Amz-Signature=SIGNED"),
                      clock.instant().plus(Duration.ofHours(1))));
        }
      };

  /** A stack with these settings, by their variables; the others have their defaults. */
  public TestStack(Map<String, String> variables) {
    this(variables, 1);
  }

  /** A stack with its own chance. */
  public TestStack(Map<String, String> variables, long seed) {
    this.random = new Random(seed);
    this.settings = Settings.from(variables::get);
    this.table =
        new InMemoryTable(
            settings, faults, change -> Transition.of(change).ifPresent(observed::add));
    this.tokens = new InMemoryTokens(clock, faults);
    this.bucket = new InMemoryBucket(clock, faults);
    this.provider = new FakeProvider(clock, table, faults);
    this.writer = new TaskWriter(table, random);
    this.admission = new Admission(table, executions, settings, clock, random);
    this.statusPage = new StatusPage(table, bucket);
    this.announcer = new Announcer(table, statusPage, eventBus);
    this.desk =
        new OrderDesk(table, bucket, announcer, statusPage, admission, settings, clock, random);
  }

  /** A stack with the defaults. */
  public TestStack() {
    this(Map.of());
  }

  /** A performance as most tests want it. */
  public static PerformanceRequest request() {
    return new PerformanceRequest(
        CharacterType.IMAGE,
        true,
        3,
        Ratio.LANDSCAPE_1280_720,
        7,
        PublicFigureThreshold.AUTO,
        PerformanceRequest.ACT_TWO);
  }

  /** What is read from a file of ours. */
  public static MediaFacts facts(byte[] file, String name) {
    return switch (MediaProbe.read(ByteSource.of(file), name)) {
      case MediaProbe.Found found -> found.facts();
      case MediaProbe.Refused refused -> throw new AssertionError(refused);
    };
  }

  /** A task as the order desk makes it, not stored. */
  public Task newTask(String tenant) {
    var id = Ids.uuid(random);
    return Task.accepted(
        id,
        tenant,
        clock.instant(),
        settings.priceCents(),
        request(),
        new Input(
            "inputs/%s/character.png".formatted(id), "hero.png", facts(Clips.png(), "hero.png")),
        new Input(
            "inputs/%s/reference.mp4".formatted(id),
            "scene.mp4",
            facts(Clips.mp4(Duration.ofSeconds(4)), "scene.mp4")),
        null,
        null,
        "outputs/%s/scene__hero.mp4".formatted(id),
        List.of(),
        List.of());
  }

  /** A stored task that waits for a place. */
  public Task waiting() {
    return waiting("default");
  }

  /** A stored task of a tenant that waits for a place. */
  public Task waiting(String tenant) {
    return store(newTask(tenant));
  }

  /** Stores a new task. */
  public Task store(Task task) {
    var change = Change.create(task, Ids.uuid(random));
    assertThat(table.write(change)).isEqualTo(Written.WON);
    return change.after();
  }

  /** A stored task that has its place. */
  public Task admitted() {
    return change(waiting().id(), t -> Changes.admitted(t, clock.instant(), settings));
  }

  /** A stored task whose POST is under way. */
  public Task submitting() {
    return change(admitted().id(), t -> Changes.submitting(t, clock.instant(), "owner", settings));
  }

  /** A stored task whose submission's end is not known. */
  public Task unknown() {
    return change(submitting().id(), t -> Changes.unknown(t, clock.instant(), "a timeout"));
  }

  /** A stored task with the provider's id "rw-1", first polled after PollFirstSeconds. */
  public Task submitted() {
    return change(
        submitting().id(),
        t ->
            Changes.idRecorded(t, t.attempt(), "rw-1", clock.instant(), true, settings)
                .orElseThrow());
  }

  /** A stored task whose video is to be fetched. */
  public Task persisting() {
    return change(submitted().id(), t -> Changes.persisting(t, clock.instant(), settings));
  }

  /** Changes a stored task. */
  public Task change(String id, UnaryOperator<Task> rule) {
    var before = task(id);
    var change = Change.of(before, rule.apply(before), Change.Guard.NONE, Ids.uuid(random));
    assertThat(table.write(change)).isEqualTo(Written.WON);
    return change.after();
  }

  /** The task as stored. */
  public Task task(String id) {
    return table.find(id).orElseThrow();
  }

  /** Changes the control item. */
  public Control control(UnaryOperator<Control> rule) {
    return admission.control(rule);
  }

  /** The same order reference that the desk gives. */
  public static OrderRef order(String folder) {
    return new OrderRef("incoming/" + folder + "/task.json", folder, 1);
  }

  /** Fails as a table that does not answer. */
  public static Unavailable unavailable() {
    return new Unavailable("The table did not answer.");
  }

  /** The value where one must be. */
  public static <T> T there(@Nullable T value) {
    assertThat(value).isNotNull();
    return java.util.Objects.requireNonNull(value);
  }
}
