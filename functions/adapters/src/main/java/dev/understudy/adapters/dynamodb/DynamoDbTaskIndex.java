package dev.understudy.adapters.dynamodb;

import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.TaskStatus;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/** Looks through the table of {@link DynamoDbTaskStore}: one query for a part of anything. */
public final class DynamoDbTaskIndex implements TaskIndex {

  /** A list with a filter asks this often for one part of it, and then gives what it has found. */
  static final int QUERIES = 3;

  /** How many tasks each of these looks at, some 200 KB. */
  static final int LOOK_AT = 500;

  private final DynamoDbClient client;
  private final String table;
  private final Resending resending;
  private final ConsistentReads reads;

  /**
   * @param client reaches the table; its own retries and timeouts apply to each call
   * @param table the table's name
   * @param clock bounds how long a call is sent again
   * @param random draws pauses
   */
  public DynamoDbTaskIndex(
      DynamoDbClient client, String table, InstantSource clock, RandomGenerator random) {
    this(client, table, new Resending(clock, random, Thread::sleep));
  }

  DynamoDbTaskIndex(DynamoDbClient client, String table, Resending resending) {
    this.client = client;
    this.table = table;
    this.resending = resending;
    this.reads = new ConsistentReads(client, table, resending);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Without a filter it asks once, for one task more than wanted, so that the end is known. What
   * was cancelled or hidden is left out after that count, so that a part may be short.
   */
  @Override
  public Page list(String tenant, Filter filter, int most, @Nullable Position after) {
    boolean all = filter.equals(Filter.ALL);
    var request = listing(tenant, filter).limit(all ? most + 1 : LOOK_AT);
    if (after != null) {
      request.exclusiveStartKey(Items.listedAt(tenant, after.createdAt(), after.id()));
    }
    var found = new ArrayList<Listed>();
    var next = after;
    for (int asked = 0; asked < (all ? 1 : QUERIES) && found.size() < most; asked++) {
      var response = query("list the tasks of " + tenant, request.build());
      for (var item : response.items()) {
        if (found.size() == most) {
          return new Page(found, behind(found.getLast()));
        }
        found.add(listed(item));
      }
      if (!response.hasLastEvaluatedKey()) {
        return new Page(found, null);
      }
      next = position(response.lastEvaluatedKey());
      request.exclusiveStartKey(response.lastEvaluatedKey());
    }
    return new Page(found, next);
  }

  private QueryRequest.Builder listing(String tenant, Filter filter) {
    var names = new HashMap<>(Map.of("#pk", "gsi1pk", "#status", "status", "#hidden", "hiddenAt"));
    var values = new HashMap<String, AttributeValue>();
    values.put(":pk", Attributes.of(Items.tasksOf(tenant)));
    values.put(":cancelled", Attributes.of(TaskStatus.CANCELLED.name()));
    var shown = new StringBuilder("attribute_not_exists(#hidden) AND #status <> :cancelled");
    if (!filter.statuses().isEmpty()) {
      var statuses = filter.statuses().stream().sorted().map(TaskStatus::name).toList();
      statuses.forEach(status -> values.put(":" + status, Attributes.of(status)));
      shown.append(" AND #status IN (:").append(String.join(", :", statuses)).append(")");
    }
    if (filter.tag() != null) {
      names.put("#tags", "tags");
      values.put(":tag", Attributes.of(filter.tag()));
      shown.append(" AND contains(#tags, :tag)");
    }
    return QueryRequest.builder()
        .tableName(table)
        .indexName(Items.GSI1)
        .scanIndexForward(false)
        .keyConditionExpression("#pk = :pk")
        .filterExpression(shown.toString())
        .expressionAttributeNames(names)
        .expressionAttributeValues(values);
  }

  private static Listed listed(Map<String, AttributeValue> item) {
    var at = position(item);
    return Attributes.read(
        Items.with(
            item, Map.of("id", Attributes.of(at.id()), "createdAt", Attributes.of(at.createdAt()))),
        Listed.class);
  }

  private static Position behind(Listed task) {
    return new Position(task.createdAt(), task.id());
  }

  /** Where an item of the list stands, from its keys. */
  private static Position position(Map<String, AttributeValue> keys) {
    return new Position(Items.listedSince(keys), Key.of(keys).taskId());
  }

  @Override
  public Timeline timeline(String id, long afterVersion, int most) {
    if (afterVersion >= Key.LAST_VERSION) {
      return new Timeline(List.of(), false);
    }
    var request =
        QueryRequest.builder()
            .tableName(table)
            .consistentRead(true)
            .keyConditionExpression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expressionAttributeNames(Map.of("#pk", "pk", "#sk", "sk"))
            .expressionAttributeValues(
                Map.of(
                    ":pk", Attributes.of(Key.task(id).pk()),
                    ":first", Attributes.of(Key.history(id, afterVersion + 1).sk()),
                    ":last", Attributes.of(Key.history(id, Key.LAST_VERSION).sk())))
            .limit(most + 1)
            .build();
    var items = query("read the history of task " + id, request).items();
    return new Timeline(
        items.stream().limit(most).map(item -> Attributes.read(item, Told.class)).toList(),
        items.size() > most);
  }

  @Override
  public Change.Money spent(String tenant, String month) {
    return reads
        .item(Key.spend(tenant, month))
        .map(item ->
            new Change.Money(
                Attributes.count(item, "reserved"),
                Attributes.count(item, "charged"),
                Attributes.count(item, "unknown")))
        .orElse(Change.Money.NONE);
  }

  @Override
  public List<Decision> decisions(int most) {
    var request =
        QueryRequest.builder()
            .tableName(table)
            .consistentRead(true)
            .scanIndexForward(false)
            .keyConditionExpression("#pk = :pk AND begins_with(#sk, :decision)")
            .expressionAttributeNames(Map.of("#pk", "pk", "#sk", "sk"))
            .expressionAttributeValues(
                Map.of(
                    ":pk",
                    Attributes.of(Key.CONTROL.pk()),
                    ":decision",
                    Attributes.of(Key.HISTORY)))
            .limit(most)
            .build();
    return query("read the decisions about the stack", request).items().stream()
        .map(item -> Attributes.read(item, Decision.class))
        .toList();
  }

  private QueryResponse query(String what, QueryRequest request) {
    return resending.until(what, () -> client.query(request));
  }
}
