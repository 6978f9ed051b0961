package dev.understudy.adapters.dynamodb;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Items by their keys, as the last write left them. */
final class ConsistentReads {

  /** The most keys of one BatchGetItem (DynamoDB's limit). */
  private static final int BATCH = 100;

  private final DynamoDbClient client;
  private final String table;
  private final Resending resending;

  ConsistentReads(DynamoDbClient client, String table, Resending resending) {
    this.client = client;
    this.table = table;
    this.resending = resending;
  }

  /** One item, asked for until there is an answer. */
  Optional<Map<String, AttributeValue>> item(Key key) {
    return resending.until("read " + key.pk(), () -> once(key));
  }

  /** The same, asked for once. */
  Optional<Map<String, AttributeValue>> once(Key key) {
    var response =
        client.getItem(
            GetItemRequest.builder()
                .tableName(table)
                .key(key.attributes())
                .consistentRead(true)
                .build());
    return response.hasItem() ? Optional.of(response.item()) : Optional.empty();
  }

  /** Several at once; what is not there is left out. */
  Map<Key, Map<String, AttributeValue>> items(List<Key> keys) {
    var what = "read " + keys.size() + " items";
    var found = new HashMap<Key, Map<String, AttributeValue>>();
    for (int from = 0; from < keys.size(); from += BATCH) {
      var wanted = keys.subList(from, Math.min(from + BATCH, keys.size()));
      var left =
          Map.of(
              table,
              KeysAndAttributes.builder()
                  .keys(wanted.stream().map(Key::attributes).toList())
                  .consistentRead(true)
                  .build());
      for (int sent = 0; !left.isEmpty(); sent++) {
        if (sent > 0) {
          resending.pauseBefore(what, sent);
        }
        var request = BatchGetItemRequest.builder().requestItems(left).build();
        var response = resending.until(what, () -> client.batchGetItem(request));
        response.responses().values().stream()
            .flatMap(List::stream)
            .forEach(item -> found.put(Key.of(item), item));
        left = response.unprocessedKeys(); // over 16 MB, or throttled
      }
    }
    return found;
  }
}
