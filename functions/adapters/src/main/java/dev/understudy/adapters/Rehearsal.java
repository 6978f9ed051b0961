package dev.understudy.adapters;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.json.Json;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaFormat;
import dev.understudy.core.order.Order;
import dev.understudy.core.request.CharacterType;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.request.PublicFigureThreshold;
import dev.understudy.core.request.Ratio;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.OrderRef;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn.Unrecorded;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.crac.Core;
import org.crac.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * With SnapStart, a function plays its part some dozen times before its snapshot is taken, so that
 * the first real event after it finds all classes loaded and compiled.
 *
 * <p>It plays with parts of its own, made for it and thrown away: their clients reach nothing but a
 * {@link Stage} on this machine, with made-up credentials, names and a made-up task. So nothing is
 * read, written, posted or charged, no connection is open in the snapshot, and nothing that must
 * differ between two functions or grows old (nonces, credentials, keys, sessions, times) is kept in
 * it. What it says to the log is not heard: its lines would be metrics.
 *
 * <p>Lambda calls its {@link Hook}
 * (docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html).
 */
public final class Rehearsal {

  /** The task of all rehearsals. */
  public static final String TASK = "00000000-0000-4000-8000-000000000000";

  /** The event of a state of the state machine. */
  public static final String STEP = "{\"id\":\"%s\",\"generation\":1}".formatted(TASK);

  /** A token of the form that the API's have, known to the stage alone. */
  public static final String TOKEN = "understudy_" + "r".repeat(43);

  private static final String TOKEN_SHA256 =
      "ae9347b5ae3e51c23c32b352aea37e9a2258ba3fa3870f8f039767674a9a6243";

  /** What C1 compiles has been called 200 times; most methods are, several times in a round. */
  private static final int ROUNDS = 50;

  /**
   * Where the SDK looks for the address of credentials before it looks at Lambda's variable for it.
   */
  private static final String CREDENTIALS = "aws.containerCredentialsFullUri";

  private static final String TENANT = "rehearsal";
  private static final String FORM = "incoming/rehearsal/task.json";
  private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);

  /** Lambda's own list of hooks does not keep them alive. */
  private static @Nullable Hook kept;

  /**
   * What Lambda calls, in the managed runtime and its client alike.
   *
   * @param rehearsal what is played
   */
  private record Hook(Rehearsal rehearsal) implements Resource {

    /** Never throws: a function that could not rehearse is slower once. */
    @Override
    public void beforeCheckpoint(org.crac.Context<? extends Resource> context) {
      try {
        rehearsal.rehearse(ROUNDS);
      } catch (IOException | RuntimeException e) {
        log.warn("The rehearsal before the snapshot broke off; the first event will be slower.", e);
      }
    }

    @Override
    public void afterRestore(org.crac.Context<? extends Resource> context) {}
  }

  /**
   * What Lambda tells of an invocation. Nobody calls through a mobile app, so there is no client.
   */
  private record Invocation() implements Context {

    @Override
    public String getAwsRequestId() {
      return TENANT;
    }

    @Override
    public int getRemainingTimeInMillis() {
      return (int) Duration.ofMinutes(15).toMillis();
    }

    @Override
    public String getLogGroupName() {
      return TENANT;
    }

    @Override
    public String getLogStreamName() {
      return TENANT;
    }

    @Override
    public String getFunctionName() {
      return TENANT;
    }

    @Override
    public String getFunctionVersion() {
      return "1";
    }

    @Override
    public String getInvokedFunctionArn() {
      return "arn:aws:lambda:us-east-1:000000000000:function:rehearsal";
    }

    @Override
    public @Nullable CognitoIdentity getIdentity() {
      return null;
    }

    @Override
    public @Nullable ClientContext getClientContext() {
      return null;
    }

    @Override
    public int getMemoryLimitInMB() {
      return 1024;
    }

    @Override
    public LambdaLogger getLogger() {
      return LambdaRuntime.getLogger();
    }
  }

  private final Function<Wiring, RequestStreamHandler> cast;
  private final @Nullable TaskStatus status;
  private final List<String> events;

  /**
   * @param cast makes the function from the parts it is to play with
   * @param status of the task that lies in the table before each round; null for none
   * @param events what is handed to it in each round
   */
  public Rehearsal(
      Function<Wiring, RequestStreamHandler> cast, @Nullable TaskStatus status, String... events) {
    this.cast = cast;
    this.status = status;
    this.events = List.of(events);
  }

  /**
   * Has Lambda call a rehearsal before the snapshot, if there will be one. Without SnapStart none
   * is made, and nothing of it is loaded.
   */
  public static void beforeSnapshot(Supplier<Rehearsal> rehearsal) {
    if (snapshotFollows(System::getenv)) {
      kept = new Hook(rehearsal.get());
      Core.getGlobalContext().register(kept);
    }
  }

  /** Whether Lambda makes this function ready for a snapshot. */
  static boolean snapshotFollows(Function<String, @Nullable String> variable) {
    return "snap-start".equals(variable.apply("AWS_LAMBDA_INITIALIZATION_TYPE"));
  }

  /**
   * Plays.
   *
   * @return what was asked of AWS and the provider, as the stage saw it
   */
  public List<String> rehearse(int rounds) throws IOException {
    var out = System.out;
    try (var stage = new Stage()) {
      System.setProperty(CREDENTIALS, stage.address() + Stage.CREDENTIALS);
      System.setOut(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      var wiring = Wiring.on(stage.address());
      var handler = cast.apply(wiring);
      for (int i = 0; i < rounds; i++) {
        set(stage, wiring, i % 2 == 0 ? List.of() : List.of("a word"));
        for (var event : events) {
          handler.handleRequest(
              new ByteArrayInputStream(event.getBytes(StandardCharsets.UTF_8)),
              OutputStream.nullOutputStream(),
              new Invocation());
        }
      }
      return stage.calls();
    } finally {
      System.setOut(out);
      System.clearProperty(CREDENTIALS);
    }
  }

  /**
   * Sets the stage for a round.
   *
   * @param words what the task has of lists: Java's short lists are of two classes, and Jackson
   *     learns each of them
   */
  private void set(Stage stage, Wiring wiring, List<String> words) {
    var now = wiring.clock().instant();
    stage.put(
        Map.of("pk", "TOKEN", "sk", TOKEN_SHA256, "tenant", TENANT, "createdAt", Json.time(now)));
    if (status == null) {
      return;
    }
    var settings = wiring.settings();
    var store = wiring.store();
    var writer = wiring.writer();
    var take = new Order.Take(1, TASK, "");
    store.write(
        null,
        new Order(FORM, 0, "", now, Order.State.ACCEPTED, TASK, 1, now, null, List.of(take), ""));
    var task = Changes.acceptedWithPlace(accepted(now, words), now, settings);
    store.write(Change.create(task, writer.nonce()));
    if (status != TaskStatus.QUEUED) {
      writer.update(TASK, t -> Optional.of(Changes.submitting(t, now, writer.nonce(), settings)));
      writer.recordId(TASK, 1, new Unrecorded(1, TASK), wiring.clock(), settings);
    }
    if (status == TaskStatus.PERSISTING) {
      writer.update(TASK, t -> Optional.of(Changes.persisting(t, now, settings)));
    }
  }

  private static Task accepted(Instant now, List<String> words) {
    var request =
        new PerformanceRequest(
            CharacterType.IMAGE,
            true,
            3,
            Ratio.LANDSCAPE_1280_720,
            1,
            PublicFigureThreshold.AUTO,
            PerformanceRequest.ACT_TWO);
    return Task.accepted(
        TASK,
        TENANT,
        now,
        1,
        request,
        new Input(
            "inputs/rehearsal/character.png",
            "character.png",
            new MediaFacts(MediaFormat.PNG, 1, 1, 1, 0, null, null, null)),
        new Input(
            "inputs/rehearsal/reference.mp4",
            "reference.mp4",
            new MediaFacts(MediaFormat.MP4, 1, 1, 1, 0, 25.0, Duration.ofSeconds(4), true)),
        null,
        new OrderRef(FORM, "rehearsal", 1),
        "outputs/rehearsal/reference__character.mp4",
        words,
        words);
  }
}
