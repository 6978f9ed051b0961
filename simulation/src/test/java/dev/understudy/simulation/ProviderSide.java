package dev.understudy.simulation;

import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.testing.Clips;
import dev.understudy.simulator.provider.Action;
import dev.understudy.simulator.provider.Call;
import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.simulator.provider.Inputs;
import dev.understudy.simulator.provider.Ledger;
import dev.understudy.simulator.provider.MediaKind;
import dev.understudy.simulator.provider.Point;
import dev.understudy.simulator.provider.Ratio;
import dev.understudy.simulator.provider.Reply;
import dev.understudy.simulator.provider.Settings;
import dev.understudy.simulator.provider.Studio;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The simulated provider's own logic and ledger, without HTTP: what its server would act out is
 * read here as what our client would make of it.
 */
final class ProviderSide implements Provider, Downloads {

  /** Where its outputs lie. */
  static final String HOST = "https://cdn.provider.example";

  private static final int LONGEST_ANSWER = 64 * 1024;
  private static final byte[] WITHOUT_PICTURE = resource("sound-only.mp4");
  private static final byte[] SILENT = resource("silent.mp4");
  private static final Map<String, byte[]> VIDEOS = new HashMap<>();

  /**
   * A POST that was begun.
   *
   * @param by the process
   * @param task whose
   * @param attempt the attempt of that task then
   * @param at when
   */
  record Post(Invocation by, String task, int attempt, Instant at) {}

  private record Weighted(Action action, @Nullable Integer status, @Nullable String code) {
    Weighted(Action action) {
      this(action, null, null);
    }
  }

  private static final List<Weighted> ON_POST =
      List.of(
          new Weighted(Action.RATE_LIMIT),
          new Weighted(Action.RATE_LIMIT),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 500, ""),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 500, "invalid_request"),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 503, "model_not_found"),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 400, ""),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 402, ""),
          new Weighted(Action.ERROR_BEFORE_ACCEPTANCE, 403, ""),
          new Weighted(Action.ERROR_AFTER_ACCEPTANCE, 500, ""),
          new Weighted(Action.ERROR_AFTER_ACCEPTANCE, 502, ""),
          new Weighted(Action.ERROR_AFTER_ACCEPTANCE, 504, ""),
          new Weighted(Action.RESET_BEFORE_ACCEPTANCE),
          new Weighted(Action.RESET_AFTER_ACCEPTANCE),
          new Weighted(Action.RESET_IN_ANSWER),
          new Weighted(Action.TIMEOUT_BEFORE_ACCEPTANCE),
          new Weighted(Action.TIMEOUT_AFTER_ACCEPTANCE),
          new Weighted(Action.SLOW_ANSWER),
          new Weighted(Action.HTML_403),
          new Weighted(Action.MOVED_301),
          new Weighted(Action.TRUNCATED_JSON),
          new Weighted(Action.NO_ID),
          new Weighted(Action.EMPTY_ANSWER),
          new Weighted(Action.HUGE_ANSWER));

  /** It says what it was sent and what it has given out, as providers do. */
  private static final String QUOTED =
      "For Bearer %s it was not possible to fetch https://media.example.org/a.png?"
          + (Canaries.SIGNED + Canaries.CALLERS)
          + " and https://understudy.s3.example/inputs/b.mp4?"
          + (Canaries.SIGNED + Canaries.INPUT)
          + ", nor to write %s/outputs/c.mp4?%sd".formatted(HOST, Canaries.PROVIDERS);

  private static final List<Action> ON_GET = actions(Point.GET);
  private static final List<Action> ON_OUTPUT = actions(Point.OUTPUT);
  private static final List<Action> ON_TASK = actions(Point.TASK);

  private final World world;
  private final Chaos chaos;
  private final Watch watch;
  private final dev.understudy.simulator.provider.Provider provider;
  final List<Post> posts = new ArrayList<>();

  /** Whose charge each is: the provider's id and the POST that it was given to. */
  final Map<String, Post> charges = new HashMap<>();

  private @Nullable Invariants invariants;
  private final List<Fault> script;
  private final String quoted;

  /**
   * @param script what goes wrong once each, at the first occasion; for histories without chance
   */
  ProviderSide(World world, Chaos chaos, Watch watch, long seed, String key, List<Fault> script) {
    this.script = new ArrayList<>(script);
    this.quoted = QUOTED.formatted(key);
    this.world = world;
    this.chaos = chaos;
    this.watch = watch;
    this.provider =
        new dev.understudy.simulator.provider.Provider(
            world::now, new SplittableRandom(seed), new Fetched(), new Films(), settings(key));
  }

  /** The provider by itself, at that moment. */
  static dev.understudy.simulator.provider.Provider plain(Instant now, Settings settings) {
    return new dev.understudy.simulator.provider.Provider(
        () -> now, new SplittableRandom(1), new Fetched(), new Films(), settings);
  }

  void invariants(Invariants promised) {
    this.invariants = promised;
  }

  private Settings settings(String key) {
    var usual = Settings.usual();
    return new Settings(
        key,
        false,
        usual.shape(),
        Duration.ofSeconds(40L + world.fate.nextInt(160)),
        0.5,
        1 + world.fate.nextInt(4),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ofHours(24),
        world.chance(0.5),
        new BigDecimal("0.40"),
        false,
        false,
        false,
        usual.fetchTimeoutSeconds());
  }

  /** The key does not work, or works again. */
  void revoked(boolean revoked) {
    provider.change("{\"keyRevoked\":%s}".formatted(revoked));
  }

  Ledger ledger() {
    return provider.ledger(null);
  }

  /** The video that a task of the provider ends with. */
  static byte[] video(String providerTaskId) {
    // a few marks are enough to tell one task's video from another's
    var mark = "%02x".formatted(providerTaskId.hashCode() & 0xff);
    synchronized (VIDEOS) {
      return VIDEOS.computeIfAbsent(mark, m -> Clips.mp4(Duration.ofSeconds(4), m));
    }
  }

  /** Whether it is the video without sound, which some outputs are. */
  static boolean silent(byte[] bytes) {
    return java.util.Arrays.equals(SILENT, bytes);
  }

  @Override
  public Exchange submit(byte[] json, String apiKey, Duration bound) {
    var by = Objects.requireNonNull(world.current());
    var id = Objects.requireNonNull(by.task);
    int attempt = by.claimed;
    var post = new Post(by, id, attempt, world.now());
    posts.add(post);
    by.postingAttempt = attempt;
    world.say(() -> "POST of task %s attempt %d".formatted(id.substring(0, 8), attempt));
    if (invariants != null) {
      invariants.posted(post, new String(json, StandardCharsets.UTF_8));
    }
    Duration spent = Duration.ZERO;
    scripted(Point.TASK);
    scripted(Point.SUBMIT);
    if (chaos.on && world.chance(chaos.provider / 2)) {
      if (world.chance(0.05)) {
        chaos.count("post not sent", id);
        by.postingAttempt = 0;
        return new Exchange.NotSent("connection refused");
      }
      var fault = world.oneOf(ON_POST);
      chaos.count(
          "post " + fault.action().label() + (fault.status() == null ? "" : " " + fault.status()),
          id);
      provider.add(fault(Point.SUBMIT, fault.action(), fault.status(), fault.code()));
    }
    if (chaos.on && world.chance(chaos.provider / 2)) {
      var action = world.oneOf(ON_TASK);
      if (action != Action.NEVER_FINISH || world.chance(0.3)) {
        chaos.count("task " + action.label(), id);
        provider.add(fault(Point.TASK, action, null, null));
      }
    }
    var latency = world.upTo(Duration.ofSeconds(3));
    chaos.sleep(by, latency);
    spent = spent.plus(latency);
    int before = provider.ledger(null).charges().size();
    var reply = provider.submit(call(new String(json, StandardCharsets.UTF_8), apiKey));
    provider.clearFaults();
    var charges = provider.ledger(null).charges();
    if (charges.size() > before) {
      var providerTaskId = charges.getLast().providerTaskId();
      this.charges.put(providerTaskId, post);
      world.say(() -> "the provider accepted and charged it as " + providerTaskId);
      if (invariants != null) {
        invariants.charged(post);
      }
    }
    var exchange = exchange(by, reply, bound.minus(spent));
    world.say(() -> "POST answered " + exchange);
    by.postingAttempt = 0;
    if (invariants != null) {
      invariants.answered(post, exchange);
    }
    return exchange;
  }

  @Override
  public Exchange task(String providerTaskId, String apiKey, Duration bound) {
    var by = Objects.requireNonNull(world.current());
    if (invariants != null) {
      invariants.asked(by, providerTaskId);
    }
    scripted(Point.GET);
    if (chaos.on && world.chance(chaos.provider / 3)) {
      var action = world.oneOf(ON_GET);
      chaos.count("get " + action.label(), by.task);
      provider.add(fault(Point.GET, action, null, null));
    }
    var reply = provider.task(providerTaskId, call("", apiKey));
    provider.clearFaults();
    return exchange(by, reply, bound);
  }

  @Override
  public Download open(URI output) {
    var by = Objects.requireNonNull(world.current());
    if (invariants != null) {
      invariants.opened(output);
    }
    scripted(Point.OUTPUT);
    if (chaos.on && world.chance(chaos.provider)) {
      var action = world.oneOf(ON_OUTPUT);
      chaos.count("output " + action.label(), by.task);
      provider.add(fault(Point.OUTPUT, action, null, null));
    }
    var query = Objects.requireNonNullElse(output.getQuery(), "");
    var token =
        query.startsWith(Canaries.PROVIDERS) ? query.substring(Canaries.PROVIDERS.length()) : "";
    var reply = provider.output(token.replaceAll("&.*", ""));
    provider.clearFaults();
    return download(by, reply);
  }

  private Download download(Invocation by, Reply reply) {
    return switch (reply) {
      case Reply.Held held -> {
        var time = held.time().compareTo(Duration.ofSeconds(60)) < 0 ? held.time() : null;
        chaos.sleep(by, time == null ? Duration.ofSeconds(60) : time);
        yield time == null ? new Download.Failed("no byte came") : download(by, held.then());
      }
      case Reply.Dropped _ -> new Download.Failed("reset");
      case Reply.Cut cut ->
          opened(cut.answer(), new Breaking(cut.answer().body(), cut.bytes(), cut.reset()));
      case Reply.Answer answer ->
          answer.status() == 200
              ? opened(answer, open(answer.body()))
              : answer.status() == 403 || answer.status() == 404
                  ? new Download.NotThere(answer.status())
                  : new Download.Failed("status " + answer.status());
    };
  }

  private static Download opened(Reply.Answer answer, InputStream body) {
    return new Download.Opened(
        body,
        answer.lengthSaid() ? answer.body().length() : null,
        answer.headers().get("Content-Type"));
  }

  private static InputStream open(Content content) {
    try {
      return content.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Exchange exchange(Invocation by, Reply reply, Duration bound) {
    return switch (reply) {
      case Reply.Held held -> {
        boolean late = held.time().compareTo(bound) >= 0;
        chaos.sleep(by, late ? bound : held.time());
        yield late
            ? new Exchange.Broken("no answer within %d s".formatted(bound.toSeconds()))
            : exchange(by, held.then(), bound.minus(held.time()));
      }
      case Reply.Dropped _ -> new Exchange.Broken("the connection was reset");
      case Reply.Cut _ -> new Exchange.Broken("the answer broke off");
      case Reply.Answer answer -> answered(answer);
    };
  }

  private static Exchange answered(Reply.Answer answer) {
    try (var in = answer.body().open()) {
      var bytes = in.readNBytes(LONGEST_ANSWER);
      var retryAfter = answer.headers().get("Retry-After");
      return new Exchange.Answered(
          answer.status(),
          answer.headers().get("Content-Type"),
          retryAfter == null ? null : Duration.ofSeconds(Long.parseLong(retryAfter)),
          new String(bytes, StandardCharsets.UTF_8),
          answer.body().length() > LONGEST_ANSWER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void scripted(Point point) {
    var found = script.stream().filter(f -> f.on() == point).findFirst();
    found.ifPresent(fault -> {
      script.remove(fault);
      provider.add(quoting(fault));
    });
  }

  private static Call call(String body, String apiKey) {
    return new Call(
        Map.of("Authorization", "Bearer " + apiKey, "X-Runway-Version", "2024-11-06"), body, HOST);
  }

  private static List<Action> actions(Point point) {
    var actions = new ArrayList<Action>();
    for (var action : Action.values()) {
      if (action.happensAt(point)) {
        actions.add(action);
      }
    }
    return List.copyOf(actions);
  }

  private Fault fault(Point point, Action action, @Nullable Integer status, @Nullable String code) {
    Double seconds =
        switch (action) {
          case NOT_VISIBLE, LATE_OUTPUT -> (double) world.fate.nextInt(1500);
          case THROTTLE -> world.chance(0.2) ? 4.0 * 3600 : (double) world.fate.nextInt(1800);
          case RENDER -> (double) world.fate.nextInt(900);
          case URL_LIFE -> (double) world.fate.nextInt(60);
          case SLOW_ANSWER -> (double) world.fate.nextInt(point == Point.SUBMIT ? 200 : 30);
          case RATE_LIMIT -> (double) world.fate.nextInt(120);
          default -> null;
        };
    var value =
        switch (action) {
          case SHAPE -> "wrapped";
          case OUTPUT_FORM ->
              world.oneOf(List.of("list", "string", "objects", "result-url", "video-url"));
          default -> null;
        };
    var failureCode =
        action == Action.FAIL
            ? world.oneOf(List.of("INTERNAL", "SAFETY.INPUT.IMAGE", "ASSET.INVALID", "null"))
            : code;
    Long bytes = action == Action.HUGE_ANSWER ? Long.valueOf(100_000) : null;
    return quoting(
        new Fault(
            null,
            point,
            action,
            null,
            null,
            seconds,
            status,
            failureCode,
            null,
            null,
            value,
            bytes,
            null));
  }

  private Fault quoting(Fault fault) {
    return new Fault(
        fault.seed(),
        fault.on(),
        fault.action(),
        fault.times(),
        fault.skip(),
        fault.seconds(),
        fault.status(),
        fault.code(),
        quoted,
        fault.style(),
        fault.value(),
        fault.bytes(),
        fault.nested());
  }

  private static byte[] resource(String name) {
    try (var in = Clips.class.getResourceAsStream("/media/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A body that ends too early. */
  private static final class Breaking extends InputStream {
    private final InputStream whole;
    private final boolean reset;
    private long left;

    Breaking(Content content, long bytes, boolean reset) {
      this.whole = ProviderSide.open(content);
      this.left = bytes;
      this.reset = reset;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left <= 0) {
        if (reset) {
          throw new IOException("reset");
        }
        return -1;
      }
      int n = whole.read(buffer, offset, (int) Math.min(left, length));
      left -= Math.max(n, 0);
      return n;
    }
  }

  /** Whatever is asked for is there, and plays four seconds. */
  private static final class Fetched implements Inputs {
    private static final Footage FOOTAGE =
        new Footage() {
          @Override
          public Optional<Duration> length() {
            return Optional.of(Duration.ofSeconds(4));
          }

          @Override
          public void discard() {}
        };

    @Override
    public Inputs.Fetched fetch(URI uri, MediaKind kind, Settings settings) {
      return new Inputs.Fetched.Kept(FOOTAGE);
    }
  }

  private static final class Films implements Studio {
    @Override
    public Content render(Order order) {
      return Content.of(
          !order.picture()
              ? WITHOUT_PICTURE
              : !order.sound()
                  ? SILENT
                  : order.ratio() == Ratio.SQUARE ? SILENT : video(order.taskId()));
    }

    @Override
    public void clear() {}
  }
}
