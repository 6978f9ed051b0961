package dev.understudy.bench;

import dev.understudy.adapters.dynamodb.DynamoDbTaskStore;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.testing.InMemoryTable;
import dev.understudy.core.testing.VirtualClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A table that decides in memory, and sends every call that it lets through to the real adapter as
 * well: so what is counted are the requests that DynamoDB gets, with the sizes of the items in
 * them.
 *
 * <p>Counted as DynamoDB does: a write is one unit for each begun KB of the larger of the item
 * before and after it, twice that in a transaction; each index is written apart where what it holds
 * has changed, twice where its key has; a consistent read is a unit for each begun 4 KB, an
 * eventually consistent one half.
 */
final class CountingTable {

  /** What is projected into the indexes, as in the template. */
  private static final Map<String, Set<String>> INDEXES =
      Map.of(
          "gsi1", Set.of("status", "updatedAt", "sentence", "tags"),
          "gsi2", Set.of("notBefore", "version", "tenant", "place", "stall"));

  private final InMemoryTable inMemory;
  private final TaskStore adapter;
  private final Consumer<String> count;
  private final Map<String, Map<String, AttributeValue>> items = new HashMap<>();
  private double writeUnits;
  private double readUnits;

  /**
   * @param inMemory what decides
   * @param count is told the name of each request
   */
  CountingTable(
      InMemoryTable inMemory, Settings settings, VirtualClock clock, Consumer<String> count) {
    this.inMemory = inMemory;
    this.adapter =
        new DynamoDbTaskStore(new Client(), "table", settings, clock, new Random(1), stored -> {});
    this.count = count;
  }

  /** The table as the functions use it. */
  TaskStore store() {
    return (TaskStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {TaskStore.class},
            (proxy, method, arguments) -> {
              try {
                var result = method.invoke(inMemory, arguments);
                if (happened(result)) {
                  method.invoke(adapter, arguments);
                }
                return result;
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNullElse(e.getCause(), e);
              }
            });
  }

  double writeUnits() {
    return writeUnits;
  }

  double readUnits() {
    return readUnits;
  }

  private static boolean happened(@Nullable Object result) {
    return switch (result) {
      case TaskStore.Written written -> written == TaskStore.Written.WON;
      case TaskStore.Claim claim -> claim.won();
      case Boolean written -> written;
      case null, default -> true;
    };
  }

  private final class Client implements DynamoDbClient {

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public PutItemResponse putItem(PutItemRequest request) {
      count.accept("PutItem");
      put(request.item(), 1);
      return PutItemResponse.builder().build();
    }

    @Override
    public UpdateItemResponse updateItem(UpdateItemRequest request) {
      count.accept("UpdateItem");
      var item = items.getOrDefault(key(request.key()), Map.of());
      writeUnits += units(item, 1024);
      return UpdateItemResponse.builder().attributes(item).build();
    }

    @Override
    public DeleteItemResponse deleteItem(DeleteItemRequest request) {
      count.accept("DeleteItem");
      var item = items.remove(key(request.key()));
      writeUnits += item == null ? 1 : units(item, 1024) + indexWrites(item, Map.of());
      return DeleteItemResponse.builder().build();
    }

    @Override
    public TransactWriteItemsResponse transactWriteItems(TransactWriteItemsRequest request) {
      count.accept("TransactWriteItems");
      for (var part : request.transactItems()) {
        if (part.put() == null) {
          writeUnits += 2; // counters and conditions are of small items
        } else {
          put(part.put().item(), 2);
        }
      }
      return TransactWriteItemsResponse.builder().build();
    }

    @Override
    public GetItemResponse getItem(GetItemRequest request) {
      count.accept("GetItem");
      var item = items.get(key(request.key()));
      readUnits += item == null ? 1 : units(item, 4096);
      var response = GetItemResponse.builder();
      return (item == null ? response : response.item(item)).build();
    }

    @Override
    public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
      count.accept("BatchGetItem");
      var found =
          request.requestItems().entrySet().stream()
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey,
                      wanted ->
                          wanted.getValue().keys().stream()
                              .map(key -> items.getOrDefault(key(key), Map.of()))
                              .peek(item -> readUnits += units(item, 4096))
                              .filter(item -> !item.isEmpty())
                              .toList()));
      return BatchGetItemResponse.builder().responses(found).unprocessedKeys(Map.of()).build();
    }

    @Override
    public QueryResponse query(QueryRequest request) {
      count.accept("Query");
      readUnits += Boolean.TRUE.equals(request.consistentRead()) ? 1 : 0.5;
      return QueryResponse.builder().items(List.of()).lastEvaluatedKey(Map.of()).build();
    }
  }

  private void put(Map<String, AttributeValue> item, int times) {
    var before = items.put(key(item), item);
    var old = before == null ? Map.<String, AttributeValue>of() : before;
    writeUnits += times * Math.max(units(old, 1024), units(item, 1024)) + indexWrites(old, item);
  }

  private static int indexWrites(
      Map<String, AttributeValue> before, Map<String, AttributeValue> after) {
    int writes = 0;
    for (var index : INDEXES.entrySet()) {
      var keys = Stream.of("pk", "sk").map(index.getKey()::concat).toList();
      boolean was = before.containsKey(keys.getFirst());
      boolean is = after.containsKey(keys.getFirst());
      if (was && is && !only(before, keys).equals(only(after, keys))) {
        writes += 2;
      } else if (was != is
          || !only(before, index.getValue()).equals(only(after, index.getValue()))) {
        writes += was || is ? 1 : 0;
      }
    }
    return writes;
  }

  private static Map<String, AttributeValue> only(
      Map<String, AttributeValue> item, Iterable<String> names) {
    var found = new TreeMap<String, AttributeValue>();
    names.forEach(name -> {
      if (item.containsKey(name)) {
        found.put(name, item.get(name));
      }
    });
    return found;
  }

  private static String key(Map<String, AttributeValue> item) {
    return only(item, List.of("pk", "sk")).toString();
  }

  private static double units(Map<String, AttributeValue> item, int size) {
    int bytes =
        item.entrySet().stream()
            .mapToInt(attribute -> length(attribute.getKey()) + bytes(attribute.getValue()))
            .sum();
    return Math.max(1, Math.ceil(1.0 * bytes / size));
  }

  private static int bytes(AttributeValue value) {
    return switch (value.type()) {
      case S -> length(value.s());
      case N -> value.n().length() / 2 + 2;
      case L -> 3 + value.l().stream().mapToInt(each -> 1 + bytes(each)).sum();
      case M ->
          3
              + value.m().entrySet().stream()
                  .mapToInt(each -> 1 + length(each.getKey()) + bytes(each.getValue()))
                  .sum();
      default -> 1;
    };
  }

  private static int length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
