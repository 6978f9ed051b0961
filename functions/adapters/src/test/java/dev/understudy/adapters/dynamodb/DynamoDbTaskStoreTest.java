package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.ScriptedDynamoDb.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Claim;
import dev.understudy.core.ports.TaskStore.Due;
import dev.understudy.core.ports.TaskStore.Open;
import dev.understudy.core.ports.TaskStore.Opening;
import dev.understudy.core.ports.TaskStore.Waiting;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.settings.Setting;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.stack.Places;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Change.Guard;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.Update;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/** The requests, whole: what is sent is the contract with the table. */
class DynamoDbTaskStoreTest {

  private static final String TABLE = "understudy-table";
  private static final Instant NOW = Samples.NOW;
  private static final String TOKEN = Ids.uuid(() -> 42L);
  private static final Settings SETTINGS =
      Samples.settings(
          Map.of(
              Setting.MaxInFlight, "3",
              Setting.MonthlyCapUsd, "10",
              Setting.RetentionDays, "90"));

  private static final long NINETY_DAYS = 90 * 86_400L;
  private static final long SIXTY_DAYS = 60 * 86_400L;

  private static final String MAY_TAKE_A_PLACE =
      "attribute_not_exists(#maxInFlight) OR #inFlight < #maxInFlight"
          + " OR (attribute_not_exists(#inFlight) AND #maxInFlight > :none)";

  private final ScriptedDynamoDb dynamo = new ScriptedDynamoDb();
  private final DynamoDbTaskStore store = store(SETTINGS);

  private DynamoDbTaskStore store(Settings settings) {
    RandomGenerator always42 = () -> 42L;
    return new DynamoDbTaskStore(
        dynamo, TABLE, settings, () -> NOW, always42, change -> {}, pause -> {});
  }

  // ---- writes of a task

  @Test
  void write_shouldStoreAllThatFollows_whenTheTaskIsNew() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());

    var written = store.write(Change.create(Samples.accepted("t-1"), "w-1"));

    assertThat(written).isEqualTo(Written.WON);
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                put(waitingItem("t-1"), "attribute_not_exists(#rev)", Map.of("#rev", "rev"), null),
                update(
                    attributes("pk", "SPEND#default", "sk", "2026-03"),
                    "ADD #reserved :reserved, #charged :charged, #unknown :unknown, #committed :committed",
                    "attribute_not_exists(#committed) OR #committed <= :room",
                    names("reserved", "charged", "unknown", "committed"),
                    attributes(
                        ":reserved",
                        40,
                        ":charged",
                        0,
                        ":unknown",
                        0,
                        ":committed",
                        40,
                        ":room",
                        960)),
                update(
                    attributes("pk", "LIMIT", "sk", "TENANT#default"),
                    "ADD #inFlight :inFlight, #waiting :waiting",
                    null,
                    names("inFlight", "waiting"),
                    attributes(":inFlight", 0, ":waiting", 1)),
                put(
                    attributes(
                        "pk", "TASK#t-1",
                        "sk", "H#000001",
                        "at", "2026-03-01T12:00:00.000Z",
                        "status", "QUEUED",
                        "attempt", 1,
                        "generation", 0,
                        "version", 1,
                        "sentence", "It is accepted and waits for a place at the provider.",
                        "next", "It is sent to the provider as soon as a place is free.",
                        "writer", "w-1",
                        "expiresAt", NOW.getEpochSecond() + SIXTY_DAYS + NINETY_DAYS)),
                put(outboxItem("t-1", 1, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void write_shouldTakeAPlaceUnderBothLimits_whenTheTaskIsAdmitted() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var waiting = Samples.waiting("t-1");
    var change = Change.of(waiting, Changes.admitted(waiting, NOW, SETTINGS), Guard.NONE, "w-2");

    assertThat(store.write(change)).isEqualTo(Written.WON);

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                putOver(1, Items.task(change.after(), NOW, SETTINGS.retention())),
                update(
                    attributes("pk", "LIMIT", "sk", "STACK"),
                    "ADD #inFlight :inFlight",
                    "attribute_not_exists(#inFlight) OR #inFlight < :most",
                    names("inFlight"),
                    attributes(":inFlight", 1, ":most", 3)),
                update(
                    attributes("pk", "LIMIT", "sk", "TENANT#default"),
                    "ADD #inFlight :inFlight, #waiting :waiting",
                    MAY_TAKE_A_PLACE,
                    names("inFlight", "waiting", "maxInFlight"),
                    attributes(":inFlight", 1, ":waiting", -1, ":none", 0)),
                put(Items.history(change, SETTINGS.retention())),
                put(outboxItem("t-1", 2, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void write_shouldCheckTheControlItem_whenOnlyARunningStackMaySubmit() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var admitted = Samples.admitted("t-1", SETTINGS);
    var change =
        Change.of(
            admitted,
            Changes.submitting(admitted, NOW, "owner", SETTINGS),
            Guard.MAY_SUBMIT,
            "w-3");

    store.write(change);

    var check =
        ConditionCheck.builder()
            .tableName(TABLE)
            .key(attributes("pk", "CONTROL", "sk", "CONTROL"))
            .conditionExpression("attribute_not_exists(#paused) OR #paused = :no OR #probe = :id")
            .expressionAttributeNames(names("paused", "probe"))
            .expressionAttributeValues(attributes(":no", false, ":id", "t-1"))
            .build();
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                putOver(admitted.rev(), Items.task(change.after(), NOW, SETTINGS.retention())),
                TransactWriteItem.builder().conditionCheck(check).build(),
                put(Items.history(change, SETTINGS.retention())),
                put(outboxItem("t-1", 3, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void write_shouldMoveMoneyWithoutAskingTheCap_whenAChargeIsAFact() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var submitting = Samples.submitting("t-1", SETTINGS);
    var change = Change.of(submitting, Samples.submitted("t-1", SETTINGS), Guard.NONE, "w-4");

    store.write(change);

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                putOver(submitting.rev(), Items.task(change.after(), NOW, SETTINGS.retention())),
                update(
                    attributes("pk", "SPEND#default", "sk", "2026-03"),
                    "ADD #reserved :reserved, #charged :charged, #unknown :unknown, #committed :committed",
                    null,
                    names("reserved", "charged", "unknown", "committed"),
                    attributes(":reserved", -40, ":charged", 40, ":unknown", 0, ":committed", 0)),
                put(Items.history(change, SETTINGS.retention())),
                put(outboxItem("t-1", 4, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void write_shouldGiveBackThePlaceUnconditionally_whenTheTaskEnds() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var submitting = Samples.submitting("t-1", SETTINGS);
    var change =
        Change.of(
            submitting,
            Changes.rejected(submitting, NOW, new Failure(Failure.REQUEST_REJECTED, "No.")),
            Guard.NONE,
            "w-5");

    store.write(change);

    var task = Items.task(change.after(), NOW, SETTINGS.retention());
    assertThat(task)
        .containsAllEntriesOf(attributes("expiresAt", NOW.getEpochSecond() + NINETY_DAYS));
    assertThat(task).doesNotContainKeys("gsi2pk", "gsi2sk");
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                putOver(submitting.rev(), task),
                update(
                    attributes("pk", "SPEND#default", "sk", "2026-03"),
                    "ADD #reserved :reserved, #charged :charged, #unknown :unknown, #committed :committed",
                    null,
                    names("reserved", "charged", "unknown", "committed"),
                    attributes(":reserved", -40, ":charged", 0, ":unknown", 0, ":committed", -40)),
                update(
                    attributes("pk", "LIMIT", "sk", "STACK"),
                    "ADD #inFlight :inFlight",
                    null,
                    names("inFlight"),
                    attributes(":inFlight", -1)),
                update(
                    attributes("pk", "LIMIT", "sk", "TENANT#default"),
                    "ADD #inFlight :inFlight, #waiting :waiting",
                    null,
                    names("inFlight", "waiting"),
                    attributes(":inFlight", -1, ":waiting", 0)),
                put(Items.history(change, SETTINGS.retention())),
                put(outboxItem("t-1", 4, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void write_shouldPutOneItem_whenOnlyTheTaskMoves() {
    dynamo.answering(PutItemResponse.builder().build());
    var submitted = Samples.submitted("t-1", SETTINGS);
    var after = Changes.working(submitted, NOW, "RUNNING", 0.25, NOW.plusMillis(7_500), SETTINGS);
    var change = Change.of(submitted, after, Guard.NONE, "w-6");

    assertThat(store.write(change)).isEqualTo(Written.WON);

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            PutItemRequest.builder()
                .tableName(TABLE)
                .item(
                    with(
                        Attributes.of(change.after()),
                        "pk",
                        "TASK#t-1",
                        "sk",
                        "TASK",
                        "gsi1pk",
                        "TENANT#default",
                        "gsi1sk",
                        "2026-03-01T12:00:00.000Z#t-1",
                        "gsi2pk",
                        "DUE",
                        "gsi2sk",
                        "2026-03-01T12:05:00.000Z"))
                .conditionExpression("#rev = :rev")
                .expressionAttributeNames(names("rev"))
                .expressionAttributeValues(attributes(":rev", submitted.rev()))
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build());
  }

  @Test
  void write_shouldLetNothingExpire_whenRetentionIsZero() {
    var forever = Samples.settings(Map.of(Setting.RetentionDays, "0"));
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var waiting = Samples.waiting("t-1");

    store(forever).write(Change.of(waiting, Changes.cancelled(waiting, NOW), Guard.NONE, "w-2"));

    assertThat(((TransactWriteItemsRequest) dynamo.onlyRequest()).transactItems())
        .filteredOn(part -> part.put() != null)
        .hasSize(3)
        .allSatisfy(part -> assertThat(part.put().item()).doesNotContainKey("expiresAt"));
  }

  @Test
  void write_shouldAskNothing_whenThePriceIsOverTheWholeCap() {
    var poor = store(Samples.settings(Map.of(Setting.MonthlyCapUsd, "0.39")));

    assertThat(poor.write(Change.create(Samples.accepted("t-1"), "w-1")))
        .isEqualTo(Written.CAP_REACHED);
    assertThat(dynamo.requests).isEmpty();
  }

  @Test
  void accept_shouldStoreTheOrderInTheSameTransaction() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var before = Samples.order(4, Order.State.WAITING, NOW);
    var after = Samples.order(5, Order.State.ACCEPTED, NOW.plusSeconds(30));
    var change = Change.create(Samples.accepted("t-1"), "w-1");

    assertThat(store.accept(change, before, after)).isEqualTo(Written.WON);

    var request = (TransactWriteItemsRequest) dynamo.onlyRequest();
    assertThat(request.clientRequestToken()).isEqualTo(TOKEN);
    assertThat(request.transactItems()).hasSize(6);
    assertThat(request.transactItems().getFirst())
        .isEqualTo(put(waitingItem("t-1"), "attribute_not_exists(#rev)", names("rev"), null));
    assertThat(request.transactItems().get(1))
        .isEqualTo(
            putOver(
                4,
                attributes(
                    "pk", "ORDER#" + Samples.FORM,
                    "sk", "ORDER",
                    "gsi2pk", "DUE",
                    "gsi2sk", "2026-03-01T12:00:30.000Z",
                    "writer", "w-1",
                    "formKey", Samples.FORM,
                    "rev", 5,
                    "formETag", "\"e1\"",
                    "formModified", "2026-03-01T11:59:00.000Z",
                    "state", "ACCEPTED",
                    "taskId", "t-1",
                    "seed", 4_294_967_295L,
                    "since", "2026-03-01T12:00:00.000Z",
                    "dueAt", "2026-03-01T12:00:30.000Z",
                    "takes", List.of(Map.of("take", 1, "taskId", "t-0", "identity", "i-0")),
                    "note", "It is looked at.")));
  }

  // ---- sends that may be repeats

  private static final Replay REPLAY = Samples.replay(2);

  private static Map<String, AttributeValue> replayItem(String writer, int rev) {
    return attributes(
        "pk",
        "REPLAY#studio#ab12",
        "sk",
        "REPLAY",
        "key",
        "studio#ab12",
        "body",
        "cd34",
        "made",
        List.of(
            Map.of("task", "t-0", "lastSend", "2026-03-01T12:00:00.000Z", "sends", 3),
            Map.of("task", "t-1", "lastSend", "2026-03-01T12:00:00.500Z", "sends", 1)),
        "forgottenAt",
        "2026-03-01T12:05:00.500Z",
        "expiresAt",
        NOW.getEpochSecond() + 301,
        "rev",
        rev,
        "writer",
        writer);
  }

  @Test
  void opening_shouldReadTheRecordAndTheControlItemInOneConsistentCall() {
    var control = Control.running().busy(NOW, null).written();
    dynamo.answering(
        found(replayItem("w", 2), Items.control(control, 1, "w")),
        BatchGetItemResponse.builder().build());

    assertThat(store.opening("studio#ab12")).isEqualTo(new Opening(REPLAY, control));
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            batch(
                attributes("pk", "REPLAY#studio#ab12", "sk", "REPLAY"),
                attributes("pk", "CONTROL", "sk", "CONTROL")));
    assertThat(store.opening("studio#ab12")).isEqualTo(new Opening(null, Control.running()));
  }

  @Test
  void opening_shouldReadTheControlItemAlone_whenThereIsNoKey() {
    dynamo.answering(GetItemResponse.builder().build());

    assertThat(store.opening(null)).isEqualTo(new Opening(null, Control.running()));
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            GetItemRequest.builder()
                .tableName(TABLE)
                .key(attributes("pk", "CONTROL", "sk", "CONTROL"))
                .consistentRead(true)
                .build());
  }

  @Test
  void accept_shouldStoreTheRecordOfSendsInTheSameTransaction_andTakeAPlaceAtOnce() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());
    var admitted = Changes.admitted(Samples.accepted("t-1", "studio", NOW), NOW, SETTINGS);
    var change = Change.create(admitted, "w-1").within(120);

    assertThat(store.accept(change, null, Samples.replay(0))).isEqualTo(Written.WON);

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            transaction(
                put(stored(change.after()), "attribute_not_exists(#rev)", names("rev"), null),
                put(replayItem("w-1", 1), "attribute_not_exists(#rev)", names("rev"), null),
                update(
                    attributes("pk", "SPEND#studio", "sk", "2026-03"),
                    "ADD #reserved :reserved, #charged :charged, #unknown :unknown, #committed :committed",
                    "attribute_not_exists(#committed) OR #committed <= :room",
                    names("reserved", "charged", "unknown", "committed"),
                    attributes(
                        ":reserved",
                        40,
                        ":charged",
                        0,
                        ":unknown",
                        0,
                        ":committed",
                        40,
                        ":room",
                        80)),
                update(
                    attributes("pk", "LIMIT", "sk", "STACK"),
                    "ADD #inFlight :inFlight",
                    "attribute_not_exists(#inFlight) OR #inFlight < :most",
                    names("inFlight"),
                    attributes(":inFlight", 1, ":most", 3)),
                update(
                    attributes("pk", "LIMIT", "sk", "TENANT#studio"),
                    "ADD #inFlight :inFlight, #waiting :waiting",
                    MAY_TAKE_A_PLACE,
                    names("inFlight", "waiting", "maxInFlight"),
                    attributes(":inFlight", 1, ":waiting", 0, ":none", 0)),
                put(Items.history(change, SETTINGS.retention())),
                put(outboxItem("t-1", 2, "2026-03-01T12:01:00.000Z"))));
  }

  @Test
  void accept_shouldPutTheRecordOverTheOneThatWasRead() {
    dynamo.answering(TransactWriteItemsResponse.builder().build());

    store.accept(Change.create(Samples.accepted("t-1"), "w-1"), REPLAY, REPLAY);

    assertThat(((TransactWriteItemsRequest) dynamo.onlyRequest()).transactItems().get(1))
        .isEqualTo(putOver(2, replayItem("w-1", 3)));
  }

  @Test
  void accept_shouldAskNothing_whenThePriceIsOverTheTenantsOwnCap() {
    var change = Change.create(Samples.accepted("t-1"), "w-1");

    assertThat(store.accept(change.within(39), null, REPLAY)).isEqualTo(Written.CAP_REACHED);
    assertThat(store.accept(change.within(0), null, REPLAY)).isEqualTo(Written.CAP_REACHED);
    assertThat(dynamo.requests).isEmpty();
  }

  @Test
  void accept_shouldAskTheTenantsOwnCap_whenItIsAboveTheStacks() {
    var poor = store(Samples.settings(Map.of(Setting.MonthlyCapUsd, "0.39")));
    dynamo.answering(TransactWriteItemsResponse.builder().build());

    var written =
        poor.accept(Change.create(Samples.accepted("t-1"), "w-1").within(40), null, REPLAY);

    assertThat(written).isEqualTo(Written.WON);
    assertThat(
            ((TransactWriteItemsRequest) dynamo.onlyRequest())
                .transactItems()
                .get(2)
                .update()
                .expressionAttributeValues())
        .containsEntry(":room", Attributes.of(0));
  }

  @Test
  void writeReplay_shouldPutOverTheRevisionThatWasRead() {
    dynamo.answering(PutItemResponse.builder().build());

    assertThat(store.write(REPLAY, REPLAY)).isTrue();

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            PutItemRequest.builder()
                .tableName(TABLE)
                .item(replayItem(TOKEN, 3))
                .conditionExpression("#rev = :rev")
                .expressionAttributeNames(names("rev"))
                .expressionAttributeValues(attributes(":rev", 2))
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build());
  }

  /** What api asks of the table for a new task, in order. */
  @Test
  void aCreate_shouldTakeThreeCalls() {
    dynamo.answering(
        BatchGetItemResponse.builder().build(),
        QueryResponse.builder().build(),
        TransactWriteItemsResponse.builder().build());

    var opening = store.opening("studio#ab12");
    var tenant = store.places().tenant("studio");
    var change = Change.create(Samples.accepted("t-1", "studio", NOW), "w-1");
    store.accept(change.within(tenant.capCents()), opening.replay(), Samples.replay(0));

    assertThat(dynamo.requests).hasSize(3);
  }

  // ---- claims

  private static final Instant NEXT = NOW.plusSeconds(6);

  private static UpdateItemRequest claim() {
    return UpdateItemRequest.builder()
        .tableName(TABLE)
        .key(attributes("pk", "TASK#t-1", "sk", "TASK"))
        .updateExpression("SET #nextPollAt = :next, #writer = :writer ADD #rev :one, #polls :one")
        .conditionExpression(
            "#generation = :generation AND #status = :status"
                + " AND (attribute_not_exists(#nextPollAt) OR #nextPollAt <= :now)")
        .expressionAttributeNames(
            names("nextPollAt", "writer", "rev", "polls", "generation", "status"))
        .expressionAttributeValues(
            attributes(
                ":next", "2026-03-01T12:00:06.000Z",
                ":writer", "w-9",
                ":one", 1,
                ":generation", 1,
                ":status", "SUBMITTED",
                ":now", "2026-03-01T12:00:00.000Z"))
        .returnValues(ReturnValue.ALL_NEW)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .build();
  }

  @Test
  void claimTurn_shouldGiveTheTaskAsClaimed_whenItIsTheCallersTurn() {
    var task = Samples.submitted("t-1", SETTINGS);
    dynamo.answering(UpdateItemResponse.builder().attributes(stored(task)).build());

    assertThat(store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NEXT, "w-9"))
        .isEqualTo(new Claim(true, task));
    assertThat(dynamo.onlyRequest()).isEqualTo(claim());
  }

  @Test
  void claimTurn_shouldGiveTheTaskAsFound_whenItIsNotTheCallersTurn() {
    var task = Samples.submitted("t-1", SETTINGS);
    dynamo.answering(refusedOver(stored(task)));

    assertThat(store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NEXT, "w-9"))
        .isEqualTo(new Claim(false, task));
  }

  @Test
  void claimTurn_shouldWin_whenItLostOnlyToItself() {
    var mine = writtenBy("w-9", stored(Samples.submitted("t-1", SETTINGS)));
    dynamo.answering(refusedOver(mine));

    assertThat(store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NEXT, "w-9").won()).isTrue();
  }

  @Test
  void claimTurn_shouldFindNothing_whenThereIsNoTask() {
    dynamo.answering(ConditionalCheckFailedException.builder().build());

    assertThat(store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NEXT, "w-9"))
        .isEqualTo(new Claim(false, null));
  }

  // ---- announcements

  @Test
  void announced_shouldDeleteWhatIsOwed_whenNoLaterChangeHasCome() {
    dynamo.answering(DeleteItemResponse.builder().build());

    store.announced("t-1", 3);

    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            DeleteItemRequest.builder()
                .tableName(TABLE)
                .key(attributes("pk", "TASK#t-1", "sk", "OUTBOX"))
                .conditionExpression("#version = :version")
                .expressionAttributeNames(names("version"))
                .expressionAttributeValues(attributes(":version", 3))
                .build());
  }

  @Test
  void announced_shouldLeaveWhatALaterChangeOwes() {
    dynamo.answering(ConditionalCheckFailedException.builder().build());

    store.announced("t-1", 3);

    assertThat(dynamo.requests).hasSize(1);
  }

  // ---- orders and the control item

  @Test
  void writeControl_shouldPutOverTheRevisionThatWasRead() {
    dynamo.answering(PutItemResponse.builder().build(), PutItemResponse.builder().build());
    var busy = Control.running().busy(NOW, null);

    assertThat(store.write(Control.running(), busy)).isTrue();
    assertThat(store.write(busy.written(), busy.written().busy(NOW, null))).isTrue();

    var once =
        PutItemRequest.builder()
            .tableName(TABLE)
            .item(
                attributes(
                    "pk",
                    "CONTROL",
                    "sk",
                    "CONTROL",
                    "writer",
                    TOKEN,
                    "rev",
                    1,
                    "pauses",
                    0,
                    "paused",
                    false,
                    "byPerson",
                    false,
                    "notBefore",
                    "2026-03-01T12:00:05.000Z",
                    "busyStreak",
                    1,
                    "unknownStreak",
                    0,
                    "probes",
                    0))
            .conditionExpression("attribute_not_exists(#rev)")
            .expressionAttributeNames(names("rev"))
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    assertThat(dynamo.requests)
        .containsExactly(
            once,
            once.toBuilder()
                .item(
                    with(
                        once.item(),
                        "rev",
                        2,
                        "busyStreak",
                        2,
                        "notBefore",
                        "2026-03-01T12:00:10.000Z"))
                .conditionExpression("#rev = :rev")
                .expressionAttributeValues(attributes(":rev", 1))
                .build());
  }

  private static final String PERSON = "token 1a2b3c4d of default";

  @Test
  void writeControl_shouldKeepTheDecision_whenAPersonPausesOrResumes() {
    var done = TransactWriteItemsResponse.builder().build();
    dynamo.answering(done, done);
    var paused = Control.running().pausedByPerson(NOW, PERSON, "Holidays.");
    var resumed = paused.written().resumed(NOW.plusSeconds(9), PERSON, "Back.");

    assertThat(store.write(Control.running(), paused)).isTrue();
    assertThat(store.write(paused.written(), resumed)).isTrue();

    var control =
        attributes(
            "pk",
            "CONTROL",
            "sk",
            "CONTROL",
            "writer",
            TOKEN,
            "rev",
            1,
            "pauses",
            1,
            "paused",
            true,
            "byPerson",
            true,
            "by",
            PERSON,
            "reason",
            "Holidays.",
            "since",
            "2026-03-01T12:00:00.000Z",
            "busyStreak",
            0,
            "unknownStreak",
            0,
            "probes",
            0);
    var decision =
        attributes(
            "pk",
            "CONTROL",
            "sk",
            "H#000001",
            "at",
            "2026-03-01T12:00:00.000Z",
            "paused",
            true,
            "by",
            PERSON,
            "reason",
            "Holidays.",
            "expiresAt",
            NOW.getEpochSecond() + NINETY_DAYS);
    assertThat(dynamo.requests)
        .containsExactly(
            transaction(
                put(control, "attribute_not_exists(#rev)", names("rev"), null), put(decision)),
            transaction(
                putOver(
                    1,
                    with(
                        control,
                        "rev",
                        2,
                        "pauses",
                        2,
                        "paused",
                        false,
                        "byPerson",
                        false,
                        "reason",
                        "Back.",
                        "since",
                        "2026-03-01T12:00:09.000Z")),
                put(
                    with(
                        decision,
                        "sk",
                        "H#000002",
                        "at",
                        "2026-03-01T12:00:09.000Z",
                        "paused",
                        false,
                        "reason",
                        "Back.",
                        "expiresAt",
                        NOW.getEpochSecond() + 9 + NINETY_DAYS))));
  }

  @Test
  void writeOrder_shouldPutANewOrder_andLeaveTheIndexWhenNothingIsDue() {
    dynamo.answering(PutItemResponse.builder().build());
    var order = Samples.order(0, Order.State.ANSWERED, null);

    assertThat(store.write((Order) null, order)).isTrue();

    var request = (PutItemRequest) dynamo.onlyRequest();
    assertThat(request.conditionExpression()).isEqualTo("attribute_not_exists(#rev)");
    assertThat(request.item())
        .containsAllEntriesOf(attributes("pk", "ORDER#" + Samples.FORM, "rev", 1, "writer", TOKEN))
        .doesNotContainKeys("gsi2pk", "gsi2sk", "dueAt");
  }

  @Test
  void writeOrder_shouldLose_whenAnotherHasWritten() {
    dynamo.answering(refusedOver(attributes("rev", 2, "writer", "another")));

    var read = Samples.order(1, Order.State.WAITING, NOW);

    assertThat(store.write(read, read.written())).isFalse();
  }

  // ---- reads

  @Test
  void find_shouldReadConsistently() {
    var task = Samples.whole();
    dynamo.answering(GetItemResponse.builder().item(stored(task)).build());

    assertThat(store.find(task.id())).contains(task);
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            GetItemRequest.builder()
                .tableName(TABLE)
                .key(attributes("pk", "TASK#0193-whole", "sk", "TASK"))
                .consistentRead(true)
                .build());
  }

  @Test
  void find_shouldBeEmpty_whenNothingIsThere() {
    dynamo.answering(GetItemResponse.builder().build(), GetItemResponse.builder().build());

    assertThat(store.find("t-1")).isEmpty();
    assertThat(store.order(Samples.FORM)).isEmpty();
  }

  @Test
  void control_shouldBeRunning_whenNoneWasWritten() {
    dynamo.answering(GetItemResponse.builder().build());

    assertThat(store.control()).isEqualTo(Control.running());
  }

  @Test
  void findWithControl_shouldReadBothInOneConsistentCall() {
    var task = Samples.waiting("t-1");
    var control =
        Control.running().pausedByPerson(NOW, "token 1a2b3c4d of default", "Holidays.").written();
    dynamo.answering(
        found(stored(task), Items.control(control, 1, "w")),
        BatchGetItemResponse.builder().build());

    assertThat(store.findWithControl("t-1").task()).isEqualTo(task);
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            batch(
                attributes("pk", "TASK#t-1", "sk", "TASK"),
                attributes("pk", "CONTROL", "sk", "CONTROL")));
    var nothing = store.findWithControl("t-1");
    assertThat(nothing.task()).isNull();
    assertThat(nothing.control()).isEqualTo(Control.running());
  }

  @Test
  void findAll_shouldAskInChunks_eachIdOnce_andAgainForWhatWasNotProcessed() {
    var ids = IntStream.range(0, 101).mapToObj(i -> "t-" + i).toList();
    var first = Samples.waiting("t-0");
    var last = Samples.waiting("t-100");
    var keyOfFirst = attributes("pk", "TASK#t-0", "sk", "TASK");
    var unprocessed =
        BatchGetItemResponse.builder().unprocessedKeys(batch(keyOfFirst).requestItems()).build();
    dynamo.answering(unprocessed, found(stored(first)), found(stored(last)));

    var found = store.findAll(IntStream.range(0, 202).mapToObj(i -> ids.get(i % 101)).toList());

    assertThat(found).containsExactlyInAnyOrder(first, last);
    assertThat(dynamo.requests).hasSize(3);
    assertThat(((BatchGetItemRequest) dynamo.requests.getFirst()).requestItems().values())
        .singleElement()
        .satisfies(keys -> assertThat(keys.keys()).hasSize(100));
    assertThat(dynamo.requests.subList(1, 3))
        .containsExactly(batch(keyOfFirst), batch(attributes("pk", "TASK#t-100", "sk", "TASK")));
  }

  @Test
  void findAll_shouldGiveUp_whenKeysStayUnprocessed() {
    var key = attributes("pk", "TASK#t-0", "sk", "TASK");
    var unprocessed =
        BatchGetItemResponse.builder().unprocessedKeys(batch(key).requestItems()).build();
    IntStream.range(0, Resending.TRIES).forEach(i -> dynamo.answering(unprocessed));

    assertThatThrownBy(() -> store.findAll(List.of("t-0"))).isInstanceOf(Unavailable.class);
    assertThat(dynamo.requests).hasSize(Resending.TRIES);
  }

  @Test
  void findAll_shouldAskNothing_whenThereAreNoIds() {
    assertThat(store.findAll(List.of())).isEmpty();
    assertThat(dynamo.requests).isEmpty();
  }

  @Test
  void places_shouldReadTheCountersConsistently_overAllPages() {
    var start = attributes("pk", "LIMIT", "sk", "TENANT#a");
    dynamo.answering(
        QueryResponse.builder()
            .items(
                attributes("pk", "LIMIT", "sk", "STACK", "inFlight", 4),
                attributes("pk", "LIMIT", "sk", "TENANT#a", "inFlight", 3, "waiting", 2))
            .lastEvaluatedKey(start)
            .build(),
        QueryResponse.builder()
            .items(
                attributes("pk", "LIMIT", "sk", "TENANT#b", "maxInFlight", 1, "capCents", 2_000),
                attributes("pk", "LIMIT", "sk", "ADDED LATER"))
            .build());

    assertThat(store.places())
        .isEqualTo(
            new Places(
                4,
                List.of(
                    new Places.Tenant("a", 3, 2, null, null),
                    new Places.Tenant("b", 0, 0, 1, 2_000))));
    var query =
        QueryRequest.builder()
            .tableName(TABLE)
            .consistentRead(true)
            .keyConditionExpression("#pk = :pk")
            .expressionAttributeNames(names("pk"))
            .expressionAttributeValues(attributes(":pk", "LIMIT"))
            .build();
    assertThat(dynamo.requests)
        .containsExactly(query, query.toBuilder().exclusiveStartKey(start).build());
  }

  @Test
  void waiting_shouldAskTheIndexForTheOldest() {
    dynamo.answering(
        QueryResponse.builder()
            .items(
                attributes("pk", "TASK#t-1", "sk", "TASK"),
                attributes("pk", "TASK#t-2", "sk", "TASK", "notBefore", "2026-03-01T12:00:00.000Z"))
            .lastEvaluatedKey(attributes("pk", "TASK#t-2", "sk", "TASK"))
            .build());

    assertThat(store.waiting("default", 2))
        .containsExactly(new Waiting("t-1", null), new Waiting("t-2", NOW));
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            QueryRequest.builder()
                .tableName(TABLE)
                .indexName("GSI2")
                .keyConditionExpression("#pk = :pk")
                .expressionAttributeNames(Map.of("#pk", "gsi2pk"))
                .expressionAttributeValues(attributes(":pk", "WAIT#default"))
                .limit(2)
                .build());
  }

  @Test
  void due_shouldTellWhatIsDueByItsKey() {
    dynamo.answering(
        QueryResponse.builder()
            .items(
                attributes("pk", "TASK#t-1", "sk", "TASK", "version", 7),
                attributes("pk", "TASK#t-1", "sk", "OUTBOX", "version", 7),
                attributes("pk", "ORDER#" + Samples.FORM, "sk", "ORDER"),
                attributes("pk", "ADDED#later", "sk", "LATER"))
            .build());

    assertThat(store.due(NOW, 50))
        .containsExactly(
            new Due.OfTask("t-1"), new Due.OfAnnouncement("t-1", 7), new Due.OfOrder(Samples.FORM));
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            QueryRequest.builder()
                .tableName(TABLE)
                .indexName("GSI2")
                .keyConditionExpression("#pk = :pk AND #sk <= :now")
                .expressionAttributeNames(Map.of("#pk", "gsi2pk", "#sk", "gsi2sk"))
                .expressionAttributeValues(
                    attributes(":pk", "DUE", ":now", "2026-03-01T12:00:00.000Z"))
                .limit(50)
                .build());
  }

  @Test
  void open_shouldCountWhatTheIndexShows_andKnowTheOldestDue() {
    var stall = Map.of("reason", "DEADLINE");
    dynamo.answering(
        QueryResponse.builder()
            .items(
                open("t-1", true, "gsi2sk", "2026-03-01T12:00:00.000Z"),
                open("t-2", true, "gsi2sk", "2026-03-01T12:00:01.000Z"),
                open("t-3", false, "gsi2sk", "2026-03-01T12:00:02.000Z", "stall", stall),
                attributes("pk", "TASK#t-1", "sk", "OUTBOX", "gsi2sk", "2026-03-01T12:00:03.000Z"))
            .build(),
        QueryResponse.builder()
            .items(
                open("t-4", false, "gsi2sk", "2026-02-01T12:00:00.000Z"),
                open("t-5", false, "gsi2sk", "2026-02-02T12:00:00.000Z", "stall", stall))
            .build());

    assertThat(store.open()).isEqualTo(new Open(NOW, Map.of("default", 2), 1, 2, true));
    assertThat(dynamo.requests)
        .extracting(request -> ((QueryRequest) request).expressionAttributeValues())
        .containsExactly(attributes(":pk", "DUE"), attributes(":pk", "PERSON"));
  }

  @Test
  void open_shouldSayThatItIsNotAll_whenThereIsMoreThanItLooksAt() {
    var one = attributes("pk", "TASK#t-1", "sk", "OUTBOX", "gsi2sk", "2026-03-01T12:00:00.000Z");
    dynamo.answering(
        QueryResponse.builder().items(Collections.nCopies(TaskStore.MOST_OPEN, one)).build(),
        QueryResponse.builder().build());

    assertThat(store.open()).isEqualTo(new Open(NOW, Map.of(), 0, 0, false));
  }

  private static Map<String, AttributeValue> open(String id, boolean place, Object... more) {
    return Items.with(
        attributes("pk", "TASK#" + id, "sk", "TASK", "tenant", "default", "place", place),
        attributes(more));
  }

  @Test
  void committed_shouldReadTheMonthOfEachTenant() {
    dynamo.answering(
        BatchGetItemResponse.builder()
            .responses(
                Map.of(
                    TABLE,
                    List.of(attributes("pk", "SPEND#acme", "sk", "2026-03", "committed", 120))))
            .unprocessedKeys(Map.of())
            .build());

    assertThat(store.committed(List.of("acme", "studio"), "2026-03"))
        .isEqualTo(Map.of("acme", 120));
  }

  @Test
  void write_shouldFileATaskForAPerson_whenNothingElseMovesIt() {
    dynamo.answering(
        TransactWriteItemsResponse.builder().build(), TransactWriteItemsResponse.builder().build());
    var submitting = Samples.submitting("t-1", SETTINGS);
    var submitted = Samples.submitted("t-2", SETTINGS);
    var tired = Changes.stalled(submitted, NOW, Stall.Reason.DEADLINE, "It takes long.", SETTINGS);

    store.write(change(submitting, Changes.unknown(submitting, NOW, "a timeout")));
    store.write(
        change(
            tired,
            Changes.stalled(
                tired,
                NOW.plus(Stall.SELF_HELP),
                Stall.Reason.DEADLINE,
                "It takes long.",
                SETTINGS)));

    assertThat(dynamo.requests)
        .extracting(request -> ((TransactWriteItemsRequest) request).transactItems().getFirst())
        .allSatisfy(part ->
            assertThat(part.put().item()).containsAllEntriesOf(attributes("gsi2pk", "PERSON")));
  }

  private static Change change(Task before, Task after) {
    return Change.of(before, after, Guard.NONE, "w");
  }

  // ---- how the expectations above are written

  private static Map<String, AttributeValue> waitingItem(String id) {
    return attributes(
        "pk",
        "TASK#" + id,
        "sk",
        "TASK",
        "gsi1pk",
        "TENANT#default",
        "gsi1sk",
        "2026-03-01T12:00:00.000Z#" + id,
        "gsi2pk",
        "WAIT#default",
        "gsi2sk",
        "2026-03-01T12:00:00.000Z",
        "id",
        id,
        "tenant",
        "default",
        "createdAt",
        "2026-03-01T12:00:00.000Z",
        "updatedAt",
        "2026-03-01T12:00:00.000Z",
        "status",
        "QUEUED",
        "attempt",
        1,
        "generation",
        0,
        "version",
        1,
        "rev",
        1,
        "writer",
        "w-1",
        "place",
        false,
        "request",
        Map.of(
            "characterType", "image",
            "bodyControl", true,
            "expressionIntensity", 3,
            "ratio", "1280:720",
            "seed", 4_294_967_295L,
            "publicFigureThreshold", "auto",
            "model", "act_two"),
        "character",
        Map.of("key", "inputs/" + id + "/character.png", "name", "hero.png"),
        "reference",
        Map.of("key", "inputs/" + id + "/reference.mp4", "name", "take 1.mp4"),
        "deliverTo",
        "outputs/scene 1/take 1__hero.mp4",
        "attempts",
        List.of(Map.of("number", 1, "charge", "RESERVED", "cents", 40, "month", "2026-03")),
        "polls",
        0,
        "deliveryTries",
        0,
        "idleGenerations",
        0,
        "returns",
        0,
        "warnings",
        List.of(),
        "tags",
        List.of(),
        "sentence",
        "It is accepted and waits for a place at the provider.",
        "next",
        "It is sent to the provider as soon as a place is free.");
  }

  private static Map<String, AttributeValue> outboxItem(String id, int version, String due) {
    return attributes(
        "pk", "TASK#" + id, "sk", "OUTBOX", "version", version, "gsi2pk", "DUE", "gsi2sk", due);
  }

  private static Map<String, AttributeValue> stored(Task task) {
    return Items.task(task, NOW, SETTINGS.retention());
  }

  private static Map<String, AttributeValue> with(
      Map<String, AttributeValue> item, Object... more) {
    var both = new HashMap<>(item);
    both.putAll(attributes(more));
    return both;
  }

  private static Map<String, AttributeValue> writtenBy(
      String writer, Map<String, AttributeValue> item) {
    return with(item, "writer", writer);
  }

  private static ConditionalCheckFailedException refusedOver(Map<String, AttributeValue> item) {
    return ConditionalCheckFailedException.builder().item(item).build();
  }

  @SafeVarargs
  private static BatchGetItemResponse found(Map<String, AttributeValue>... items) {
    return BatchGetItemResponse.builder().responses(Map.of(TABLE, List.of(items))).build();
  }

  @SafeVarargs
  private static BatchGetItemRequest batch(Map<String, AttributeValue>... keys) {
    return BatchGetItemRequest.builder()
        .requestItems(
            Map.of(TABLE, KeysAndAttributes.builder().keys(keys).consistentRead(true).build()))
        .build();
  }

  private static Map<String, String> names(String... names) {
    var aliases = new HashMap<String, String>();
    for (var name : names) {
      aliases.put("#" + name, name);
    }
    return aliases;
  }

  private static TransactWriteItemsRequest transaction(TransactWriteItem... parts) {
    return TransactWriteItemsRequest.builder()
        .clientRequestToken(TOKEN)
        .transactItems(parts)
        .build();
  }

  private static TransactWriteItem put(Map<String, AttributeValue> item) {
    return TransactWriteItem.builder()
        .put(Put.builder().tableName(TABLE).item(item).build())
        .build();
  }

  private static TransactWriteItem putOver(long rev, Map<String, AttributeValue> item) {
    return put(item, "#rev = :rev", names("rev"), attributes(":rev", rev));
  }

  private static TransactWriteItem put(
      Map<String, AttributeValue> item,
      String condition,
      Map<String, String> names,
      @Nullable Map<String, AttributeValue> values) {
    return TransactWriteItem.builder()
        .put(
            Put.builder()
                .tableName(TABLE)
                .item(item)
                .conditionExpression(condition)
                .expressionAttributeNames(names)
                .expressionAttributeValues(values)
                .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build())
        .build();
  }

  private static TransactWriteItem update(
      Map<String, AttributeValue> key,
      String update,
      @Nullable String condition,
      Map<String, String> names,
      Map<String, AttributeValue> values) {
    return TransactWriteItem.builder()
        .update(
            Update.builder()
                .tableName(TABLE)
                .key(key)
                .updateExpression(update)
                .conditionExpression(condition)
                .expressionAttributeNames(names)
                .expressionAttributeValues(values)
                .build())
        .build();
  }
}
