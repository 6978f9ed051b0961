package dev.understudy.adapters.dynamodb;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * A table like the template's, for one test: places and the control item belong to a whole table.
 */
final class TestTable implements AutoCloseable {

  /** What GSI1 holds beside the keys, as in the template. */
  static final List<String> LISTED =
      List.of("status", "place", "providerStatus", "hiddenAt", "updatedAt", "sentence", "tags");

  /** What GSI2 holds beside the keys, as in the template. */
  static final List<String> OPEN = List.of("notBefore", "version", "tenant", "place", "stall");

  final String name = "understudy-it-" + UUID.randomUUID();
  private final DynamoDbClient client;

  TestTable(DynamoDbClient client) {
    this.client = client;
    client.createTable(request ->
        request
            .tableName(name)
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(
                Stream.of("pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk")
                    .map(key ->
                        AttributeDefinition.builder()
                            .attributeName(key)
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .toList())
            .keySchema(keySchema("pk", "sk"))
            .globalSecondaryIndexes(index("GSI1", "gsi1", LISTED), index("GSI2", "gsi2", OPEN)));
    client.waiter().waitUntilTableExists(request -> request.tableName(name));
  }

  private static GlobalSecondaryIndex index(String name, String prefix, List<String> attributes) {
    return GlobalSecondaryIndex.builder()
        .indexName(name)
        .keySchema(keySchema(prefix + "pk", prefix + "sk"))
        .projection(projection ->
            projection.projectionType(ProjectionType.INCLUDE).nonKeyAttributes(attributes))
        .build();
  }

  private static List<KeySchemaElement> keySchema(String hash, String range) {
    return List.of(
        KeySchemaElement.builder().attributeName(hash).keyType(KeyType.HASH).build(),
        KeySchemaElement.builder().attributeName(range).keyType(KeyType.RANGE).build());
  }

  @Override
  public void close() {
    client.deleteTable(request -> request.tableName(name));
  }
}
