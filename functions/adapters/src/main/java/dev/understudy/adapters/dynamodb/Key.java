package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.Attributes.text;

import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The primary key of an item: the one place that knows how keys are spelled.
 *
 * @param pk the partition key
 * @param sk the sort key
 */
record Key(String pk, String sk) {

  static final Key CONTROL = new Key("CONTROL", "CONTROL");
  static final Key STACK_LIMIT = new Key("LIMIT", "STACK");

  private static final String TASK = "TASK#";
  private static final String ORDER = "ORDER#";
  private static final String TENANT = "TENANT#";
  private static final String OUTBOX = "OUTBOX";

  static Key task(String id) {
    return new Key(TASK + id, "TASK");
  }

  static Key history(String id, long version) {
    return new Key(TASK + id, "H#%06d".formatted(version));
  }

  /** The announcement of a task's last change, as long as it is owed. */
  static Key outbox(String id) {
    return new Key(TASK + id, OUTBOX);
  }

  static Key tenantLimit(String tenant) {
    return new Key(STACK_LIMIT.pk, TENANT + tenant);
  }

  static Key spend(String tenant, String month) {
    return new Key("SPEND#" + tenant, month);
  }

  static Key order(String formKey) {
    return new Key(ORDER + formKey, "ORDER");
  }

  static Key of(Map<String, AttributeValue> item) {
    return new Key(text(item, "pk"), text(item, "sk"));
  }

  Map<String, AttributeValue> attributes() {
    return Map.of("pk", Attributes.of(pk), "sk", Attributes.of(sk));
  }

  boolean isTask() {
    return pk.startsWith(TASK) && sk.equals("TASK");
  }

  boolean isOutbox() {
    return pk.startsWith(TASK) && sk.equals(OUTBOX);
  }

  boolean isOrder() {
    return pk.startsWith(ORDER);
  }

  boolean isTenantLimit() {
    return pk.equals(STACK_LIMIT.pk) && sk.startsWith(TENANT);
  }

  /** The id of a task, of whose items this is the key of one. */
  String taskId() {
    return pk.substring(TASK.length());
  }

  String formKey() {
    return pk.substring(ORDER.length());
  }

  String tenant() {
    return sk.substring(TENANT.length());
  }
}
