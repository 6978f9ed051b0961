package dev.understudy.adapters.dynamodb;

import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.stack.Places;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The tasks, orders, places and money of a stack in one DynamoDB table. A write has won if and only
 * if the stored writer is its own: the SDK repeats a write whose answer was lost, and would
 * otherwise lose to itself.
 */
public final class DynamoDbTaskStore implements TaskStore {

  private static final String CONTROL = "store the control item";
  private static final String STALL = "stall";

  private final DynamoDbClient client;
  private final String table;
  private final Settings settings;
  private final RandomGenerator random;
  private final Consumer<Change> stored;
  private final Resending resending;
  private final ConsistentReads reads;

  /**
   * @param client reaches the table; its own retries and timeouts apply to each call
   * @param table the table's name
   * @param settings the places, the cap and the retention
   * @param clock bounds how long a call is sent again
   * @param random draws tokens and pauses; has to be unpredictable across functions, and safe for
   *     threads where the store is used by several
   * @param stored is told of every change of a task once it is known to be stored; never throws
   */
  public DynamoDbTaskStore(
      DynamoDbClient client,
      String table,
      Settings settings,
      InstantSource clock,
      RandomGenerator random,
      Consumer<Change> stored) {
    this(client, table, settings, clock, random, stored, Thread::sleep);
  }

  DynamoDbTaskStore(
      DynamoDbClient client,
      String table,
      Settings settings,
      InstantSource clock,
      RandomGenerator random,
      Consumer<Change> stored,
      Resending.Sleeper sleeper) {
    this.client = client;
    this.table = table;
    this.settings = settings;
    this.random = random;
    this.stored = stored;
    this.resending = new Resending(clock, random, sleeper);
    this.reads = new ConsistentReads(client, table, resending);
  }

  @Override
  public Optional<Task> find(String id) {
    return reads.item(Key.task(id)).map(DynamoDbTaskStore::task);
  }

  @Override
  public List<Task> findAll(List<String> ids) {
    return reads.items(ids.stream().distinct().map(Key::task).toList()).values().stream()
        .map(DynamoDbTaskStore::task)
        .toList();
  }

  @Override
  public Loaded findWithControl(String id) {
    var key = Key.task(id);
    var items = reads.items(List.of(key, Key.CONTROL));
    var found = items.get(key);
    return new Loaded(
        found == null ? null : task(found), control(Optional.ofNullable(items.get(Key.CONTROL))));
  }

  @Override
  public Written write(Change change) {
    if (!ChangeTransaction.movesTaskAlone(change)) {
      return send(change, ChangeTransaction.of(table, settings, change));
    }
    var task = change.after();
    boolean won =
        put(
            "store task " + task.id(),
            Key.task(task.id()),
            Items.task(task, change.at(), settings.retention()),
            Items.revBefore(change));
    return told(change, won ? Written.WON : Written.STALE);
  }

  @Override
  public Written accept(Change change, Order before, Order after) {
    return send(change, ChangeTransaction.of(table, settings, change, before, after));
  }

  @Override
  public Opening opening(@Nullable String replayKey) {
    if (replayKey == null) {
      return new Opening(null, control());
    }
    var key = Key.replay(replayKey);
    var items = reads.items(List.of(key, Key.CONTROL));
    var found = items.get(key);
    return new Opening(
        found == null ? null : Attributes.read(found, Replay.class),
        control(Optional.ofNullable(items.get(Key.CONTROL))));
  }

  @Override
  public Written accept(Change change, @Nullable Replay before, Replay after) {
    return send(change, ChangeTransaction.of(table, settings, change, before, after));
  }

  @Override
  public boolean write(Replay before, Replay after) {
    return put(
        "store the sends of an order",
        Key.replay(after.key()),
        Items.replay(after, before.rev() + 1, Ids.uuid(random)),
        before.rev());
  }

  private Written send(Change change, ChangeTransaction transaction) {
    if (transaction.overCap()) {
      return Written.CAP_REACHED;
    }
    var request = transaction.request(Ids.uuid(random));
    var id = change.after().id();
    return told(
        change,
        resending.until(
            "store task " + id,
            () -> {
              try {
                client.transactWriteItems(request);
                return Written.WON;
              } catch (TransactionCanceledException e) {
                return transaction.decided(e).orElseThrow(() -> e);
              }
            },
            () ->
                lookAgain(Key.task(id), Items.writer(change), Items.revBefore(change))
                    .map(won -> won ? Written.WON : Written.STALE)));
  }

  /** The one place where it is known that a change is stored, however often it was sent. */
  private Written told(Change change, Written written) {
    if (written == Written.WON) {
      stored.accept(change);
    }
    return written;
  }

  @Override
  public Claim claimTurn(
      String id, int generation, TaskStatus status, Instant now, Instant nextPollAt, String nonce) {
    var request =
        UpdateItemRequest.builder()
            .tableName(table)
            .key(Key.task(id).attributes())
            .updateExpression(
                "SET #nextPollAt = :next, #writer = :writer ADD #rev :one, #polls :one")
            .conditionExpression(
                "#generation = :generation AND #status = :status"
                    + " AND (attribute_not_exists(#nextPollAt) OR #nextPollAt <= :now)")
            .expressionAttributeNames(
                Map.of(
                    "#nextPollAt", "nextPollAt",
                    "#writer", "writer",
                    "#rev", "rev",
                    "#polls", "polls",
                    "#generation", "generation",
                    "#status", "status"))
            .expressionAttributeValues(
                Map.of(
                    ":next", Attributes.of(nextPollAt),
                    ":writer", Attributes.of(nonce),
                    ":one", Attributes.of(1),
                    ":generation", Attributes.of(generation),
                    ":status", Attributes.of(status.name()),
                    ":now", Attributes.of(now)))
            .returnValues(ReturnValue.ALL_NEW)
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return resending.until(
        "claim the turn of task " + id,
        () -> {
          try {
            return new Claim(true, task(client.updateItem(request).attributes()));
          } catch (ConditionalCheckFailedException e) {
            return e.hasItem()
                ? new Claim(Items.writtenBy(nonce, e.item()), task(e.item()))
                : new Claim(false, null);
          }
        },
        () ->
            reads
                .once(Key.task(id))
                .filter(stored -> Items.writtenBy(nonce, stored))
                .map(stored -> new Claim(true, task(stored))));
  }

  @Override
  public void announced(String id, long version) {
    var request =
        DeleteItemRequest.builder()
            .tableName(table)
            .key(Key.outbox(id).attributes())
            .conditionExpression("#version = :version")
            .expressionAttributeNames(Map.of("#version", "version"))
            .expressionAttributeValues(Map.of(":version", Attributes.of(version)))
            .build();
    resending.until(
        "settle the announcement of task " + id,
        () -> {
          try {
            client.deleteItem(request);
            return true;
          } catch (ConditionalCheckFailedException e) {
            return false; // settled already, or a later change is to be announced
          }
        });
  }

  @Override
  public Places places() {
    var request =
        QueryRequest.builder()
            .tableName(table)
            .consistentRead(true)
            .keyConditionExpression("#pk = :pk")
            .expressionAttributeNames(Map.of("#pk", "pk"))
            .expressionAttributeValues(Map.of(":pk", Attributes.of(Key.STACK_LIMIT.pk())))
            .build();
    var items =
        resending.until(
            "read the places", () -> client.queryPaginator(request).items().stream().toList());
    int inFlight = 0;
    var tenants = new ArrayList<Places.Tenant>();
    for (var item : items) {
      var key = Key.of(item);
      if (key.equals(Key.STACK_LIMIT)) {
        inFlight = Attributes.count(item, "inFlight");
      } else if (key.isTenantLimit()) {
        tenants.add(
            new Places.Tenant(
                key.tenant(),
                Attributes.count(item, "inFlight"),
                Attributes.count(item, "waiting"),
                Attributes.optionalNumber(item, "maxInFlight").map(Math::toIntExact).orElse(null),
                Attributes.optionalNumber(item, "capCents").map(Math::toIntExact).orElse(null)));
      }
    }
    return new Places(inFlight, tenants);
  }

  @Override
  public List<Waiting> waiting(String tenant, int most) {
    var request =
        index(
            "#pk = :pk",
            Map.of("#pk", "gsi2pk"),
            Map.of(":pk", Attributes.of(Items.waitingOf(tenant))),
            most);
    return resending
        .until("list the waiting tasks of " + tenant, () -> first(request, most))
        .stream()
        .map(item ->
            new Waiting(
                Key.of(item).taskId(),
                Attributes.optionalText(item, "notBefore").map(Instant::parse).orElse(null)))
        .toList();
  }

  @Override
  public List<Due> due(Instant now, int most) {
    var request =
        index(
            "#pk = :pk AND #sk <= :now",
            Map.of("#pk", "gsi2pk", "#sk", "gsi2sk"),
            Map.of(":pk", Attributes.of(Items.DUE), ":now", Attributes.of(now)),
            most);
    return resending.until("list what is due", () -> first(request, most)).stream()
        .map(DynamoDbTaskStore::due)
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public Open open() {
    var due = openIn(Items.DUE);
    var person = openIn(Items.PERSON);
    var all = Stream.concat(due.stream(), person.stream()).toList();
    var places =
        all.stream()
            .filter(item -> item.containsKey("place") && item.get("place").bool())
            .collect(
                Collectors.toMap(item -> Attributes.text(item, "tenant"), item -> 1, Integer::sum));
    return new Open(
        due.isEmpty() ? null : Instant.parse(Attributes.text(due.getFirst(), "gsi2sk")),
        places,
        (int) person.stream().filter(item -> !item.containsKey(STALL)).count(),
        (int) all.stream().filter(item -> item.containsKey(STALL)).count(),
        due.size() < MOST_OPEN && person.size() < MOST_OPEN);
  }

  private List<Map<String, AttributeValue>> openIn(String partition) {
    var request =
        index(
            "#pk = :pk",
            Map.of("#pk", "gsi2pk"),
            Map.of(":pk", Attributes.of(partition)),
            MOST_OPEN);
    return resending.until("list what is open", () -> first(request, MOST_OPEN));
  }

  @Override
  public Map<String, Integer> committed(List<String> tenants, String month) {
    var byKey =
        tenants.stream()
            .distinct()
            .collect(Collectors.toMap(tenant -> Key.spend(tenant, month), tenant -> tenant));
    return reads.items(List.copyOf(byKey.keySet())).entrySet().stream()
        .collect(
            Collectors.toMap(
                entry -> Objects.requireNonNull(byKey.get(entry.getKey())),
                entry -> Attributes.count(entry.getValue(), "committed")));
  }

  /** Empty for a kind of item that a newer version keeps in the index. */
  private static Optional<Due> due(Map<String, AttributeValue> item) {
    var key = Key.of(item);
    if (key.isTask()) {
      return Optional.of(new Due.OfTask(key.taskId()));
    }
    if (key.isOutbox()) {
      return Attributes.optionalNumber(item, "version")
          .map(version -> new Due.OfAnnouncement(key.taskId(), version));
    }
    return key.isOrder() ? Optional.of(new Due.OfOrder(key.formKey())) : Optional.empty();
  }

  private QueryRequest index(
      String condition, Map<String, String> names, Map<String, AttributeValue> values, int most) {
    return QueryRequest.builder()
        .tableName(table)
        .indexName(Items.GSI2)
        .keyConditionExpression(condition)
        .expressionAttributeNames(names)
        .expressionAttributeValues(values)
        .limit(most)
        .build();
  }

  private List<Map<String, AttributeValue>> first(QueryRequest request, int most) {
    return client.queryPaginator(request).items().stream().limit(most).toList();
  }

  @Override
  public Control control() {
    return control(reads.item(Key.CONTROL));
  }

  @Override
  public boolean write(Control before, Control after) {
    var item = Items.control(after, before.rev() + 1, Ids.uuid(random));
    return Decision.between(before, after)
        .map(decision ->
            put(
                CONTROL,
                Key.CONTROL,
                item,
                before.rev(),
                Items.decision(decision, after.pauses(), settings.retention())))
        .orElseGet(() -> put(CONTROL, Key.CONTROL, item, before.rev()));
  }

  @Override
  public Optional<Order> order(String formKey) {
    return reads.item(Key.order(formKey)).map(item -> Attributes.read(item, Order.class));
  }

  @Override
  public boolean write(@Nullable Order before, Order after) {
    long rev = before == null ? 0 : before.rev();
    return put(
        "store the order " + after.formKey(),
        Key.order(after.formKey()),
        Items.order(after, rev + 1, Ids.uuid(random)),
        rev);
  }

  /** Puts one item, with its writer in it, over the revision that was read. */
  private boolean put(String what, Key key, Map<String, AttributeValue> item, long revBefore) {
    var condition = Condition.still(revBefore);
    var writer = Attributes.text(item, Items.WRITER);
    var request =
        PutItemRequest.builder()
            .tableName(table)
            .item(item)
            .conditionExpression(condition.text())
            .expressionAttributeNames(condition.names())
            .expressionAttributeValues(condition.values())
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return resending.until(
        what,
        () -> {
          try {
            client.putItem(request);
            return true;
          } catch (ConditionalCheckFailedException e) {
            return Items.writtenBy(writer, e.item());
          }
        },
        () -> lookAgain(key, writer, revBefore));
  }

  /** The same with an item beside it that belongs to this revision alone. */
  private boolean put(
      String what,
      Key key,
      Map<String, AttributeValue> item,
      long revBefore,
      Map<String, AttributeValue> beside) {
    var condition = Condition.still(revBefore);
    var writer = Attributes.text(item, Items.WRITER);
    var request =
        TransactWriteItemsRequest.builder()
            .transactItems(
                TransactWriteItem.builder()
                    .put(put ->
                        put.tableName(table)
                            .item(item)
                            .conditionExpression(condition.text())
                            .expressionAttributeNames(condition.names())
                            .expressionAttributeValues(condition.values())
                            .returnValuesOnConditionCheckFailure(
                                ReturnValuesOnConditionCheckFailure.ALL_OLD))
                    .build(),
                TransactWriteItem.builder().put(put -> put.tableName(table).item(beside)).build())
            .clientRequestToken(Ids.uuid(random))
            .build();
    return resending.until(
        what,
        () -> {
          try {
            client.transactWriteItems(request);
            return true;
          } catch (TransactionCanceledException e) {
            var reason = e.cancellationReasons().getFirst();
            if (!"ConditionalCheckFailed".equals(reason.code())) {
              throw e;
            }
            return Items.writtenBy(writer, reason.item());
          }
        },
        () -> lookAgain(key, writer, revBefore));
  }

  /**
   * Whether a write without an answer has won, from what is stored now.
   *
   * @return empty while the item is as it was: the write may still arrive
   */
  private Optional<Boolean> lookAgain(Key key, String writer, long revBefore) {
    var stored = reads.once(key).orElse(Map.of());
    if (Items.writtenBy(writer, stored)) {
      return Optional.of(true);
    }
    boolean moved = Attributes.optionalNumber(stored, "rev").orElse(0L) != revBefore;
    return moved ? Optional.of(false) : Optional.empty();
  }

  private static Task task(Map<String, AttributeValue> item) {
    return Attributes.read(item, Task.class);
  }

  private static Control control(Optional<Map<String, AttributeValue>> stored) {
    return stored.map(item -> Attributes.read(item, Control.class)).orElseGet(Control::running);
  }
}
