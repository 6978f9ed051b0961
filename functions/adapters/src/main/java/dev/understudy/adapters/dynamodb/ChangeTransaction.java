package dev.understudy.adapters.dynamodb;

import static dev.understudy.core.ports.TaskStore.Written.CAP_REACHED;
import static dev.understudy.core.ports.TaskStore.Written.MAY_NOT_SUBMIT;
import static dev.understudy.core.ports.TaskStore.Written.NO_PLACE;
import static dev.understudy.core.ports.TaskStore.Written.STALE;
import static dev.understudy.core.ports.TaskStore.Written.WON;

import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.task.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.Update;

/**
 * All that moves with one change, as one transaction. Its parts stand in the order in which their
 * refusals count: whoever lost the task need not hear of places or money.
 */
final class ChangeTransaction {

  private record Part(TransactWriteItem item, Written whenRefused) {}

  private final String table;
  private final Settings settings;
  private final Change change;
  private final List<Part> parts = new ArrayList<>();
  private boolean overCap;

  private ChangeTransaction(String table, Settings settings, Change change) {
    this.table = table;
    this.settings = settings;
    this.change = change;
  }

  static ChangeTransaction of(String table, Settings settings, Change change) {
    var transaction = new ChangeTransaction(table, settings, change);
    transaction.task();
    transaction.whatFollows();
    return transaction;
  }

  /** A new task with the order that it answers. */
  static ChangeTransaction of(
      String table, Settings settings, Change change, Order before, Order after) {
    var transaction = new ChangeTransaction(table, settings, change);
    transaction.task();
    transaction.put(
        Items.order(after, before.rev() + 1, Items.writer(change)),
        Condition.still(before.rev()),
        STALE);
    transaction.whatFollows();
    return transaction;
  }

  /** A new task with the record that replays it. */
  static ChangeTransaction of(
      String table, Settings settings, Change change, @Nullable Replay before, Replay after) {
    var transaction = new ChangeTransaction(table, settings, change);
    long rev = before == null ? 0 : before.rev();
    transaction.task();
    transaction.put(
        Items.replay(after, rev + 1, Items.writer(change)), Condition.still(rev), STALE);
    transaction.whatFollows();
    return transaction;
  }

  /** True for a change that moves the task alone: it needs no transaction, at half the price. */
  static boolean movesTaskAlone(Change change) {
    return !change.told()
        && change.places() == 0
        && change.waiting() == 0
        && change.money().isEmpty()
        && change.guard() == Change.Guard.NONE;
  }

  /** True when the price is over the whole cap, so that no table needs to be asked. */
  boolean overCap() {
    return overCap;
  }

  TransactWriteItemsRequest request(String token) {
    return TransactWriteItemsRequest.builder()
        .transactItems(parts.stream().map(Part::item).toList())
        .clientRequestToken(token)
        .build();
  }

  /**
   * What a cancelled transaction means.
   *
   * @return empty when a conflict or the throttle stopped it before any condition that refused it:
   *     the part that was in conflict may be refused next time, and then that counts
   */
  Optional<Written> decided(TransactionCanceledException cancelled) {
    var reasons = cancelled.cancellationReasons();
    for (int i = 0; i < Math.min(reasons.size(), parts.size()); i++) {
      switch (reasons.get(i).code()) {
        case "None" -> {}
        case "ConditionalCheckFailed" -> {
          boolean mine = i == 0 && Items.writtenBy(Items.writer(change), reasons.get(i).item());
          return Optional.of(mine ? WON : parts.get(i).whenRefused());
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private void task() {
    put(
        Items.task(change.after(), change.at(), settings.retention()),
        Condition.still(Items.revBefore(change)),
        STALE);
  }

  private void whatFollows() {
    switch (change.guard()) {
      case NONE -> {}
      case MAY_SUBMIT -> maySubmit();
    }
    change.money().forEach(this::money);
    places();
    if (change.told()) {
      put(Items.history(change, settings.retention()));
      put(Items.outbox(change));
    }
  }

  private void maySubmit() {
    var check =
        ConditionCheck.builder()
            .tableName(table)
            .key(Key.CONTROL.attributes())
            .conditionExpression("attribute_not_exists(#paused) OR #paused = :no OR #probe = :id")
            .expressionAttributeNames(Map.of("#paused", "paused", "#probe", "probe"))
            .expressionAttributeValues(
                Map.of(":no", Attributes.of(false), ":id", Attributes.of(change.after().id())))
            .build();
    parts.add(new Part(TransactWriteItem.builder().conditionCheck(check).build(), MAY_NOT_SUBMIT));
  }

  private void money(String month, Change.Money money) {
    var update =
        Add.to(Key.spend(change.after().tenant(), month))
            .count("reserved", money.reserved())
            .count("charged", money.charged())
            .count("unknown", money.unknown())
            .count("committed", money.committed());
    if (money.asksCap()) {
      var own = change.capCents();
      int room = (own == null ? settings.capCents() : own) - money.committed();
      overCap |= room < 0;
      update.when("attribute_not_exists(#committed) OR #committed <= :room").value(":room", room);
    }
    add(update, CAP_REACHED);
  }

  /** The stack's item carries places only; a tenant's also how many wait, and its own limit. */
  private void places() {
    int places = change.places();
    if (places != 0) {
      var stack = Add.to(Key.STACK_LIMIT).count("inFlight", places);
      if (places > 0) {
        stack
            .when("attribute_not_exists(#inFlight) OR #inFlight < :most")
            .value(":most", settings.maxInFlight());
      }
      add(stack, NO_PLACE);
    }
    if (places != 0 || change.waiting() != 0) {
      var tenant =
          Add.to(Key.tenantLimit(change.after().tenant()))
              .count("inFlight", places)
              .count("waiting", change.waiting());
      if (places > 0) {
        // a limit may be set before the tenant's first task, and nothing is less than what is not
        tenant
            .when(
                "attribute_not_exists(#maxInFlight) OR #inFlight < #maxInFlight"
                    + " OR (attribute_not_exists(#inFlight) AND #maxInFlight > :none)")
            .name("#maxInFlight", "maxInFlight")
            .value(":none", 0);
      }
      add(tenant, NO_PLACE);
    }
  }

  private void put(Map<String, AttributeValue> item, Condition condition, Written whenRefused) {
    var put =
        Put.builder()
            .tableName(table)
            .item(item)
            .conditionExpression(condition.text())
            .expressionAttributeNames(condition.names())
            .expressionAttributeValues(condition.values())
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    parts.add(new Part(TransactWriteItem.builder().put(put).build(), whenRefused));
  }

  /**
   * An item that belongs to this version of the task alone, so that the task's condition covers it.
   */
  private void put(Map<String, AttributeValue> item) {
    var put = Put.builder().tableName(table).item(item).build();
    parts.add(new Part(TransactWriteItem.builder().put(put).build(), STALE));
  }

  private void add(Add add, Written whenRefused) {
    parts.add(new Part(TransactWriteItem.builder().update(add.update(table)).build(), whenRefused));
  }

  /** An update that adds to counters; a counter that is not there yet counts from 0. */
  private static final class Add {
    private final Key key;
    private final List<String> sums = new ArrayList<>();
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeValue> values = new HashMap<>();
    private @Nullable String condition;

    private Add(Key key) {
      this.key = key;
    }

    static Add to(Key key) {
      return new Add(key);
    }

    Add count(String counter, int by) {
      sums.add("#%s :%s".formatted(counter, counter));
      return name("#" + counter, counter).value(":" + counter, by);
    }

    Add when(String expression) {
      condition = expression;
      return this;
    }

    Add name(String alias, String name) {
      names.put(alias, name);
      return this;
    }

    Add value(String alias, int value) {
      values.put(alias, Attributes.of(value));
      return this;
    }

    Update update(String table) {
      return Update.builder()
          .tableName(table)
          .key(key.attributes())
          .updateExpression("ADD " + String.join(", ", sums))
          .conditionExpression(condition)
          .expressionAttributeNames(names)
          .expressionAttributeValues(values)
          .build();
    }
  }
}
