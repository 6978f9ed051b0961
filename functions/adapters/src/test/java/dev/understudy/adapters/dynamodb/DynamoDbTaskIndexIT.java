package dev.understudy.adapters.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskIndex.Decision;
import dev.understudy.core.ports.TaskIndex.Filter;
import dev.understudy.core.ports.TaskIndex.Listed;
import dev.understudy.core.ports.TaskIndex.Position;
import dev.understudy.core.ports.TaskIndex.Told;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.ports.Tokens;
import dev.understudy.core.settings.Setting;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Change.Guard;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Looking through a real table: the emulator that AWS_ENDPOINT_URL names, or AWS itself. What is
 * looked through is what the store wrote.
 */
class DynamoDbTaskIndexIT {

  private static final Instant NOW = Samples.NOW;
  private static final Duration INDEX_LAG = Duration.ofSeconds(20);
  private static final RandomGenerator RANDOM = new SecureRandom();
  private static final Settings SETTINGS =
      Samples.settings(Map.of(Setting.MaxInFlight, "3", Setting.MonthlyCapUsd, "1000"));

  @SuppressWarnings("NullAway.Init")
  private static DynamoDbClient client;

  private final TestTable table = new TestTable(client);
  private final TaskStore store =
      new DynamoDbTaskStore(
          client, table.name, SETTINGS, InstantSource.system(), RANDOM, change -> {});
  private final TaskIndex index =
      new DynamoDbTaskIndex(client, table.name, InstantSource.system(), RANDOM);

  @BeforeAll
  static void connect() {
    client = DynamoDbClient.create();
  }

  @AfterAll
  static void disconnect() {
    client.close();
  }

  @AfterEach
  void deleteTable() {
    table.close();
  }

  // ---- lists

  @Test
  void list_shouldGiveEveryTaskOnce_theYoungestFirst_acrossParts() {
    IntStream.range(10, 17).forEach(i -> create("t-" + i, "studio", i));
    create("foreign", "another", 1);

    for (int most : List.of(1, 2, 3, 7, 20)) {
      eventually(() ->
          assertThat(all("studio", Filter.ALL, most))
              .as("%d at a time", most)
              .containsExactly("t-16", "t-15", "t-14", "t-13", "t-12", "t-11", "t-10"));
    }
    assertThat(index.list("studio", Filter.ALL, 7, null).next()).isNull();
    assertThat(index.list("nobody", Filter.ALL, 7, null).tasks()).isEmpty();
  }

  @Test
  void list_shouldTellTasksOfTheSameMomentApart() {
    List.of("b", "a", "c").forEach(id -> create(id, "studio", 0));

    eventually(() -> assertThat(all("studio", Filter.ALL, 1)).containsExactly("c", "b", "a"));
  }

  @Test
  void list_shouldNotShowWhatWasCancelledOrHidden() {
    IntStream.range(0, 5).forEach(i -> create("t-" + i, "studio", i));
    update("t-4", task -> Changes.cancelled(task, NOW));
    update("t-2", task -> Changes.cancelled(task, NOW));
    hide("t-1");

    for (int most : List.of(1, 2, 20)) {
      eventually(() -> assertThat(all("studio", Filter.ALL, most)).containsExactly("t-3", "t-0"));
    }
  }

  @Test
  void list_shouldShowTheTaskAsItIsStored() {
    var change = Change.create(Samples.accepted("t-1", "studio", NOW), nonce());
    assertThat(store.write(change)).isEqualTo(Written.WON);
    update("t-1", task -> Changes.admitted(task, NOW.plusMillis(20), SETTINGS));
    update("t-1", task -> Changes.submitting(task, NOW.plusSeconds(1), "owner", SETTINGS));
    update(
        "t-1",
        task ->
            Changes.idRecorded(task, 1, "rw-1", NOW.plusSeconds(2), true, SETTINGS).orElseThrow());
    var stored =
        update(
            "t-1",
            task ->
                Changes.working(
                    task, NOW.plusSeconds(9), "RUNNING", 0.5, NOW.plusSeconds(20), SETTINGS));

    eventually(() ->
        assertThat(index.list("studio", Filter.ALL, 20, null).tasks())
            .containsExactly(
                new Listed(
                    "t-1",
                    NOW,
                    stored.updatedAt(),
                    TaskStatus.SUBMITTED,
                    true,
                    "RUNNING",
                    stored.sentence(),
                    List.of())));
  }

  @Test
  void list_shouldFindTasksByStatusAndTag_acrossParts() {
    for (int i = 0; i < 6; i++) {
      var task = Samples.accepted("t-" + i, "studio", NOW.plusSeconds(i));
      var tags = i % 2 == 0 ? List.of("even", "all") : List.of("all");
      assertThat(store.write(Change.create(tagged(task, tags), nonce()))).isEqualTo(Written.WON);
    }
    update("t-4", task -> Changes.admitted(task, NOW, SETTINGS));
    update("t-4", task -> Changes.submitting(task, NOW, "owner", SETTINGS));

    var even = new Filter(Set.of(), "even");
    var waiting = new Filter(Set.of(TaskStatus.QUEUED, TaskStatus.FAILED), null);
    var evenWaiting = new Filter(Set.of(TaskStatus.QUEUED), "even");
    for (int most : List.of(1, 2, 20)) {
      eventually(() -> {
        assertThat(all("studio", even, most)).containsExactly("t-4", "t-2", "t-0");
        assertThat(all("studio", waiting, most)).containsExactly("t-5", "t-3", "t-2", "t-1", "t-0");
        assertThat(all("studio", evenWaiting, most)).containsExactly("t-2", "t-0");
      });
    }
    assertThat(all("studio", new Filter(Set.of(), "eve"), 20)).isEmpty();
    assertThat(all("studio", new Filter(Set.of(TaskStatus.CANCELLED), null), 20)).isEmpty();
  }

  /** The ids of the whole list, from as many parts as it takes. */
  private List<String> all(String tenant, Filter filter, int most) {
    var ids = new ArrayList<String>();
    @Nullable Position after = null;
    do {
      var page = index.list(tenant, filter, most, after);
      assertThat(page.tasks()).hasSizeLessThanOrEqualTo(most);
      page.tasks().stream().map(Listed::id).forEach(ids::add);
      assertThat(ids).hasSizeLessThan(100);
      after = page.next();
    } while (after != null);
    return ids;
  }

  // ---- timelines, sums, decisions, tokens

  @Test
  void timeline_shouldGoThroughTheHistoryInOrder() {
    create("t-1", "studio", 0);
    create("t-2", "studio", 0);
    update("t-1", task -> Changes.admitted(task, NOW.plusSeconds(1), SETTINGS));
    var last = update("t-1", task -> Changes.submitting(task, NOW.plusSeconds(2), "o", SETTINGS));

    var whole = index.timeline("t-1", 0, 20);
    var first = index.timeline("t-1", 0, 2);
    var second = index.timeline("t-1", first.changes().getLast().version(), 2);

    assertThat(whole.changes()).extracting(Told::version).containsExactly(1L, 2L, 3L);
    assertThat(whole.more()).isFalse();
    assertThat(first.more()).isTrue();
    assertThat(second.more()).isFalse();
    assertThat(second.changes())
        .containsExactly(
            new Told(
                3, NOW.plusSeconds(2), TaskStatus.SUBMITTING, 1, 1, last.sentence(), last.next()));
    assertThat(index.timeline("t-3", 0, 20).changes()).isEmpty();
  }

  @Test
  void spent_shouldBeTheTenantsSumOfTheMonth() {
    create("t-1", "studio", 0);
    create("t-2", "studio", 0);
    create("t-3", "another", 0);

    assertThat(index.spent("studio", "2026-03")).isEqualTo(new Change.Money(80, 0, 0));
    assertThat(index.spent("studio", "2026-02")).isEqualTo(Change.Money.NONE);
  }

  @Test
  void decisions_shouldBeKeptWithTheControlItem() {
    var person = "token 1a2b3c4d of default";
    control(c -> c.pausedByItself(NOW, "t-1", "Out of credits.", SETTINGS));
    control(c -> c.pausedByItself(NOW, "t-2", "Still out of credits.", SETTINGS));
    control(c -> c.resumed(NOW.plusSeconds(1), person, "Paid."));
    control(c -> c.busy(NOW, null));
    control(c -> c.pausedByPerson(NOW.plusSeconds(2), person, "Holidays."));

    var holidays = new Decision(NOW.plusSeconds(2), true, person, "Holidays.");
    assertThat(index.decisions(10))
        .containsExactly(
            holidays,
            new Decision(NOW.plusSeconds(1), false, person, "Paid."),
            new Decision(NOW, true, "the stack itself", "Out of credits."));
    assertThat(index.decisions(1)).containsExactly(holidays);
    assertThat(store.write(Control.running(), Control.running().pausedByPerson(NOW, "x", "Late.")))
        .isFalse();
    assertThat(index.decisions(10)).hasSize(3);
  }

  @Test
  void find_shouldKnowAToken_untilItIsDeleted() {
    Tokens tokens = new DynamoDbTokens(client, table.name, InstantSource.system(), RANDOM);
    var hash = "0a1b2c3d".repeat(8);
    var key = Key.token(hash).attributes();
    client.putItem(request ->
        request
            .tableName(table.name)
            .item(
                Items.with(
                    key,
                    ScriptedDynamoDb.attributes(
                        "tenant", "studio", "admin", false, "createdAt", "2026-03-01T12:00:00Z"))));

    assertThat(tokens.find(hash)).contains(new Tokens.Token(hash, "studio", false, NOW));
    assertThat(tokens.find("f".repeat(64))).isEmpty();
    client.deleteItem(request -> request.tableName(table.name).key(key));
    assertThat(tokens.find(hash)).isEmpty();
  }

  // ---- how the above is written

  private static String nonce() {
    return UUID.randomUUID().toString();
  }

  private void create(String id, String tenant, int second) {
    var task = Samples.accepted(id, tenant, NOW.plusSeconds(second));
    assertThat(store.write(Change.create(task, nonce()))).isEqualTo(Written.WON);
  }

  private Task update(String id, UnaryOperator<Task> rule) {
    var task = store.find(id).orElseThrow();
    var change = Change.of(task, rule.apply(task), Guard.NONE, nonce());
    assertThat(store.write(change)).isEqualTo(Written.WON);
    return change.after();
  }

  private void control(UnaryOperator<Control> rule) {
    var before = store.control();
    assertThat(store.write(before, rule.apply(before).written())).isTrue();
  }

  private void hide(String id) {
    client.updateItem(request ->
        request
            .tableName(table.name)
            .key(Key.task(id).attributes())
            .updateExpression("SET hiddenAt = :at")
            .expressionAttributeValues(Map.of(":at", Attributes.of(NOW))));
  }

  private static Task tagged(Task task, List<String> tags) {
    return Task.accepted(
        task.id(),
        task.tenant(),
        task.createdAt(),
        40,
        task.request(),
        task.character(),
        task.reference(),
        null,
        null,
        task.deliverTo(),
        List.of(),
        tags);
  }

  /** The index follows the table after a moment. */
  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(INDEX_LAG).pollInterval(Duration.ofMillis(50)).untilAsserted(assertion);
  }
}
