package dev.understudy.simulation;

import dev.understudy.api.ApiFunction;
import dev.understudy.core.announce.Announcer;
import dev.understudy.core.announce.StatusPage;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Events;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.InputSigner;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.Tokens;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.statemachine.StateMachine;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.testing.Faults;
import dev.understudy.core.testing.InMemoryBucket;
import dev.understudy.core.testing.InMemoryTable;
import dev.understudy.core.testing.InMemoryTokens;
import dev.understudy.core.watch.Gauges;
import dev.understudy.core.watch.Metric;
import dev.understudy.core.watch.Observation;
import dev.understudy.core.watch.Transition;
import dev.understudy.ingest.IngestFunction;
import dev.understudy.persist.Delivery;
import dev.understudy.persist.PersistFunction;
import dev.understudy.persist.Persistence;
import dev.understudy.poll.PollFunction;
import dev.understudy.poll.Polling;
import dev.understudy.reconcile.ReconcileFunction;
import dev.understudy.reconcile.Reconciliation;
import dev.understudy.simulation.Chaos.Crash;
import dev.understudy.simulation.Invocation.Function;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.submit.Submission;
import dev.understudy.submit.SubmitFunction;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One history: a stack, its users, its provider and everything that goes wrong, from the first
 * order until nothing happens any more. It is the same for the same seed, to the last step.
 */
final class History {

  /** How far two clocks can be apart. */
  static final Duration MOST_SKEW = Duration.ofMillis(1400);

  /** After the faults have stopped everything has come to rest within this. */
  private static final Duration PATIENCE = Duration.ofHours(120);

  /** More steps than any history that ends takes. */
  private static final int MOST_STEPS = 60_000;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Services that can be away for a while. */
  private static final List<String> SERVICES =
      List.of("table", "bucket", "executions", "events", "key", "signer");

  /**
   * How it ended.
   *
   * @param broken the first promise that was not kept, or null
   * @param trace what happened, if it was to be noted
   * @param tally the same in numbers
   */
  record End(Invariants.@Nullable Broken broken, List<String> trace, Tally tally) {}

  /**
   * The definitions that the machine walks.
   *
   * @param last the one before a deploy
   * @param current this one
   */
  record Definitions(StateMachine last, StateMachine current) {}

  private final long seed;
  private final World world;
  private final Tally tally = new Tally();
  private final Chaos chaos;
  private final Watch watch;
  private final ProviderSide provider;
  private final Functions functions;
  private final Invariants invariants;
  private final Machine machine;
  private final Users users;
  private final Clients clients;
  private final Settings settings;
  private final Map<Metric, Double> counts = new EnumMap<>(Metric.class);
  private final Admission admission;
  private final Definitions definitions;
  private final boolean plain;
  private Instant lastRun;

  private History(
      long seed, boolean traced, List<Crash> crashes, List<Fault> script, Definitions definitions) {
    this.seed = seed;
    this.plain = !crashes.isEmpty();
    this.definitions = definitions;
    this.world = new World(seed, begin(seed, plain), traced);
    this.chaos = new Chaos(world, tally, crashes);
    var key = Canaries.KEY + seed;
    this.settings = Settings.from(variables()::get);
    this.lastRun = world.now();
    var none = new Faults(); // the stand-ins' own, of which none ever happens
    var table =
        new InMemoryTable(settings, none, change -> Transition.of(change).ifPresent(this::counted));
    ownCap(seed, table);
    var bucket = new InMemoryBucket(world::now, none);
    this.watch = new Watch(world, table, tally);
    chaos.watch(watch);
    this.provider = new ProviderSide(world, chaos, watch, seed, key, script);
    this.invariants = new Invariants(world, watch, provider, table, table, bucket, settings);
    watch.invariants(invariants);
    provider.invariants(invariants);
    this.functions = new Functions(world, chaos, invariants);
    this.machine =
        new Machine(
            world,
            chaos,
            functions,
            invariants,
            plain || world.fate.nextBoolean() ? definitions.current() : definitions.last());
    invariants.machine(machine);
    this.users = new Users(world, chaos, functions, watch, bucket);
    var tokens = new InMemoryTokens(world::now, none);
    this.clients = new Clients(world, functions, watch, provider, bucket, tokens);

    var seams = new Seams(world, chaos, watch, invariants);
    var clock = seams.clock();
    var random = new SplittableRandom(seed * 31 + 7);
    var store = seams.of(TaskStore.class, table, "table");
    var files = seams.of(Bucket.class, bucket, "bucket");
    Events published = event -> {};
    var events = seams.of(Events.class, published, "events");
    var executions = seams.of(Executions.class, machine, "executions");
    var apiKey = seams.of(ApiKey.class, new Key(key), "key");
    var signer = seams.of(InputSigner.class, this::signed, "signer");
    var post = seams.of(Provider.class, provider, "provider");
    var downloads = seams.of(Downloads.class, provider, "downloads");
    var writer = new TaskWriter(store, random);
    this.admission = new Admission(store, executions, settings, clock, random);
    var statusPage = new StatusPage(store, files);
    var announcer = new Announcer(store, statusPage, events);
    var desk =
        new OrderDesk(store, files, announcer, statusPage, admission, settings, clock, random);
    var heldTokens = seams.of(Tokens.class, tokens, "table");
    var index = seams.of(TaskIndex.class, table, "table");
    // an environment of its own for each call: a handler serves one at a time
    functions.deploy(
        Function.API,
        () ->
            ApiFunction.of(
                heldTokens,
                store,
                index,
                writer,
                admission,
                announcer,
                files,
                outputKey -> signed(outputKey, Canaries.OUTPUT),
                upload ->
                    new UploadForms.Form(
                        URI.create("https://understudy.s3.example/"),
                        Map.of("policy", Canaries.SIGNED + Canaries.UPLOAD)),
                settings,
                clock,
                random));
    functions.deploy(Function.INGEST, IngestFunction.of(desk));
    functions.deploy(
        Function.SUBMIT,
        SubmitFunction.of(
            new Submission(
                store, writer, post, signer, apiKey, admission, announcer, settings, clock)));
    functions.deploy(
        Function.POLL,
        PollFunction.of(
            new Polling(
                store, writer, post, apiKey, admission, announcer, settings, clock, random)));
    functions.deploy(
        Function.PERSIST,
        PersistFunction.of(
            new Persistence(
                store,
                writer,
                post,
                apiKey,
                new Delivery(files, downloads),
                announcer,
                settings,
                clock)));
    functions.deploy(
        Function.RECONCILE,
        ReconcileFunction.of(
            new Reconciliation(
                store, writer, executions, admission, announcer, desk, settings, clock),
            new Gauges(table, this::seen, settings, world::now)));
  }

  private void counted(Observation observation) {
    invariants.measured(observation);
    for (var measurement : observation.measurements()) {
      counts.merge(measurement.metric(), measurement.value(), Double::sum);
    }
  }

  /** What reconcile's gauges say; they read the table without any fault. */
  private void seen(Observation gauges) {
    invariants.measured(gauges);
    gauges.measurements().forEach(invariants::countersAgree);
  }

  private record Key(String value) implements ApiKey {
    @Override
    public String current() {
      return value;
    }

    @Override
    public void forget() {}
  }

  private InputSigner.Signed signed(String inputKey) {
    return new InputSigner.Signed(
        signed(inputKey, Canaries.INPUT), world.now().plus(Duration.ofHours(1)));
  }

  private static URI signed(String objectKey, String canary) {
    return URI.create(
        "https://understudy.s3.example/%s?%s%s".formatted(objectKey, Canaries.SIGNED, canary));
  }

  /** Some histories begin shortly before the month ends, and none on a whole second. */
  private static Instant begin(long seed, boolean plain) {
    var random = new SplittableRandom(seed ^ 0x5eed);
    var base =
        !plain && random.nextInt(5) == 0
            ? Instant.parse("2026-11-30T23:20:00Z")
            : Instant.parse("2026-11-21T09:00:00Z");
    return base.plusNanos(random.nextLong(60_000_000_000L));
  }

  private Map<String, String> variables() {
    var variables = new HashMap<String, String>();
    variables.put("MONTHLY_CAP_USD", "1000");
    variables.put("MAX_IN_FLIGHT", "5");
    if (!plain) {
      variables.put("MAX_IN_FLIGHT", String.valueOf(1 + world.fate.nextInt(3)));
      if (world.chance(0.1)) {
        variables.put("MONTHLY_CAP_USD", world.fate.nextBoolean() ? "0.40" : "0.80");
      }
    }
    return variables;
  }

  /** In some histories one tenant has a cap of its own. */
  private void ownCap(long seed, InMemoryTable table) {
    var random = new SplittableRandom(seed ^ 0xca9);
    if (!plain && random.nextInt(8) == 0) {
      var tenants = List.of(OrderDesk.TENANT, "acme", "beta");
      table.cap(tenants.get(random.nextInt(tenants.size())), 40 * (1 + random.nextInt(2)));
    }
  }

  /** A history of chance. */
  static End of(long seed, boolean traced, Definitions definitions) {
    return new History(seed, traced, List.of(), List.of(), definitions).play();
  }

  /** One plain order in a world in which nothing happens but the script and these crashes. */
  static End of(List<Crash> crashes, List<Fault> script, boolean traced, Definitions definitions) {
    return new History(1, traced, crashes, script, definitions).play();
  }

  private End play() {
    if (plain) {
      users.order(1, true);
      world.in(Duration.ofMinutes(30), this::calm);
    } else {
      int orders = 1 + world.fate.nextInt(3);
      for (int i = 1; i <= orders; i++) {
        int number = i;
        world.in(
            world.upTo(Duration.ofMinutes(12)),
            world.chance(0.4) ? () -> clients.order(number) : () -> users.order(number, false));
      }
      var chaotic =
          Duration.ofMinutes(15).plus(world.upTo(Duration.ofMinutes(world.chance(0.1) ? 600 : 60)));
      if (world.chance(0.01)) { // stopped for longer than inputs are kept
        world.in(world.upTo(Duration.ofMinutes(5)), () -> clients.pause(true));
        chaotic = chaotic.plus(Duration.ofDays(31));
      }
      trouble(chaotic);
      world.in(chaotic, this::calm);
    }
    int steps = 0;
    while (invariants.broken() == null && step()) {
      if (watch.written) {
        watch.written = false;
        invariants.written();
      }
      if (++steps > MOST_STEPS || world.now().isAfter(lastCalm().plus(PATIENCE))) {
        break;
      }
    }
    if (invariants.broken() == null) {
      invariants.atTheEnd(counts);
      users.check(invariants);
      clients.check(invariants);
      if (seed % 8 == 0) { // it finds what it finds in any of them
        clients.look();
      }
    }
    functions.killAll();
    count();
    return new End(invariants.broken(), world.trace(), tally);
  }

  private @Nullable Instant calmSince;

  private Instant lastCalm() {
    return calmSince == null ? world.now() : calmSince;
  }

  private void count() {
    tally.histories = 1;
    tally.withPost = provider.posts.isEmpty() ? 0 : 1;
    tally.tasks = watch.tasks.size();
    tally.posts = provider.posts.size();
    tally.charges = provider.charges.size();
    tally.calls = chaos.calls;
  }

  /** Lets happen what is next; false when nothing will. */
  private boolean step() {
    var next = world.next();
    var tick = tick();
    if (tick != null && (next == null || !tick.isAfter(next))) {
      world.advance(tick);
      lastRun = tick;
      reconcile();
      return true;
    }
    if (next == null) {
      return false;
    }
    world.step();
    return true;
  }

  /** When the schedule next runs reconcile and it finds something to do. */
  private @Nullable Instant tick() {
    var work = watch.work(settings.maxInFlight());
    if (work == null) {
      return null;
    }
    var earliest = lastRun.plus(MINUTE);
    var from = work.isAfter(earliest) ? work : earliest;
    from = from.isAfter(world.now()) ? from : world.now();
    var minute = from.truncatedTo(ChronoUnit.MINUTES);
    return minute.isBefore(from) ? minute.plus(MINUTE) : minute;
  }

  private void reconcile() {
    if (chaos.on && world.chance(0.03)) {
      everywhere("schedule missed");
      return;
    }
    var event = Json.MAPPER.createObjectNode().put("detail-type", "Scheduled Event");
    functions.invoke(Function.RECONCILE, event, null, _ -> {});
    if (chaos.on && world.chance(0.05)) {
      everywhere("schedule twice");
      functions.invoke(Function.RECONCILE, event, null, _ -> {});
    }
  }

  /** A fault that concerns every open task. */
  private void everywhere(String kind) {
    if (watch.tasks.isEmpty()) {
      chaos.count(kind, null);
    }
    watch.tasks.keySet().forEach(id -> chaos.count(kind, id));
  }

  /** What goes wrong for the whole stack, at some time. */
  private void trouble(Duration within) {
    if (world.chance(0.4)) { // a person who does not wait and see
      boolean holds = world.fate.nextBoolean();
      watch.whenUnknown =
          () -> {
            if (chaos.on && holds && world.fate.nextBoolean()) {
              world.in(Duration.ZERO, () -> clients.pause(true));
              world.in(world.upTo(Duration.ofMinutes(12)), () -> clients.pause(false));
            }
            world.in(world.upTo(Duration.ofMinutes(3)), () -> clients.decide(0.9, false));
          };
    }
    int many = world.fate.nextInt(6);
    for (int i = 0; i < many; i++) {
      world.in(world.upTo(within), this::trouble);
    }
    world.in(
        world.upTo(within),
        () -> {
          everywhere("deployed");
          machine.deploy(definitions.current());
        });
  }

  private void trouble() {
    switch (world.fate.nextInt(6)) {
      case 0 -> {
        var service = world.oneOf(SERVICES);
        everywhere(service + " away");
        chaos.down(service, world.upTo(Duration.ofMinutes(4)));
      }
      case 1 -> {
        everywhere("paused by a person");
        clients.pause(true);
        world.in(
            world.upTo(Duration.ofMinutes(40)),
            () -> {
              everywhere("resumed by a person");
              clients.pause(false);
            });
      }
      case 2 -> {
        everywhere("key revoked");
        world.say(() -> "the key is revoked");
        provider.revoked(true);
        world.in(
            world.upTo(Duration.ofMinutes(30)),
            () -> {
              world.say(() -> "the key is mended");
              provider.revoked(false);
            });
      }
      case 3 -> {
        boolean held = world.chance(0.5); // decided while nothing is sent
        if (held) {
          clients.pause(true);
          world.in(world.upTo(Duration.ofMinutes(12)), () -> clients.pause(false));
        }
        clients.decide(0.9, false);
      }
      default -> {
        var runs = machine.runs();
        if (!runs.isEmpty()) {
          machine.stop(world.oneOf(runs));
        }
      }
    }
  }

  private void resume() {
    admission.control(c -> c.byPerson() ? c.resumed(world.now(), "a person", "looked at it") : c);
  }

  private void calm() {
    calmSince = world.now();
    chaos.stop();
    provider.revoked(false);
    resume();
    machine.deploy(definitions.current());
    if (world.fate.nextBoolean()) {
      world.in(Duration.ofMinutes(30), () -> clients.decide(0.8, true));
      world.in(Duration.ofHours(26), () -> clients.decide(0.5, true));
    }
    world.in(Duration.ofMinutes(45), users::askAgain);
    world.in(Duration.ofHours(2), users::askAgain);
  }
}
