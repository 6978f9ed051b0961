package dev.understudy.adapters.dynamodb;

import static java.util.Map.entry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
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

/** A client that keeps every request and gives the answers it was told, in order. */
final class ScriptedDynamoDb implements DynamoDbClient {

  final List<DynamoDbRequest> requests = new ArrayList<>();
  private final Deque<Object> answers = new ArrayDeque<>();

  /** Responses to return and exceptions to throw. */
  ScriptedDynamoDb answering(Object... more) {
    answers.addAll(Arrays.asList(more));
    return this;
  }

  DynamoDbRequest onlyRequest() {
    if (requests.size() != 1) {
      throw new AssertionError("one request was expected, but there are " + requests);
    }
    return requests.getFirst();
  }

  /**
   * An item or a map of values from names and plain values: text, whole numbers, booleans, lists,
   * maps, or an AttributeValue as it is.
   */
  static Map<String, AttributeValue> attributes(Object... namesAndValues) {
    var map = new HashMap<String, AttributeValue>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], value(namesAndValues[i + 1]));
    }
    return map;
  }

  private static AttributeValue value(Object plain) {
    return switch (plain) {
      case String text -> AttributeValue.fromS(text);
      case Integer number -> AttributeValue.fromN(number.toString());
      case Long number -> AttributeValue.fromN(number.toString());
      case Boolean flag -> AttributeValue.fromBool(flag);
      case List<?> list ->
          AttributeValue.fromL(list.stream().map(ScriptedDynamoDb::value).toList());
      case Map<?, ?> map ->
          AttributeValue.fromM(
              Map.ofEntries(
                  map.entrySet().stream()
                      .map(e -> entry((String) e.getKey(), value(e.getValue())))
                      .<Map.Entry<String, AttributeValue>>toArray(Map.Entry[]::new)));
      case AttributeValue already -> already;
      default -> throw new IllegalArgumentException("no attribute for " + plain.getClass());
    };
  }

  @Override
  public PutItemResponse putItem(PutItemRequest request) {
    return answer(request, PutItemResponse.class);
  }

  @Override
  public UpdateItemResponse updateItem(UpdateItemRequest request) {
    return answer(request, UpdateItemResponse.class);
  }

  @Override
  public DeleteItemResponse deleteItem(DeleteItemRequest request) {
    return answer(request, DeleteItemResponse.class);
  }

  @Override
  public TransactWriteItemsResponse transactWriteItems(TransactWriteItemsRequest request) {
    return answer(request, TransactWriteItemsResponse.class);
  }

  @Override
  public GetItemResponse getItem(GetItemRequest request) {
    return answer(request, GetItemResponse.class);
  }

  @Override
  public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
    return answer(request, BatchGetItemResponse.class);
  }

  @Override
  public QueryResponse query(QueryRequest request) {
    // the paginator adds its name to the user agent, which is not what the tests are about
    var bare = request.toBuilder();
    bare.overrideConfiguration((AwsRequestOverrideConfiguration) null);
    return answer(bare.build(), QueryResponse.class);
  }

  @Override
  public String serviceName() {
    return "scripted";
  }

  @Override
  public void close() {}

  private <T extends DynamoDbResponse> T answer(DynamoDbRequest request, Class<T> type) {
    requests.add(request);
    var answer = answers.poll();
    return switch (answer) {
      case null -> throw new AssertionError("no answer was told for " + request);
      case RuntimeException failure -> throw failure;
      default -> type.cast(answer);
    };
  }
}
