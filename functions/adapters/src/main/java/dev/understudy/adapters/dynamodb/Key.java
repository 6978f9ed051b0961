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

  /** How the sort keys of histories begin. */
  static final String HISTORY = "H#";

  /**
   * The last version that sorts as it should. A task that was told of something new every three
   * seconds would come to it after a month, when its inputs are gone.
   */
  static final long LAST_VERSION = 999_999;

  private static final String TASK = "TASK#";
  private static final String ORDER = "ORDER#";
  private static final String TENANT = "TENANT#";
  private static final String OUTBOX = "OUTBOX";

  static Key task(String id) {
    return new Key(TASK + id, "TASK");
  }

  static Key history(String id, long version) {
    return new Key(TASK + id, numbered(version));
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

  /** A decision about the stack: the pause or resumption of this number. */
  static Key decision(long pauses) {
    return new Key(CONTROL.pk, numbered(pauses));
  }

  /** What is remembered of the sends of one order. */
  static Key replay(String key) {
    return new Key("REPLAY#" + key, "REPLAY");
  }

  static Key token(String sha256) {
    return new Key("TOKEN", sha256);
  }

  static Key order(String formKey) {
    return new Key(ORDER + formKey, "ORDER");
  }

  private static String numbered(long number) {
    return HISTORY + "%06d".formatted(number);
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
