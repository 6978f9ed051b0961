package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;

/**
 * The stack as its owner reaches it: bucket, table, functions, executions, logs and events.
 *
 * <p>Its names come from the environment, as {@code make local} writes them to {@code stack.env};
 * endpoint, region and credentials are the clients' own variables. While tests run, reconcile is
 * called every {@link #MINUTE} and not only once a minute, so that what takes minutes at work takes
 * seconds here.
 */
final class Stack implements AutoCloseable {
  /** What a minute of the schedule lasts here. */
  static final Duration MINUTE = Duration.ofSeconds(2);

  /** Where the sample's files lie for the orders that bring none of their own. */
  static final String SAMPLE = "incoming/e2e-sample/";

  /** What everything calls in the stack: the published version that is meant. */
  private static final String ALIAS = "live";

  final String bucket = variable("BUCKET");
  final String stateMachine = variable("STATE_MACHINE_ARN");
  final String secret = variable("SECRET_ARN");
  final SimulatedProvider provider = new SimulatedProvider(URI.create(variable("PROVIDER_URL")));

  /** Only AWS has a host name for each bucket. */
  final S3Client s3 =
      S3Client.builder().forcePathStyle(System.getenv("AWS_ENDPOINT_URL") != null).build();

  final LambdaClient lambda = LambdaClient.create();
  final SfnClient stepFunctions = SfnClient.create();
  final SecretsManagerClient secrets = SecretsManagerClient.create();

  private final String table = variable("TABLE");
  private final DynamoDbClient dynamoDb = DynamoDbClient.create();
  private final AtomicLong seeds =
      new AtomicLong(Instant.now().getEpochSecond() % 4_000_000 * 1_000);
  private final EventTap events = new EventTap();
  private final AtomicReference<@Nullable Throwable> reconcileFailed = new AtomicReference<>();
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  Stack() {
    provider.settings(Map.of("renderSeconds", 2));
    put(SAMPLE + "character.png", "image/png", Media.character());
    put(SAMPLE + "reference.mp4", "video/mp4", Media.reference());
    schedule.scheduleWithFixedDelay(this::tick, 0, MINUTE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      reconcile();
    } catch (RuntimeException | AssertionError e) {
      reconcileFailed.compareAndSet(null, e);
    }
  }

  /** The first run of reconcile that failed, if one did. */
  Optional<Throwable> reconcileFailed() {
    return Optional.ofNullable(reconcileFailed.get());
  }

  /** A seed that no other order of this run has, so that the provider's ledger tells them apart. */
  long newSeed() {
    return seeds.incrementAndGet();
  }

  // The bucket

  void put(String key, String contentType, byte[] content) {
    s3.putObject(
        p -> p.bucket(bucket).key(key).contentType(contentType), RequestBody.fromBytes(content));
  }

  void delete(String key) {
    s3.deleteObject(d -> d.bucket(bucket).key(key));
  }

  Optional<ResponseBytes<GetObjectResponse>> object(String key) {
    try {
      return Optional.of(s3.getObjectAsBytes(g -> g.bucket(bucket).key(key)));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  List<MultipartUpload> openUploads() {
    return s3.listMultipartUploads(l -> l.bucket(bucket)).uploads();
  }

  // The table

  Optional<JsonNode> item(String pk, String sk) {
    Map<String, AttributeValue> item =
        dynamoDb.getItem(g -> g.tableName(table).key(key(pk, sk)).consistentRead(true)).item();
    return item.isEmpty() ? Optional.empty() : Optional.of(Items.json(item));
  }

  /** The task as it is stored. */
  JsonNode task(String id) {
    return item("TASK#" + id, "TASK")
        .orElseThrow(() -> new AssertionError("There is no task " + id + " in the table."));
  }

  /** Everything in the table. */
  Stream<JsonNode> items() {
    return dynamoDb.scanPaginator(s -> s.tableName(table).consistentRead(true)).items().stream()
        .map(Items::json);
  }

  /** What people were told of a task, the oldest first. */
  List<JsonNode> history(String id) {
    return dynamoDb
        .queryPaginator(q ->
            q.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk AND begins_with(sk, :history)")
                .expressionAttributeValues(
                    Map.of(
                        ":pk", AttributeValue.fromS("TASK#" + id),
                        ":history", AttributeValue.fromS("H#"))))
        .items()
        .stream()
        .<JsonNode>map(Items::json)
        .toList();
  }

  /** Makes a task due now, as if the time until then had passed. */
  void makeDue(String id) {
    set(
        "TASK#" + id,
        "TASK",
        Map.of("dueAt", Json.time(Instant.now()), "gsi2sk", Json.time(Instant.now())));
  }

  /** Lets the lease of a task's current attempt have ended, and makes it due. */
  void endLease(String id) {
    int last = task(id).path("attempts").size() - 1;
    String now = Json.time(Instant.now());
    dynamoDb.updateItem(u ->
        u.tableName(table)
            .key(key("TASK#" + id, "TASK"))
            .updateExpression(
                "SET attempts[" + last + "].leaseUntil = :now, dueAt = :now, gsi2sk = :now")
            .expressionAttributeValues(Map.of(":now", AttributeValue.fromS(now))));
  }

  /** Replaces text attributes of an item. */
  void set(String pk, String sk, Map<String, String> texts) {
    var names = new HashMap<String, String>();
    var values = new HashMap<String, AttributeValue>();
    var parts = new ArrayList<String>();
    texts.forEach((name, value) -> {
      names.put("#" + name, name);
      values.put(":" + name, AttributeValue.fromS(value));
      parts.add("#%s = :%s".formatted(name, name));
    });
    dynamoDb.updateItem(u ->
        u.tableName(table)
            .key(key(pk, sk))
            .updateExpression("SET " + String.join(", ", parts))
            .expressionAttributeNames(names)
            .expressionAttributeValues(values));
  }

  /** Forgets how many submissions in a row were unknown, as an order that passes would. */
  void forgetUnknowns() {
    dynamoDb.updateItem(u ->
        u.tableName(table)
            .key(key("CONTROL", "CONTROL"))
            .updateExpression("SET unknownStreak = :none")
            .conditionExpression("attribute_exists(unknownStreak)")
            .expressionAttributeValues(Map.of(":none", AttributeValue.fromN("0"))));
  }

  /** Adds to a counter. */
  void add(String pk, String sk, String counter, long by) {
    dynamoDb.updateItem(u ->
        u.tableName(table)
            .key(key(pk, sk))
            .updateExpression("ADD #counter :by")
            .expressionAttributeNames(Map.of("#counter", counter))
            .expressionAttributeValues(Map.of(":by", AttributeValue.fromN(Long.toString(by)))));
  }

  private static Map<String, AttributeValue> key(String pk, String sk) {
    return Map.of("pk", AttributeValue.fromS(pk), "sk", AttributeValue.fromS(sk));
  }

  // The functions

  /** The name of a function: {@code ingest}, {@code submit}, {@code poll} … */
  static String function(String name) {
    return variable(name.toUpperCase(Locale.ROOT) + "_FUNCTION");
  }

  /** Runs reconcile, as the schedule does every minute. */
  void reconcile() {
    invoke("reconcile", "{}");
  }

  /** Calls a function and waits for its end, which must be a good one. */
  void invoke(String name, String payload) {
    InvokeResponse answer =
        lambda.invoke(i ->
            i.functionName(function(name))
                .qualifier(ALIAS)
                .payload(SdkBytes.fromUtf8String(payload)));
    if (answer.functionError() != null) {
      throw new AssertionError("%s failed: %s".formatted(name, answer.payload().asUtf8String()));
    }
  }

  /**
   * Changes a variable of the functions that talk to the provider, which also starts them anew.
   *
   * @param name of the variable
   */
  void reconfigure(String name, String value) {
    for (String asking : List.of("submit", "poll", "persist")) {
      String function = function(asking);
      Map<String, String> variables =
          new HashMap<>(
              lambda
                  .getFunctionConfiguration(f -> f.functionName(function))
                  .environment()
                  .variables());
      variables.put(name, value);
      lambda.updateFunctionConfiguration(
          f -> f.functionName(function).environment(e -> e.variables(variables)));
      lambda.waiter().waitUntilFunctionUpdatedV2(f -> f.functionName(function));
      String version = lambda.publishVersion(v -> v.functionName(function)).version();
      lambda.updateAlias(a -> a.functionName(function).name(ALIAS).functionVersion(version));
    }
  }

  /** Everything that a function has logged. */
  List<String> log(String name) {
    String group =
        lambda
            .getFunctionConfiguration(f -> f.functionName(function(name)))
            .loggingConfig()
            .logGroup();
    List<String> messages = new ArrayList<>();
    Map<String, String> page = Map.of("logGroupName", group);
    while (!page.isEmpty()) {
      JsonNode answer = AwsJson.LOGS.call("FilterLogEvents", page);
      answer.path("events").forEach(event -> messages.add(event.path("message").asText()));
      String more = answer.path("nextToken").asText();
      page = more.isEmpty() ? Map.of() : Map.of("logGroupName", group, "nextToken", more);
    }
    return messages;
  }

  // The executions

  List<ExecutionListItem> executions() {
    return stepFunctions
        .listExecutionsPaginator(l -> l.stateMachineArn(stateMachine))
        .executions()
        .stream()
        .toList();
  }

  /** The ARN of a task's execution in its present generation. */
  String execution(JsonNode task) {
    String name = task.path("id").asText() + "-" + task.path("generation").asInt();
    return stateMachine.replace(":stateMachine:", ":execution:") + ":" + name;
  }

  // The events

  /** The events told so far. */
  List<JsonNode> events() {
    return events.seen();
  }

  static JsonNode json(byte[] content) {
    try {
      return Json.MAPPER.readTree(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String variable(String name) {
    return Objects.requireNonNull(
        System.getenv(name),
        () -> name + " is not set: see docs/testing.md for the stack that these tests need.");
  }

  @Override
  public void close() {
    schedule.shutdownNow();
    events.close();
  }
}
