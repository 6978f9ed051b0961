package dev.understudy.adapters;

import dev.understudy.adapters.cometapi.CometApi;
import dev.understudy.adapters.cometapi.OutputDownload;
import dev.understudy.adapters.dynamodb.DynamoDbTaskIndex;
import dev.understudy.adapters.dynamodb.DynamoDbTaskStore;
import dev.understudy.adapters.dynamodb.DynamoDbTokens;
import dev.understudy.adapters.events.EventBridgeEvents;
import dev.understudy.adapters.logging.JsonLines;
import dev.understudy.adapters.logging.MetricLines;
import dev.understudy.adapters.s3.S3Bucket;
import dev.understudy.adapters.s3.S3InputSigner;
import dev.understudy.adapters.s3.S3OutputLinks;
import dev.understudy.adapters.s3.S3UploadForms;
import dev.understudy.adapters.secrets.SecretApiKey;
import dev.understudy.adapters.secrets.SecretSigningKeys;
import dev.understudy.adapters.stepfunctions.StepFunctionsExecutions;
import dev.understudy.adapters.webhook.HttpReceiver;
import dev.understudy.core.announce.Announcer;
import dev.understudy.core.announce.StatusPage;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.ports.ApiKey;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Events;
import dev.understudy.core.ports.Executions;
import dev.understudy.core.ports.InputSigner;
import dev.understudy.core.ports.Metrics;
import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.ports.Receiver;
import dev.understudy.core.ports.SigningKeys;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.Tokens;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.settings.Setting;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.TaskWriter;
import dev.understudy.core.watch.Gauges;
import dev.understudy.core.watch.Transition;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What the functions run on, built from their environment. Each part is built when it is first
 * asked for, so that a function pays and needs variables for its own parts only; a handler asks in
 * its constructor, which Lambda runs before the first event. Clients of services are built once,
 * whatever is made from them; those that many an invocation does without (S3, EventBridge, Step
 * Functions) only when they are first used, unless a snapshot is taken before that.
 */
public final class Wiring {

  /** A download that brings no byte for so long has broken off. */
  private static final Duration DOWNLOAD_STALL = Duration.ofSeconds(30);

  private final Function<String, @Nullable String> variable;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Supplier<Settings> settings;
  private final Supplier<AwsClients> aws;
  private final Supplier<S3Client> s3;
  private final Supplier<DynamoDbClient> dynamoDb;
  private final Supplier<TaskStore> store;
  private final Supplier<Metrics> metrics;
  private final Supplier<Events> events;
  private final Supplier<Executions> executions;

  /**
   * @param variable looks up an environment variable by name; a blank one counts as absent
   * @param clock the time
   * @param random for nonces and jitter
   */
  public Wiring(
      Function<String, @Nullable String> variable, InstantSource clock, RandomGenerator random) {
    this.variable = variable;
    this.clock = clock;
    this.random = random;
    this.settings = new Once<>(() -> Settings.from(variable));
    this.aws = new Once<>(() -> new AwsClients(variable));
    this.s3 = new Once<>(() -> aws.get().s3());
    this.dynamoDb = new Once<>(() -> aws.get().dynamoDb());
    this.metrics = new Once<>(() -> new MetricLines(required("STACK_NAME"), clock));
    this.store = new Once<>(this::tableThatIsWatched);
    this.events = new Once<>(this::eventsOnceUsed);
    this.executions = new Once<>(this::executionsOnceUsed);
  }

  /** The wiring of a function in Lambda; it also sets up its logging. */
  public static Wiring fromEnvironment() {
    JsonLines.install();
    // the table keeps milliseconds: a task in memory is then the same as one read back
    return new Wiring(System::getenv, Clock.tickMillis(ZoneOffset.UTC), new SecureRandom());
  }

  /**
   * Parts for a rehearsal, which reach nothing but one address and know none of the function's
   * variables.
   */
  static Wiring on(URI stage) {
    var address = stage.toString();
    var arn = "arn:aws:iam::000000000000:role/rehearsal";
    var variables = new HashMap<String, String>();
    for (var name : List.of("STACK_NAME", "TABLE", "BUCKET", "SECRET_ARN", "WEBHOOK_SECRET_ARN")) {
      variables.put(name, "rehearsal");
    }
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_ENDPOINT_URL", address);
    variables.put("STATE_MACHINE_ARN", arn);
    variables.put("SIGNER_ROLE_ARN", arn);
    variables.put("WEBHOOK_URL", address);
    variables.put(Setting.CometApiBaseUrl.variable(), address);
    variables.put(Setting.PollFirstSeconds.variable(), "0");
    return new Wiring(variables::get, Clock.tickMillis(ZoneOffset.UTC), new SecureRandom());
  }

  private TaskStore tableThatIsWatched() {
    var lines = metrics.get();
    return new DynamoDbTaskStore(
        dynamoDb.get(),
        required("TABLE"),
        settings(),
        clock,
        random,
        change -> Transition.of(change).ifPresent(lines::tell));
  }

  private Events eventsOnceUsed() {
    var arn = required("STATE_MACHINE_ARN");
    var made = whenUsed(() -> new EventBridgeEvents(aws.get().eventBridge(), arn));
    return event -> made.get().publish(event);
  }

  private Executions executionsOnceUsed() {
    var arn = required("STATE_MACHINE_ARN");
    var made = whenUsed(() -> new StepFunctionsExecutions(aws.get().stepFunctions(), arn));
    return (taskId, generation) -> made.get().start(taskId, generation);
  }

  /** The stack's settings. */
  public Settings settings() {
    return settings.get();
  }

  /** The time. */
  public InstantSource clock() {
    return clock;
  }

  /** Chance, for nonces and jitter. */
  public RandomGenerator random() {
    return random;
  }

  /** The name of the stack's bucket, BUCKET. */
  public String bucketName() {
    return required("BUCKET");
  }

  /** The stack's bucket, BUCKET. */
  public Bucket bucket() {
    return bucket(bucketName());
  }

  /**
   * A bucket that an event names.
   *
   * @param name its name
   */
  public Bucket bucket(String name) {
    return new S3Bucket(whenUsed(s3), name);
  }

  /** Signs inputs in BUCKET as the role SIGNER_ROLE_ARN. */
  public InputSigner signer() {
    return new S3InputSigner(
        aws.get().sts(),
        aws.get()::presigner,
        required("SIGNER_ROLE_ARN"),
        required("BUCKET"),
        clock);
  }

  /** The provider's key, in the secret SECRET_ARN. */
  public ApiKey apiKey() {
    return new SecretApiKey(aws.get().secretsManager(), required("SECRET_ARN"), clock);
  }

  /** Events on the account's bus. */
  public Events events() {
    return events.get();
  }

  /** Executions of STATE_MACHINE_ARN. */
  public Executions executions() {
    return executions.get();
  }

  /** The table TABLE. */
  public TaskStore store() {
    return store.get();
  }

  /** How the stack STACK_NAME stands. */
  public Gauges gauges() {
    return new Gauges(store(), metrics.get(), settings(), clock);
  }

  /** Looks through that table. */
  public TaskIndex taskIndex() {
    return new DynamoDbTaskIndex(dynamoDb.get(), required("TABLE"), clock, random);
  }

  /** The API's tokens, in that table. */
  public Tokens tokens() {
    return new DynamoDbTokens(dynamoDb.get(), required("TABLE"), clock, random);
  }

  /** Signs addresses of videos in BUCKET. */
  public OutputLinks outputLinks() {
    return new S3OutputLinks(aws.get().presigner(aws.get().credentials()), bucketName());
  }

  /** Makes forms to upload to BUCKET with. */
  public UploadForms uploadForms() {
    return new S3UploadForms(
        aws.get().credentials(),
        aws.get().region(),
        bucketName(),
        aws.get().bucketAddress(bucketName()),
        clock);
  }

  /** Writes tasks to that table. */
  public TaskWriter writer() {
    return new TaskWriter(store(), random);
  }

  /** The provider at COMET_API_BASE_URL. */
  public Provider provider() {
    return new CometApi(settings().baseUrl(), settings().runwayVersion(), clock);
  }

  /** Downloads from public hosts, and from the provider's own. */
  public Downloads downloads() {
    return new OutputDownload(settings().baseUrl(), DOWNLOAD_STALL);
  }

  /** Takes events at WEBHOOK_URL. */
  public Receiver receiver() {
    return HttpReceiver.at(required("WEBHOOK_URL"));
  }

  /** The keys that webhooks are signed with, in the secret WEBHOOK_SECRET_ARN. */
  public SigningKeys signingKeys() {
    return new SecretSigningKeys(aws.get().secretsManager(), required("WEBHOOK_SECRET_ARN"), clock);
  }

  /** Gives waiting tasks their places. */
  public Admission admission() {
    return new Admission(store(), executions(), settings(), clock, random);
  }

  /** Tells of changes, with status pages in BUCKET. */
  public Announcer announcer() {
    return announcer(bucket());
  }

  private Announcer announcer(Bucket bucket) {
    return new Announcer(store(), new StatusPage(store(), bucket), events());
  }

  /** The order desk of BUCKET. */
  public OrderDesk orderDesk() {
    return orderDesk(required("BUCKET"));
  }

  /**
   * The order desk of a bucket that an event names.
   *
   * @param name its name
   */
  public OrderDesk orderDesk(String name) {
    var bucket = bucket(name);
    return new OrderDesk(
        store(),
        bucket,
        announcer(bucket),
        new StatusPage(store(), bucket),
        admission(),
        settings(),
        clock,
        random);
  }

  /** Leaves a part until it is used; before a snapshot it is made at once, to be part of that. */
  private <T> Supplier<T> whenUsed(Supplier<T> maker) {
    var once = new Once<>(maker);
    if (Rehearsal.snapshotFollows(variable)) {
      once.get();
    }
    return once;
  }

  private String required(String name) {
    var value = variable.apply(name);
    if (value == null || value.isBlank()) {
      throw new Misconfigured(
          "The variable %s of this function is not set: deploy the template again."
              .formatted(name));
    }
    return value.strip();
  }

  /** Makes its value when it is first asked for. */
  private static final class Once<T> implements Supplier<T> {

    private final Supplier<T> maker;
    private @Nullable T made;

    Once(Supplier<T> maker) {
      this.maker = maker;
    }

    @Override
    public synchronized T get() {
      var value = made;
      if (value == null) {
        value = maker.get();
        made = value;
      }
      return value;
    }
  }
}
