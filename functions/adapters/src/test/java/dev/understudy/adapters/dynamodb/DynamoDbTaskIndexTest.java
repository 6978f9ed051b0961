package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.ScriptedDynamoDb.attributes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskIndex.Filter;
import dev.understudy.core.ports.TaskIndex.Listed;
import dev.understudy.core.ports.TaskIndex.Page;
import dev.understudy.core.ports.TaskIndex.Position;
import dev.understudy.core.ports.TaskIndex.Timeline;
import dev.understudy.core.ports.TaskIndex.Told;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/** The queries, whole: what is sent is the contract with the table. */
class DynamoDbTaskIndexTest {

  private static final Instant NOW = Samples.NOW;

  private final ScriptedDynamoDb dynamo = new ScriptedDynamoDb();
  private final DynamoDbTaskIndex index =
      new DynamoDbTaskIndex(dynamo, "t", new Resending(() -> NOW, new Random(1), pause -> {}));

  // ---- lists

  private static final String SHOWN = "attribute_not_exists(#hidden) AND #status <> :cancelled";

  private static QueryRequest listing(int limit) {
    return QueryRequest.builder()
        .tableName("t")
        .indexName("GSI1")
        .scanIndexForward(false)
        .keyConditionExpression("#pk = :pk")
        .filterExpression(SHOWN)
        .expressionAttributeNames(
            Map.of("#pk", "gsi1pk", "#status", "status", "#hidden", "hiddenAt"))
        .expressionAttributeValues(attributes(":pk", "TENANT#studio", ":cancelled", "CANCELLED"))
        .limit(limit)
        .build();
  }

  @Test
  void list_shouldAskOnce_forOneMoreThanWanted_whenThereIsNoFilter() {
    dynamo.answering(answer(null, "t-5", "t-4", "t-3"));

    assertThat(index.list("studio", Filter.ALL, 3, null))
        .isEqualTo(new Page(List.of(listed("t-5"), listed("t-4"), listed("t-3")), null));
    assertThat(dynamo.onlyRequest()).isEqualTo(listing(4));
  }

  @Test
  void list_shouldGoOnBehindTheLastOneShown_whenThereIsOneMore() {
    dynamo.answering(answer("t-2", "t-5", "t-4", "t-3", "t-2"));

    var page = index.list("studio", Filter.ALL, 3, null);

    assertThat(page.tasks()).extracting(Listed::id).containsExactly("t-5", "t-4", "t-3");
    assertThat(page.next()).isEqualTo(new Position(NOW.plusSeconds(3), "t-3"));
  }

  @Test
  void list_shouldBeShort_butNotAtItsEnd_whenSomeAreNotShown() {
    dynamo.answering(answer("t-2", "t-5"), answer("t-1"));

    assertThat(index.list("studio", Filter.ALL, 3, null))
        .isEqualTo(new Page(List.of(listed("t-5")), new Position(NOW.plusSeconds(2), "t-2")));
    assertThat(index.list("studio", Filter.ALL, 3, null))
        .isEqualTo(new Page(List.of(), new Position(NOW.plusSeconds(1), "t-1")));
    assertThat(dynamo.requests).hasSize(2);
  }

  @Test
  void list_shouldBeginBehindThePosition() {
    dynamo.answering(answer(null));

    index.list("studio", Filter.ALL, 20, new Position(NOW.plusSeconds(3), "t-3"));

    assertThat(dynamo.onlyRequest())
        .isEqualTo(listing(21).toBuilder().exclusiveStartKey(keys("t-3")).build());
  }

  @Test
  void list_shouldLetTheTableFilter_andAskThreeTimesAtTheMost() {
    var filter = new Filter(Set.of(TaskStatus.FAILED, TaskStatus.QUEUED), "scene=1");
    dynamo.answering(answer("t-9", "t-9"), answer("t-8"), answer("t-7", "t-7"));

    assertThat(index.list("studio", filter, 3, null))
        .isEqualTo(
            new Page(
                List.of(listed("t-9"), listed("t-7")), new Position(NOW.plusSeconds(7), "t-7")));

    var query =
        listing(DynamoDbTaskIndex.LOOK_AT).toBuilder()
            .filterExpression(
                SHOWN + " AND #status IN (:QUEUED, :FAILED) AND contains(#tags, :tag)")
            .expressionAttributeNames(
                Map.of(
                    "#pk", "gsi1pk", "#status", "status", "#hidden", "hiddenAt", "#tags", "tags"))
            .expressionAttributeValues(
                attributes(
                    ":pk",
                    "TENANT#studio",
                    ":cancelled",
                    "CANCELLED",
                    ":QUEUED",
                    "QUEUED",
                    ":FAILED",
                    "FAILED",
                    ":tag",
                    "scene=1"))
            .build();
    assertThat(dynamo.requests)
        .containsExactly(
            query,
            query.toBuilder().exclusiveStartKey(keys("t-9")).build(),
            query.toBuilder().exclusiveStartKey(keys("t-8")).build());
  }

  @Test
  void list_shouldStopAskingWithAFilter_whenThePartIsFullOrTheListIsAtItsEnd() {
    var failed = new Filter(Set.of(TaskStatus.FAILED), null);
    dynamo.answering(answer("t-6", "t-9", "t-8"), answer("t-3", "t-5", "t-4"), answer(null, "t-9"));

    var full = index.list("studio", failed, 3, null);
    var end = index.list("studio", failed, 3, null);

    assertThat(full.tasks()).extracting(Listed::id).containsExactly("t-9", "t-8", "t-5");
    assertThat(full.next()).isEqualTo(new Position(NOW.plusSeconds(5), "t-5"));
    assertThat(end).isEqualTo(new Page(List.of(listed("t-9")), null));
    assertThat(dynamo.requests).hasSize(3);
  }

  @Test
  void list_shouldNotGoOn_whenThePartIsFullAlready() {
    dynamo.answering(answer("t-6", "t-9", "t-8"));

    var page = index.list("studio", new Filter(Set.of(), "x"), 2, null);

    assertThat(page.next()).isEqualTo(new Position(NOW.plusSeconds(6), "t-6"));
    assertThat(dynamo.requests).hasSize(1);
  }

  @Test
  void theTemplate_shouldGiveTheIndexWhatAListShows() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("template.yaml"))) {
      var projection =
          lines
              .dropWhile(line -> !line.contains("IndexName: GSI1"))
              .filter(line -> line.contains("NonKeyAttributes"))
              .findFirst()
              .orElseThrow();
      assertThat(projection.replaceAll(".*\\[(.*)].*", "$1").split(", "))
          .containsExactlyInAnyOrderElementsOf(TestTable.LISTED);
    }
  }

  // ---- the others

  @Test
  void timeline_shouldAskForTheVersionsAfterOne_andForOneMoreThanWanted() {
    dynamo.answering(
        QueryResponse.builder().items(told(3), told(4), told(5)).build(),
        QueryResponse.builder().items(told(3), told(4)).build());

    var changes = List.of(expected(3), expected(4));
    assertThat(index.timeline("t-1", 2, 2)).isEqualTo(new Timeline(changes, true));
    assertThat(index.timeline("t-1", 2, 2)).isEqualTo(new Timeline(changes, false));
    assertThat(dynamo.requests.getFirst())
        .isEqualTo(
            QueryRequest.builder()
                .tableName("t")
                .consistentRead(true)
                .keyConditionExpression("#pk = :pk AND #sk BETWEEN :first AND :last")
                .expressionAttributeNames(Map.of("#pk", "pk", "#sk", "sk"))
                .expressionAttributeValues(
                    attributes(":pk", "TASK#t-1", ":first", "H#000003", ":last", "H#999999"))
                .limit(3)
                .build());
  }

  @Test
  void timeline_shouldAskNothing_whenNoVersionCanFollow() {
    assertThat(index.timeline("t-1", 999_999, 20)).isEqualTo(new Timeline(List.of(), false));
    assertThat(index.timeline("t-1", Long.MAX_VALUE, 20).more()).isFalse();
    assertThat(dynamo.requests).isEmpty();
  }

  @Test
  void spent_shouldReadTheMonthConsistently() {
    dynamo.answering(
        GetItemResponse.builder()
            .item(attributes("reserved", 40, "charged", 80, "committed", 120))
            .build(),
        GetItemResponse.builder().build());

    assertThat(index.spent("studio", "2026-03")).isEqualTo(new Change.Money(40, 80, 0));
    assertThat(index.spent("studio", "2026-03")).isEqualTo(Change.Money.NONE);
    assertThat(dynamo.requests.getFirst())
        .isEqualTo(
            GetItemRequest.builder()
                .tableName("t")
                .key(attributes("pk", "SPEND#studio", "sk", "2026-03"))
                .consistentRead(true)
                .build());
  }

  @Test
  void decisions_shouldAskForTheLatest() {
    var decision = new Decision(NOW, true, "token 1a2b3c4d of default", "Holidays.");
    dynamo.answering(
        QueryResponse.builder().items(Items.decision(decision, 7, Duration.ofDays(90))).build());

    assertThat(index.decisions(20)).containsExactly(decision);
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            QueryRequest.builder()
                .tableName("t")
                .consistentRead(true)
                .scanIndexForward(false)
                .keyConditionExpression("#pk = :pk AND begins_with(#sk, :decision)")
                .expressionAttributeNames(Map.of("#pk", "pk", "#sk", "sk"))
                .expressionAttributeValues(attributes(":pk", "CONTROL", ":decision", "H#"))
                .limit(20)
                .build());
  }

  // ---- how the expectations above are written

  /** Tasks as the index holds them; t-3 was accepted three seconds after NOW. */
  private static QueryResponse answer(@Nullable String lastLookedAt, String... ids) {
    var response =
        QueryResponse.builder().items(Stream.of(ids).map(DynamoDbTaskIndexTest::item).toList());
    return lastLookedAt == null
        ? response.build()
        : response.lastEvaluatedKey(keys(lastLookedAt)).build();
  }

  private static Instant acceptedAt(String id) {
    return NOW.plusSeconds(Integer.parseInt(id.substring(2)));
  }

  private static Map<String, AttributeValue> keys(String id) {
    return attributes(
        "pk",
        "TASK#" + id,
        "sk",
        "TASK",
        "gsi1pk",
        "TENANT#studio",
        "gsi1sk",
        "2026-03-01T12:00:0" + id.substring(2) + ".000Z#" + id);
  }

  private static Map<String, AttributeValue> item(String id) {
    var item = new HashMap<>(keys(id));
    item.putAll(
        attributes(
            "status",
            "SUBMITTED",
            "place",
            true,
            "providerStatus",
            "RUNNING",
            "updatedAt",
            "2026-03-01T12:01:00.000Z",
            "sentence",
            "It is being rendered.",
            "tags",
            List.of("scene=1")));
    return item;
  }

  private static Listed listed(String id) {
    return new Listed(
        id,
        acceptedAt(id),
        NOW.plusSeconds(60),
        TaskStatus.SUBMITTED,
        true,
        "RUNNING",
        "It is being rendered.",
        List.of("scene=1"));
  }

  private static Map<String, AttributeValue> told(int version) {
    return attributes(
        "pk",
        "TASK#t-1",
        "sk",
        "H#00000" + version,
        "version",
        version,
        "at",
        "2026-03-01T12:00:00.000Z",
        "status",
        "QUEUED",
        "attempt",
        1,
        "generation",
        2,
        "sentence",
        "It waits.",
        "next",
        "It is sent.",
        "writer",
        "w",
        "expiresAt",
        1);
  }

  private static Told expected(long version) {
    return new Told(version, NOW, TaskStatus.QUEUED, 1, 2, "It waits.", "It is sent.");
  }
}
