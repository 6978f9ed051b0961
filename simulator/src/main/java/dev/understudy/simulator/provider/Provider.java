package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * CometAPI's character performance: accepts tasks, takes money for them, renders them in a queue
 * and hands out their videos, well or badly as faults demand. Safe for threads; time is only what
 * the given clock says, chance only what the given generator says.
 */
public final class Provider {
  /** The only version of Runway's API that there is. */
  static final String VERSION = "2024-11-06";

  /** Runway takes references of 3 to 30 seconds; a container's rounding is forgiven. */
  private static final Duration SHORTEST = Duration.ofMillis(2900);

  private static final Duration LONGEST = Duration.ofMillis(30_100);

  /** One byte more than 2 GiB. */
  private static final long OVERSIZED = (2L << 30) + 1;

  private static final int HUGE = 64 << 20;

  private record OutputUrl(String taskId, Instant expires) {}

  private final InstantSource clock;
  private final RandomGenerator random;
  private final Inputs inputs;
  private final Studio studio;
  private final ReentrantLock lock = new ReentrantLock();
  private final Faults faults = new Faults();
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private final Map<String, OutputUrl> urls = new HashMap<>();
  private final List<Ledger.Charge> charges = new ArrayList<>();
  private final List<Ledger.Submit> submits = new ArrayList<>();
  private RenderQueue queue;
  private Settings settings;

  /**
   * A provider without tasks.
   *
   * @param clock what time it is
   * @param random for ids and tokens
   * @param inputs where inputs are fetched from
   * @param studio where videos are made
   * @param settings to begin with
   */
  public Provider(
      InstantSource clock,
      RandomGenerator random,
      Inputs inputs,
      Studio studio,
      Settings settings) {
    this.clock = clock;
    this.random = random;
    this.inputs = inputs;
    this.studio = studio;
    this.settings = settings;
    this.queue = new RenderQueue(this::ended);
  }

  /**
   * {@code POST /runwayml/v1/character_performance}.
   *
   * @param call the request
   * @return what the caller gets; a task was accepted and charged if and only if the ledger says so
   */
  public Reply submit(Call call) {
    Settings now = settings();
    Optional<JsonNode> body = Json.parse(call.body());
    Long seed = body.map(Provider::seedIn).orElse(null);
    Optional<Reply> denied = denied(call, now);
    if (denied.isPresent()) {
      return refused(seed, denied.get());
    }
    Optional<Fault> before =
        locked(() -> faults.take(Point.SUBMIT, seed, f -> f.action().isBeforeAcceptance()));
    if (before.isPresent()) {
      note(seed, before.get().action().label(), null);
      return withoutAcceptance(before.get());
    }
    if (!call.header("x-runway-version").map(VERSION::equals).orElse(false)) {
      return refused(seed, wrongVersion());
    }
    if (body.isEmpty()) {
      return refused(
          seed, Errors.of(ErrorStyle.RUNWAY, 400, "", "The body is not valid JSON.", ""));
    }
    return switch (RequestRules.check(body.get(), now)) {
      case RequestRules.Checked.Invalid invalid -> refused(seed, Errors.invalid(invalid.issues()));
      case RequestRules.Checked.Valid valid -> fetchAndAccept(valid.request(), now);
    };
  }

  private Reply fetchAndAccept(PerformanceRequest request, Settings now) {
    Optional<String> elsewhere =
        locked(() -> faults.take(Point.INPUTS, request.seed(), f -> true))
            .flatMap(Fault::valueGiven);
    switch (inputs.fetch(at(elsewhere, request.character()), request.characterKind(), now)) {
      case Inputs.Fetched.Refused refused -> {
        return refused(request.seed(), badAsset("character", refused.reason()));
      }
      case Inputs.Fetched.Kept kept -> kept.footage().discard();
    }
    return switch (inputs.fetch(at(elsewhere, request.reference()), MediaKind.VIDEO, now)) {
      case Inputs.Fetched.Refused refused ->
          refused(request.seed(), badAsset("reference", refused.reason()));
      case Inputs.Fetched.Kept kept -> locked(() -> accept(request, kept.footage()));
    };
  }

  private static URI at(Optional<String> server, URI input) {
    return server.map(base -> URI.create(base + input.getRawPath())).orElse(input);
  }

  private Reply accept(PerformanceRequest request, Inputs.Footage reference) {
    Instant now = clock.instant();
    Long seed = request.seed();
    Fate fate = Fate.of(settings, seed, usualEnd(reference), faults.takeAll(Point.TASK, seed));
    Shape shape = fate.shape() == null ? settings.shape() : fate.shape();
    String id = shape == Shape.WRAPPED ? "task_" + token() : uuid();
    Task task = new Task(id, request, reference, fate, now);
    tasks.put(id, task);
    charges.add(new Ledger.Charge(id, seed, now, settings.priceUsd(), false));
    queue.add(task, now, settings.concurrency());
    Reply.Answer answer = Errors.json(200, Json.object().put("id", id));
    Optional<Fault> after = faults.take(Point.SUBMIT, seed, f -> !f.action().isBeforeAcceptance());
    note(seed, after.map(fault -> fault.action().label()).orElse("accepted"), id);
    return after.map(fault -> afterAcceptance(fault, answer)).orElse(answer);
  }

  /**
   * A reference of the wrong length is found out only after acceptance: it is charged and fails.
   */
  private static Fate.End usualEnd(Inputs.Footage reference) {
    return reference
        .length()
        .filter(length -> length.compareTo(SHORTEST) < 0 || length.compareTo(LONGEST) > 0)
        .<Fate.End>map(length ->
            new Fate.End.Failure(
                "ASSET.INVALID",
                "The reference must be 3 to 30 seconds long; it is %.1f."
                    .formatted(length.toMillis() / 1000.0),
                true))
        .orElseGet(Fate.End.Success::new);
  }

  /**
   * {@code GET /runwayml/v1/tasks/{id}}.
   *
   * @param id of the task
   * @param call the request
   * @return what the caller gets
   */
  public Reply task(String id, Call call) {
    return locked(() -> {
      Instant now = advance();
      Task task = tasks.get(id);
      if (task != null) {
        task.gets.add(now);
      }
      Optional<Reply> denied = denied(call, settings);
      if (denied.isPresent()) {
        return denied.get();
      }
      if (!call.header("x-runway-version").map(VERSION::equals).orElse(true)) {
        return wrongVersion();
      }
      if (task == null || !task.isVisible(now)) {
        return Errors.taskNotExist(ErrorStyle.TASK, 400, requestId());
      }
      Optional<Fault> fault = faults.take(Point.GET, task.request.seed(), f -> true);
      return fault
          .map(f -> faulty(f, task, now, call.baseUrl()))
          .orElseGet(() -> shown(task, now, call.baseUrl(), null));
    });
  }

  /**
   * {@code GET /outputs/…}.
   *
   * @param token that the URL was given out with
   * @return the video, or what is the matter with it
   */
  public Reply output(String token) {
    Task task;
    Optional<Fault> fault;
    lock.lock();
    try {
      Instant now = advance();
      OutputUrl url = urls.get(token);
      task = url == null ? null : tasks.get(url.taskId());
      if (url == null || task == null) {
        return Errors.xml(404, "NoSuchKey", "The specified key does not exist.");
      }
      task.downloads.add(now);
      if (!now.isBefore(url.expires())) {
        return expired();
      }
      fault = faults.take(Point.OUTPUT, task.request.seed(), f -> true);
    } finally {
      lock.unlock();
    }
    try {
      return fault.isPresent() ? faultyOutput(fault.get(), task, token) : video(task);
    } catch (IOException e) {
      return Errors.xml(500, "InternalError", "The simulator could not make the video: " + e);
    }
  }

  /**
   * Adds a fault.
   *
   * @param fault to happen from now on
   */
  public void add(Fault fault) {
    locked(() -> {
      faults.add(fault);
      return fault;
    });
  }

  /** Removes all faults; tasks keep the fate that they were accepted with. */
  public void clearFaults() {
    locked(() -> {
      faults.clear();
      return faults;
    });
  }

  /**
   * The faults that are still to happen.
   *
   * @return oldest first
   */
  public List<Fault> faults() {
    return locked(faults::list);
  }

  /**
   * The settings of this moment.
   *
   * @return the settings
   */
  public Settings settings() {
    return locked(() -> settings);
  }

  /**
   * Changes settings. Rendering time and visibility apply to tasks accepted from now on, the rest
   * at once.
   *
   * @param changes JSON object with the settings to replace
   * @return all settings
   * @throws IllegalArgumentException if a setting is unknown or out of its range
   */
  public Settings change(String changes) {
    return locked(() -> {
      Settings changed = Json.merge(settings, changes, Settings.class);
      advance();
      settings = changed;
      advance();
      return changed;
    });
  }

  /** Forgets tasks, charges, faults and videos. The settings stay. */
  public void reset() {
    locked(() -> {
      tasks.values().forEach(task -> task.reference.discard());
      tasks.clear();
      urls.clear();
      charges.clear();
      submits.clear();
      faults.clear();
      queue = new RenderQueue(this::ended);
      studio.clear();
      return tasks;
    });
  }

  /**
   * What happened so far.
   *
   * @param seed only what has this seed; null: all
   * @return a snapshot
   */
  public Ledger ledger(@Nullable Long seed) {
    return locked(() -> {
      Instant now = advance();
      return new Ledger(
          charges.stream().filter(one -> seed == null || seed.equals(one.seed())).toList(),
          tasks.values().stream()
              .map(task -> task.entry(now))
              .filter(one -> seed == null || seed.equals(one.seed()))
              .toList(),
          submits.stream().filter(one -> seed == null || seed.equals(one.seed())).toList(),
          queue.most());
    });
  }

  /**
   * {@code GET /user/quota}, which at CometAPI has a host of its own, {@code query.cometapi.com}.
   *
   * @param key whose usage
   * @param start the first day
   * @param end the last day
   * @return what it used in all and on each of these days
   */
  public Reply usage(String key, LocalDate start, LocalDate end) {
    Settings now = settings();
    if (now.keyRevoked() || !key.equals(now.apiKey())) {
      return Errors.of(ErrorStyle.OPENAI, 401, "", "Invalid token", locked(this::requestId));
    }
    List<Ledger.Charge> paid = ledger(null).charges();
    return Reply.Answer.of(
        200, "application/json", Content.of(Json.write(Usage.of(paid, start, end))));
  }

  // What faults do

  private Reply withoutAcceptance(Fault fault) {
    return switch (fault.action()) {
      case RATE_LIMIT -> rateLimit(fault);
      case ERROR_BEFORE_ACCEPTANCE -> error(fault, 500);
      case RESET_BEFORE_ACCEPTANCE -> Reply.Dropped.RESET;
      case TIMEOUT_BEFORE_ACCEPTANCE -> new Reply.Held(fault.time(), Reply.Dropped.CLOSED);
      case HTML_403 -> Errors.html(403, "403 Forbidden");
      case MOVED_301 -> Errors.moved();
      default -> throw misplaced(fault);
    };
  }

  private Reply afterAcceptance(Fault fault, Reply.Answer answer) {
    return switch (fault.action()) {
      case ERROR_AFTER_ACCEPTANCE -> error(fault, 502);
      case RESET_AFTER_ACCEPTANCE -> Reply.Dropped.RESET;
      case TIMEOUT_AFTER_ACCEPTANCE -> new Reply.Held(fault.time(), Reply.Dropped.CLOSED);
      case RESET_IN_ANSWER -> new Reply.Cut(answer, answer.body().length() / 2, true);
      case SLOW_ANSWER -> new Reply.Held(fault.time(), answer);
      case TRUNCATED_JSON -> answer.with(answer.body().first(answer.body().length() / 2));
      case NO_ID -> Errors.json(200, Json.object());
      case EMPTY_ANSWER -> answer.with(Content.EMPTY);
      case HUGE_ANSWER -> huge(fault);
      default -> throw misplaced(fault);
    };
  }

  private Reply faulty(Fault fault, Task task, Instant now, String baseUrl) {
    return switch (fault.action()) {
      case RATE_LIMIT -> rateLimit(fault);
      case ERROR -> error(fault, 500);
      case RESET -> Reply.Dropped.RESET;
      case TIMEOUT -> new Reply.Held(fault.time(), Reply.Dropped.CLOSED);
      case HTML_403 -> Errors.html(403, "403 Forbidden");
      case MOVED_301 -> Errors.moved();
      case EMPTY_DATA ->
          Errors.json(200, Json.object().put("code", "success").put("message", "").putNull("data"));
      case NOT_EXIST ->
          Errors.taskNotExist(fault.styleOr(ErrorStyle.TASK), fault.statusOr(400), requestId());
      case RESET_IN_ANSWER -> {
        Reply.Answer answer = shown(task, now, baseUrl, null);
        yield new Reply.Cut(answer, answer.body().length() / 2, true);
      }
      case SLOW_ANSWER -> new Reply.Held(fault.time(), shown(task, now, baseUrl, null));
      case TRUNCATED_JSON -> {
        Reply.Answer answer = shown(task, now, baseUrl, null);
        yield answer.with(answer.body().first(answer.body().length() / 2));
      }
      case EMPTY_ANSWER -> shown(task, now, baseUrl, null).with(Content.EMPTY);
      case HUGE_ANSWER -> huge(fault);
      case STATUS_BACKWARDS, UNKNOWN_STATUS, NO_OUTPUT, WRAPPER_BEHIND, SHAPE, OUTPUT_FORM ->
          shown(task, now, baseUrl, fault);
      default -> throw misplaced(fault);
    };
  }

  private Reply faultyOutput(Fault fault, Task task, String token) throws IOException {
    return switch (fault.action()) {
      case ERROR ->
          Errors.xml(
              fault.statusOr(500), fault.codeOr("InternalError"), fault.messageOr("Try again."));
      case RESET -> Reply.Dropped.RESET;
      case TIMEOUT -> new Reply.Held(fault.time(), Reply.Dropped.CLOSED);
      case SLOW_ANSWER -> new Reply.Held(fault.time(), video(task));
      case TRUNCATE -> {
        Reply.Answer whole = video(task);
        yield new Reply.Cut(whole, fault.bytesOr(whole.body().length() / 2), false);
      }
      case SHORT_FILE -> {
        Reply.Answer whole = video(task);
        yield whole.with(whole.body().first(fault.bytesOr(whole.body().length() / 2)));
      }
      case EMPTY -> video(task).with(Content.EMPTY);
      case WRONG_CONTENT ->
          Reply.Answer.of(
              200,
              fault.valueGiven().orElse("video/mp4"),
              Content.of("<html><body>Sorry, something went wrong.</body></html>\n".repeat(40)));
      case NO_VIDEO -> video(task, task.request.ratio(), false, true);
      case SILENT -> video(task, task.request.ratio(), true, false);
      case WRONG_PIXELS ->
          video(
              task,
              fault
                  .valueGiven()
                  .flatMap(Ratio::named)
                  .orElse(task.request.ratio() == Ratio.SQUARE ? Ratio.WIDE : Ratio.SQUARE),
              true,
              true);
      case OVERSIZED -> oversized(fault);
      case REDIRECT -> {
        String target =
            fault.valueGiven().orElse("/outputs/" + task.id + ".mp4?_jwt=" + token + "&again=1");
        yield Errors.html(fault.statusOr(302), "Found").with("Location", target);
      }
      case NOT_FOUND -> Errors.xml(404, "NoSuchKey", "The specified key does not exist.");
      case EXPIRED -> expired();
      case NO_LENGTH -> video(task).withoutLength();
      default -> throw misplaced(fault);
    };
  }

  private Reply rateLimit(Fault fault) {
    long seconds = fault.seconds() == null ? 1 : (long) Math.ceil(fault.seconds());
    return Errors.rateLimited(seconds);
  }

  private Reply error(Fault fault, int usual) {
    int status = fault.statusOr(usual);
    return Errors.of(
        fault.styleOr(ErrorStyle.OPENAI),
        status,
        fault.codeOr(""),
        fault.messageOr("Upstream service is not available"),
        requestId());
  }

  private static Reply.Answer huge(Fault fault) {
    long length = fault.bytesOr(HUGE);
    byte[] head = "{\"padding\":\"".getBytes(StandardCharsets.UTF_8);
    return Reply.Answer.of(
        200, "application/json", Content.padded(head, Math.max(length, head.length)));
  }

  /** An MP4 whose media data goes on and on; "no-length" hides how long. */
  private static Reply.Answer oversized(Fault fault) {
    byte[] head =
        HexFormat.of()
            .parseHex("00000010" + "66747970" + "69736f6d" + "00000200" + "00000001" + "6d646174");
    long length = Math.max(fault.bytesOr(OVERSIZED), head.length + 8L);
    byte[] withSize = ByteBuffer.allocate(head.length + 8).put(head).putLong(length - 16).array();
    Reply.Answer answer = Reply.Answer.of(200, "video/mp4", Content.padded(withSize, length));
    return fault.valueGiven().filter("no-length"::equals).isPresent()
        ? answer.withoutLength()
        : answer;
  }

  private static IllegalStateException misplaced(Fault fault) {
    return new IllegalStateException(
        fault.action().label() + " has no meaning on " + fault.on().label());
  }

  // What a healthy provider does

  private Reply.Answer shown(Task task, Instant now, String baseUrl, @Nullable Fault fault) {
    Task.State state = task.at(now);
    Action lie = fault == null ? null : fault.action();
    Shape shape =
        lie == Action.SHAPE && fault != null
            ? Shape.named(fault.valueGiven().orElseThrow())
            : task.fate.shape() == null ? settings.shape() : task.fate.shape();
    OutputForm form =
        lie == Action.OUTPUT_FORM && fault != null
            ? OutputForm.named(fault.valueGiven().orElseThrow())
            : task.fate.form();
    String url =
        task.showsOutput(now) && lie != Action.NO_OUTPUT ? freshUrl(task, now, baseUrl) : null;
    TaskJson.Shown shown =
        new TaskJson.Shown(
            state.status().name(), state.status().wrapped(), state.progress(), url, form);
    if (lie == Action.STATUS_BACKWARDS) {
      ProviderStatus earlier = ProviderStatus.PENDING;
      shown = new TaskJson.Shown(earlier.name(), earlier.wrapped(), 0, null, form);
    } else if (lie == Action.UNKNOWN_STATUS && fault != null) {
      String word = fault.valueGiven().orElse("REVIEWING");
      shown = new TaskJson.Shown(word, word, state.progress(), null, form);
    } else if (lie == Action.WRAPPER_BEHIND) {
      shown =
          new TaskJson.Shown(
              state.status().name(), ProviderStatus.RUNNING.wrapped(), 0.99, url, form);
    }
    return Errors.json(
        200,
        switch (shape) {
          case BARE -> TaskJson.bare(task, shown);
          case WRAPPED -> TaskJson.wrapped(task, shown, now);
        });
  }

  private String freshUrl(Task task, Instant now, String baseUrl) {
    if (task.fate.staleUrl() && task.firstUrl != null) {
      return task.firstUrl;
    }
    String token = token();
    Duration life = task.fate.urlLife() == null ? settings.urlLifeSeconds() : task.fate.urlLife();
    urls.put(token, new OutputUrl(task.id, now.plus(life)));
    String url = baseUrl + "/outputs/" + task.id + ".mp4?_jwt=" + token;
    if (task.firstUrl == null) {
      task.firstUrl = url;
    }
    return url;
  }

  private Reply.Answer video(Task task) throws IOException {
    return video(task, task.request.ratio(), true, true);
  }

  private Reply.Answer video(Task task, Ratio ratio, boolean picture, boolean sound)
      throws IOException {
    return Reply.Answer.of(
            200,
            "video/mp4",
            studio.render(new Studio.Order(task.id, task.reference, ratio, picture, sound)))
        .with("Accept-Ranges", "bytes");
  }

  private static Reply.Answer expired() {
    return Errors.xml(403, "AccessDenied", "Request has expired");
  }

  private Optional<Reply> denied(Call call, Settings now) {
    String sent = call.header("authorization").orElse("");
    if (!now.keyRevoked() && sent.equals("Bearer " + now.apiKey())) {
      return Optional.empty();
    }
    String message = sent.isEmpty() ? "No token provided" : "Invalid token";
    return Optional.of(Errors.of(ErrorStyle.OPENAI, 401, "", message, locked(this::requestId)));
  }

  private static Reply.Answer wrongVersion() {
    return Errors.of(
        ErrorStyle.RUNWAY,
        400,
        "",
        "The X-Runway-Version header is missing or not a known version; it must be "
            + VERSION
            + ".",
        "");
  }

  private static Reply.Answer badAsset(String name, String reason) {
    return Errors.invalid(List.of(new Issue(List.of(name, "uri"), "custom", reason)));
  }

  private Reply refused(@Nullable Long seed, Reply reply) {
    note(
        seed,
        "refused " + (reply instanceof Reply.Answer answer ? answer.status() : "without an answer"),
        null);
    return reply;
  }

  private void note(@Nullable Long seed, String outcome, @Nullable String taskId) {
    locked(() -> submits.add(new Ledger.Submit(clock.instant(), seed, outcome, taskId)));
  }

  private static @Nullable Long seedIn(JsonNode body) {
    JsonNode seed = body.get("seed");
    return seed != null && seed.isIntegralNumber() && seed.canConvertToLong()
        ? seed.longValue()
        : null;
  }

  private Instant advance() {
    Instant now = clock.instant();
    queue.advance(now, settings.concurrency());
    return now;
  }

  private void ended(Task task) {
    if (settings.refundOnFailure() && task.fate.end() instanceof Fate.End.Failure) {
      charges.replaceAll(charge ->
          charge.providerTaskId().equals(task.id)
              ? new Ledger.Charge(
                  charge.providerTaskId(), charge.seed(), charge.at(), charge.amountUsd(), true)
              : charge);
    }
  }

  private String token() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A random UUID, version 4. */
  private String uuid() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & (-1L >>> 2)) | Long.MIN_VALUE;
    return new UUID(high, low).toString();
  }

  private String requestId() {
    return Long.toUnsignedString(random.nextLong());
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
