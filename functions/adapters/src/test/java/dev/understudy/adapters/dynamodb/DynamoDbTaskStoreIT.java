package dev.understudy.adapters.dynamodb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Claim;
import dev.understudy.core.ports.TaskStore.Due;
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
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The store against a real table: the emulator that AWS_ENDPOINT_URL names, or AWS itself. Every
 * test has a table of its own, because places and the control item belong to a whole table.
 */
class DynamoDbTaskStoreIT {

  private static final Instant NOW = Samples.NOW;
  private static final Duration INDEX_LAG = Duration.ofSeconds(20);
  private static final RandomGenerator RANDOM = new SecureRandom();

  private static final Settings SETTINGS =
      Samples.settings(Map.of(Setting.MaxInFlight, "3", Setting.MonthlyCapUsd, "100"));

  @SuppressWarnings("NullAway.Init")
  private static DynamoDbClient client;

  private final TestTable created = new TestTable(client);
  private final String table = created.name;
  private final TaskStore store = store(client, SETTINGS);

  @BeforeAll
  static void connect() {
    client = DynamoDbClient.create();
  }

  @AfterAll
  static void disconnect() {
    client.close();
  }

  private TaskStore store(DynamoDbClient over, Settings settings) {
    return new DynamoDbTaskStore(
        over, table, settings, InstantSource.system(), RANDOM, change -> {});
  }

  @AfterEach
  void deleteTable() {
    created.close();
  }

  // ---- accepting

  @Test
  void write_shouldGiveBackTheSameTask_whenEveryAttributeIsSet() {
    var change = Change.create(Samples.whole(), "w-1");

    assertThat(store.write(change)).isEqualTo(Written.WON);

    assertThat(store.find(change.after().id())).contains(change.after());
    assertThat(store.findAll(List.of(change.after().id(), "unknown")))
        .containsExactly(change.after());
    assertThat(store.findWithControl(change.after().id()))
        .isEqualTo(new TaskStore.Loaded(change.after(), Control.running()));
  }

  @Test
  void write_shouldReserveMoneyUpToTheCap_andStoreNothingBeyondIt() {
    var twoTasks = store(client, Samples.settings(Map.of(Setting.MonthlyCapUsd, "1.19")));

    assertThat(twoTasks.write(create("t-1"))).isEqualTo(Written.WON);
    assertThat(twoTasks.write(create("t-2"))).isEqualTo(Written.WON);
    assertThat(twoTasks.write(create("t-3"))).isEqualTo(Written.CAP_REACHED);

    assertThat(store.find("t-3")).isEmpty();
    assertThat(items("TASK#t-3")).isEmpty();
    assertThat(spend()).isEqualTo(new Change.Money(80, 0, 0));
    assertThat(store.places()).isEqualTo(new Places(0, List.of(tenant(0, 2))));
  }

  @Test
  void write_shouldNotCreateATaskTwice() {
    assertThat(store.write(create("t-1"))).isEqualTo(Written.WON);
    assertThat(store.write(Change.create(Samples.accepted("t-1"), "another")))
        .isEqualTo(Written.STALE);
    assertThat(spend()).isEqualTo(new Change.Money(40, 0, 0));
  }

  @Test
  void accept_shouldStoreTaskAndOrderTogether() {
    var begun = Samples.order(0, Order.State.WAITING, NOW);
    assertThat(store.write((Order) null, begun)).isTrue();
    assertThat(store.write((Order) null, begun)).isFalse();
    var read = store.order(Samples.FORM).orElseThrow();
    assertThat(read).isEqualTo(begun.written());
    var accepted = Samples.order(1, Order.State.ACCEPTED, null);

    assertThat(store.accept(create("t-1"), read, accepted)).isEqualTo(Written.WON);

    assertThat(store.find("t-1")).isPresent();
    assertThat(store.order(Samples.FORM)).contains(accepted.written());
  }

  @Test
  void accept_shouldStoreNothing_whenTheOrderHasChanged() {
    store.write((Order) null, Samples.order(0, Order.State.WAITING, NOW));
    var read = store.order(Samples.FORM).orElseThrow();
    assertThat(store.write(read, Samples.order(1, Order.State.WITHDRAWN, null))).isTrue();

    var written = store.accept(create("t-1"), read, Samples.order(1, Order.State.ACCEPTED, null));

    assertThat(written).isEqualTo(Written.STALE);
    assertThat(store.find("t-1")).isEmpty();
    assertThat(spend()).isEqualTo(Change.Money.NONE);
    assertThat(store.order(Samples.FORM).orElseThrow().state()).isEqualTo(Order.State.WITHDRAWN);
  }

  // ---- what is open

  @Test
  void open_shouldSeePlacesAndWhoWaitsForAPerson() {
    store.write(create("t-1"));
    var waiting = store.find("t-1").orElseThrow();
    var admitted = written(waiting, Changes.admitted(waiting, NOW, SETTINGS));

    assertThat(store.open())
        .isEqualTo(new TaskStore.Open(store.open().oldestDue(), Map.of("default", 1), 0, 0, true));

    var submitting = written(admitted, Changes.submitting(admitted, NOW, "o", SETTINGS));
    written(submitting, Changes.unknown(submitting, NOW, "a timeout"));

    var open = store.open();
    assertThat(open.places()).isEmpty();
    assertThat(open.unknown()).isEqualTo(1);
    assertThat(store.committed(List.of("default", "other"), waiting.currentAttempt().month()))
        .isEqualTo(Map.of("default", waiting.currentAttempt().cents()));
  }

  private Task written(Task before, Task after) {
    var change = Change.of(before, after, Change.Guard.NONE, "w-" + after.version());
    assertThat(store.write(change)).isEqualTo(Written.WON);
    return change.after();
  }

  // ---- sends that may be repeats

  private static Replay sends(String... tasks) {
    var made = Stream.of(tasks).map(id -> new Replay.Made(id, NOW, 1)).toList();
    return new Replay("default#ab", "cd", made, NOW.plusSeconds(300), 0);
  }

  @Test
  void accept_shouldStoreTaskAndRecordTogether_whichIsReadBackWithTheControlItem() {
    var before = store.opening("default#ab");
    assertThat(before).isEqualTo(new Opening(null, Control.running()));

    assertThat(store.accept(create("t-1"), before.replay(), sends("t-1"))).isEqualTo(Written.WON);

    assertThat(store.find("t-1")).isPresent();
    var first = requireNonNull(store.opening("default#ab").replay());
    assertThat(first).usingRecursiveComparison().ignoringFields("rev").isEqualTo(sends("t-1"));
    assertThat(first.rev()).isEqualTo(1);

    assertThat(store.write(first, sends("t-1", "seen again"))).isTrue();
    assertThat(store.write(first, sends("t-1", "too late"))).isFalse();
    assertThat(store.accept(create("t-2"), first, sends("t-1", "t-2"))).isEqualTo(Written.STALE);
    var second = requireNonNull(store.opening("default#ab").replay());
    assertThat(second.made()).isEqualTo(sends("t-1", "seen again").made());
    assertThat(second.rev()).isEqualTo(2);
    assertThat(store.accept(create("t-2"), second, sends("t-1", "t-2"))).isEqualTo(Written.WON);
    assertThat(store.opening("another").replay()).isNull();
    assertThat(store.opening(null)).isEqualTo(new Opening(null, Control.running()));
  }

  @Test
  void accept_shouldLetExactlyOneWin_whenTenSendTheSameAtOnce() throws Exception {
    for (var before : Arrays.asList(null, sends())) {
      var read = before == null ? null : store.opening("default#ab").replay();
      int first = before == null ? 0 : 10;

      var outcomes =
          inParallel(10, i -> store.accept(create("t-" + (first + i)), read, sends("t-" + i)));

      assertThat(outcomes).containsOnlyOnce(Written.WON);
      assertThat(outcomes).filteredOn(Written.STALE::equals).hasSize(9);
      assertThat(requireNonNull(store.opening("default#ab").replay()).made())
          .isEqualTo(sends("t-" + outcomes.indexOf(Written.WON)).made());
    }
    assertThat(spend()).isEqualTo(new Change.Money(80, 0, 0));
    assertThat(store.places()).isEqualTo(new Places(0, List.of(tenant(0, 2))));
  }

  @Test
  void accept_shouldHoldTheTenantsOwnCapAgainstIt_andStoreNothingBeyondIt() {
    assertThat(store.accept(create("t-1").within(79), null, sends("t-1"))).isEqualTo(Written.WON);
    var read = store.opening("default#ab").replay();

    assertThat(store.accept(create("t-2").within(79), read, sends("t-1", "t-2")))
        .isEqualTo(Written.CAP_REACHED);

    assertThat(store.find("t-2")).isEmpty();
    assertThat(store.opening("default#ab").replay()).isEqualTo(read);
    assertThat(store.accept(create("t-2").within(80), read, sends("t-1", "t-2")))
        .isEqualTo(Written.WON);
    assertThat(spend()).isEqualTo(new Change.Money(80, 0, 0));
  }

  @Test
  void accept_shouldTakeAPlaceAtOnce_asLongAsTheTenantsLimitAllows() {
    set("capCents = :n", 500);
    set("maxInFlight = :n", 0);
    assertThat(acceptAdmitted("t-1")).as("no place at all").isEqualTo(Written.NO_PLACE);
    set("maxInFlight = :n", 1);

    assertThat(acceptAdmitted("t-1")).as("the tenant's first task").isEqualTo(Written.WON);
    assertThat(acceptAdmitted("t-2")).isEqualTo(Written.NO_PLACE);

    assertThat(store.find("t-2")).isEmpty();
    assertThat(store.find("t-1").orElseThrow().place()).isTrue();
    assertThat(store.places())
        .isEqualTo(new Places(1, List.of(new Places.Tenant("default", 1, 0, 1, 500))));
  }

  private Written acceptAdmitted(String id) {
    var task = Changes.admitted(Samples.accepted(id), NOW, SETTINGS);
    var key = "default#" + id;
    return store.accept(
        Change.create(task, nonce()),
        null,
        new Replay(key, "cd", sends(id).made(), NOW.plusSeconds(300), 0));
  }

  private void set(String assignment, int number) {
    client.updateItem(request ->
        request
            .tableName(table)
            .key(Key.tenantLimit("default").attributes())
            .updateExpression("SET " + assignment)
            .expressionAttributeValues(Map.of(":n", Attributes.of(number))));
  }

  // ---- places

  @Test
  void write_shouldNeverGiveMorePlacesThanThereAre_whenTwentyThreadsAskForThem() throws Exception {
    var ids = IntStream.range(0, 20).mapToObj(i -> "t-" + i).toList();
    ids.forEach(id -> assertThat(store.write(create(id))).isEqualTo(Written.WON));
    var held = new AtomicInteger();
    var most = Collections.synchronizedList(new ArrayList<Integer>());
    var refused = new AtomicInteger();

    inParallel(
        20,
        i -> {
          while (true) {
            var waiting = store.find(ids.get(i)).orElseThrow();
            var admission =
                Change.of(waiting, Changes.admitted(waiting, NOW, SETTINGS), Guard.NONE, nonce());
            switch (store.write(admission)) {
              case WON -> {
                most.add(held.incrementAndGet());
                most.add(store.places().inFlight());
                held.decrementAndGet();
                var back = Changes.returned(admission.after(), NOW, "Test.");
                return store.write(Change.of(admission.after(), back, Guard.NONE, nonce()));
              }
              case NO_PLACE -> refused.incrementAndGet();
              case STALE, CAP_REACHED, MAY_NOT_SUBMIT -> throw new AssertionError("only places");
            }
          }
        });

    assertThat(most).hasSize(40).allMatch(places -> places <= 3);
    assertThat(refused).hasPositiveValue();
    assertThat(store.places()).isEqualTo(new Places(0, List.of(tenant(0, 20))));
  }

  @Test
  void write_shouldKeepATenantUnderItsOwnLimit() {
    List.of("t-1", "t-2").forEach(id -> store.write(create(id)));
    set("maxInFlight = :n", 1);

    assertThat(admit("t-1")).isEqualTo(Written.WON);
    assertThat(admit("t-2")).isEqualTo(Written.NO_PLACE);

    assertThat(store.places())
        .isEqualTo(new Places(1, List.of(new Places.Tenant("default", 1, 1, 1, null))));
    assertThat(store.find("t-2").orElseThrow().waiting()).isTrue();
  }

  // ---- races

  @Test
  void write_shouldLetExactlyOneWin_whenTwentyMadeTheirChangeFromTheSame() throws Exception {
    store.write(create("t-1"));
    var read = store.find("t-1").orElseThrow();

    var outcomes =
        inParallel(
            20,
            i ->
                store.write(
                    Change.of(read, Changes.admitted(read, NOW, SETTINGS), Guard.NONE, "w-" + i)));

    assertThat(outcomes).containsOnlyOnce(Written.WON);
    assertThat(outcomes).filteredOn(Written.STALE::equals).hasSize(19);
    assertThat(store.find("t-1").orElseThrow().writer())
        .isEqualTo("w-" + outcomes.indexOf(Written.WON));
    assertThat(store.places().inFlight()).isEqualTo(1);
  }

  @Test
  void claimTurn_shouldBeGivenToExactlyOne_whenTwentyAsk() throws Exception {
    var task = submitted("t-1");
    var turn = NOW.plus(SETTINGS.pollFirst());

    var claims =
        inParallel(
            20,
            i ->
                store.claimTurn(
                    "t-1", 1, TaskStatus.SUBMITTED, turn, turn.plusSeconds(5), "w-" + i));

    assertThat(claims).filteredOn(Claim::won).hasSize(1);
    var stored = store.find("t-1").orElseThrow();
    assertThat(claims).filteredOn(Claim::won).extracting(Claim::task).containsExactly(stored);
    assertThat(stored.polls()).isEqualTo(1);
    assertThat(stored.rev()).isEqualTo(task.rev() + 1);
    assertThat(stored.nextPollAt()).isEqualTo(turn.plusSeconds(5));
    assertThat(stored.writer()).startsWith("w-");
  }

  @Test
  void claimTurn_shouldBeRefused_beforeItsTimeAndForAnotherGenerationAndStatus() {
    var turn = requireNonNull(submitted("t-1").nextPollAt());
    store.write(create("t-2"));

    assertThat(
            store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, turn.minusMillis(1), turn, "w").won())
        .isFalse();
    assertThat(store.claimTurn("t-1", 2, TaskStatus.SUBMITTED, turn, turn, "w").won()).isFalse();
    assertThat(store.claimTurn("t-2", 0, TaskStatus.SUBMITTED, turn, turn, "w").won()).isFalse();
    assertThat(store.claimTurn("t-3", 1, TaskStatus.SUBMITTED, turn, turn, "w"))
        .isEqualTo(new Claim(false, null));
    assertThat(store.claimTurn("t-1", 1, TaskStatus.PERSISTING, turn, turn, "w").won()).isFalse();
    assertThat(store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, turn, turn, "w").won()).isTrue();
  }

  @Test
  void writeControl_shouldLetExactlyOneWin() throws Exception {
    var read = store.control();

    var won =
        inParallel(
            10,
            i ->
                store.write(
                    read, read.pausedByPerson(NOW, "token 1a2b3c4d of default", "Test " + i)));

    assertThat(won).containsOnlyOnce(true);
    assertThat(store.control())
        .isEqualTo(
            read.pausedByPerson(NOW, "token 1a2b3c4d of default", "Test " + won.indexOf(true))
                .written());
    assertThat(
            store.write(
                store.control(),
                store.control().resumed(NOW, "token 1a2b3c4d of default", "Back.")))
        .isTrue();
    assertThat(store.write(read, read)).isFalse();
  }

  // ---- submitting and money

  @Test
  void write_shouldLetOnlyTheProbeSubmit_whileTheStackIsPaused() {
    List.of("t-1", "t-2").forEach(id -> store.write(create(id)));
    List.of("t-1", "t-2").forEach(this::admit);
    var paused = Control.running().pausedByItself(NOW, "t-0", "Out of credits.", SETTINGS);
    store.write(Control.running(), paused);

    assertThat(submit("t-1")).isEqualTo(Written.MAY_NOT_SUBMIT);
    store.write(paused.written(), paused.probing(NOW, "t-1", SETTINGS));
    assertThat(submit("t-1")).isEqualTo(Written.WON);
    assertThat(submit("t-2")).isEqualTo(Written.MAY_NOT_SUBMIT);
    var probing = store.control();
    store.write(probing, probing.resumed(NOW, "token 1a2b3c4d of default", "Back."));
    assertThat(submit("t-2")).isEqualTo(Written.WON);
  }

  @Test
  void write_shouldMoveTheMoneyWithTheTask() {
    submitted("t-1");
    assertThat(spend()).isEqualTo(new Change.Money(0, 40, 0));

    update("t-1", task -> Changes.failedByProvider(task, NOW, new Failure("CODE", "It failed.")));

    assertThat(spend()).isEqualTo(new Change.Money(0, 0, 40));
    assertThat(store.places()).isEqualTo(new Places(0, List.of(tenant(0, 0))));
    var end = items("TASK#t-1").stream().filter(i -> Key.of(i).isTask()).findFirst().orElseThrow();
    assertThat(end.get("expiresAt"))
        .isEqualTo(Attributes.of(NOW.plus(SETTINGS.retention()).getEpochSecond()));
  }

  @Test
  void write_shouldKeepTheHistoryInOrder() {
    submitted("t-1");

    assertThat(items("TASK#t-1"))
        .filteredOn(item -> Key.of(item).sk().startsWith("H#"))
        .extracting(item -> Attributes.text(item, "status"))
        .containsExactly("QUEUED", "QUEUED", "SUBMITTING", "SUBMITTED");
  }

  // ---- the index

  @Test
  void waiting_shouldListTheOldestFirst_andOnlyWhoWaits() {
    store.write(Change.create(Samples.accepted("young", "a", NOW.plusMillis(200)), nonce()));
    store.write(Change.create(Samples.accepted("old", "a", NOW), nonce()));
    store.write(Change.create(Samples.accepted("middle", "a", NOW.plusMillis(90)), nonce()));
    store.write(Change.create(Samples.accepted("other", "b", NOW), nonce()));
    admit("middle");
    var back = Changes.returned(store.find("old").orElseThrow(), NOW, "Test.");
    update("old", task -> back);

    eventually(() ->
        assertThat(store.waiting("a", 10))
            .containsExactly(new Waiting("old", back.notBefore()), new Waiting("young", null)));
    assertThat(store.waiting("a", 1)).containsExactly(new Waiting("old", back.notBefore()));
    assertThat(store.waiting("c", 10)).isEmpty();
  }

  @Test
  void due_shouldListWhatHasCome_theOldestFirst() {
    store.write((Order) null, Samples.order(0, Order.State.WAITING, NOW.plusSeconds(10)));
    store.write(create("t-1"));
    store.announced("t-1", 1);
    admit("t-1"); // due after DueGraceSeconds, its announcement after 60 s

    var announcement = new Due.OfAnnouncement("t-1", 2);
    var later = NOW.plus(SETTINGS.dueGrace());
    eventually(() ->
        assertThat(store.due(later, 10))
            .containsExactly(new Due.OfOrder(Samples.FORM), announcement, new Due.OfTask("t-1")));
    assertThat(store.due(later.minusMillis(1), 10))
        .containsExactly(new Due.OfOrder(Samples.FORM), announcement);
    assertThat(store.due(later, 1)).containsExactly(new Due.OfOrder(Samples.FORM));
    assertThat(store.due(NOW, 10)).isEmpty();
  }

  @Test
  void announced_shouldSettleOnlyTheChangeThatWasAnnounced() {
    store.write(create("t-1"));
    admit("t-1");
    var far = NOW.plus(TaskStore.ANNOUNCE_GRACE);

    store.announced("t-1", 1);
    eventually(
        () -> assertThat(store.due(far, 10)).containsExactly(new Due.OfAnnouncement("t-1", 2)));
    store.announced("t-1", 2);
    store.announced("t-1", 2);
    eventually(() -> assertThat(store.due(far, 10)).isEmpty());
  }

  // ---- lost answers

  @Test
  void everyWrite_shouldWinOnce_whenItWasAppliedAndItsAnswerWasLost() {
    var unlucky = store(losingEveryFirstAnswer(), SETTINGS);

    assertThat(unlucky.write(create("t-1"))).isEqualTo(Written.WON);
    assertThat(spend()).isEqualTo(new Change.Money(40, 0, 0));
    assertThat(store.places()).isEqualTo(new Places(0, List.of(tenant(0, 1))));

    var turn = requireNonNull(submitted("t-2").nextPollAt());
    assertThat(
            unlucky
                .claimTurn("t-2", 1, TaskStatus.SUBMITTED, turn, turn.plusSeconds(5), "mine")
                .won())
        .isTrue();
    var claimed = store.find("t-2").orElseThrow();
    assertThat(claimed.polls()).isEqualTo(1);

    var working = Changes.working(claimed, NOW, "RUNNING", 0.5, turn.plusSeconds(9), SETTINGS);
    assertThat(unlucky.write(Change.of(claimed, working, Guard.NONE, nonce())))
        .isEqualTo(Written.WON);

    assertThat(
            unlucky.write(
                Control.running(),
                Control.running().pausedByPerson(NOW, "token 1a2b3c4d of default", "Test.")))
        .isTrue();
    assertThat(unlucky.write((Order) null, Samples.order(0, Order.State.WAITING, NOW))).isTrue();

    assertThat(unlucky.accept(create("t-3"), null, sends("t-3"))).isEqualTo(Written.WON);
    var replay = requireNonNull(store.opening("default#ab").replay());
    assertThat(unlucky.write(replay, sends("t-3", "t-3"))).isTrue();
    assertThat(store.opening("default#ab").replay()).extracting(Replay::rev).isEqualTo(2L);
  }

  /** Every call is made twice: the first answer is thrown away, as a broken connection would. */
  private static DynamoDbClient losingEveryFirstAnswer() {
    var lost = new AtomicBoolean();
    return (DynamoDbClient)
        Proxy.newProxyInstance(
            DynamoDbClient.class.getClassLoader(),
            new Class<?>[] {DynamoDbClient.class},
            (proxy, method, arguments) -> {
              try {
                var answer = method.invoke(client, arguments);
                if (lost.compareAndSet(false, true)) {
                  throw SdkClientException.create("the answer was lost");
                }
                lost.set(false);
                return answer;
              } catch (InvocationTargetException e) {
                lost.set(false);
                throw e.getCause();
              }
            });
  }

  // ---- how the above is written

  private static String nonce() {
    return UUID.randomUUID().toString();
  }

  private static Change create(String id) {
    return Change.create(Samples.accepted(id), nonce());
  }

  private Written admit(String id) {
    var task = store.find(id).orElseThrow();
    return store.write(Change.of(task, Changes.admitted(task, NOW, SETTINGS), Guard.NONE, nonce()));
  }

  private Written submit(String id) {
    var task = store.find(id).orElseThrow();
    return store.write(
        Change.of(
            task, Changes.submitting(task, NOW, "owner", SETTINGS), Guard.MAY_SUBMIT, nonce()));
  }

  private Task update(String id, UnaryOperator<Task> rule) {
    var task = store.find(id).orElseThrow();
    var change = Change.of(task, rule.apply(task), Guard.NONE, nonce());
    assertThat(store.write(change)).isEqualTo(Written.WON);
    return change.after();
  }

  private Task submitted(String id) {
    assertThat(store.write(create(id))).isEqualTo(Written.WON);
    assertThat(admit(id)).isEqualTo(Written.WON);
    assertThat(submit(id)).isEqualTo(Written.WON);
    return update(
        id, task -> Changes.idRecorded(task, 1, "rw-1", NOW, true, SETTINGS).orElseThrow());
  }

  private static Places.Tenant tenant(int inFlight, int waiting) {
    return new Places.Tenant("default", inFlight, waiting, null, null);
  }

  private Change.Money spend() {
    var item = items("SPEND#default").stream().findFirst().orElse(Map.<String, AttributeValue>of());
    var money =
        new Change.Money(
            Attributes.count(item, "reserved"),
            Attributes.count(item, "charged"),
            Attributes.count(item, "unknown"));
    assertThat(Attributes.count(item, "committed")).isEqualTo(money.committed());
    return money;
  }

  private List<Map<String, AttributeValue>> items(String pk) {
    return client
        .query(request ->
            request
                .tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .expressionAttributeValues(Map.of(":pk", Attributes.of(pk))))
        .items();
  }

  /** The index follows the table after a moment. */
  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(INDEX_LAG).pollInterval(Duration.ofMillis(50)).untilAsserted(assertion);
  }

  /** What each of the threads came to, which all begin together. */
  private static <T> List<T> inParallel(int threads, ByNumber<T> work) throws Exception {
    var together = new CyclicBarrier(threads);
    try (var executor = Executors.newFixedThreadPool(threads)) {
      var tasks =
          IntStream.range(0, threads)
              .<Callable<T>>mapToObj(i ->
                  () -> {
                    together.await();
                    return work.of(i);
                  })
              .toList();
      var results = new ArrayList<T>();
      for (var future : executor.invokeAll(tasks)) {
        try {
          results.add(future.get());
        } catch (ExecutionException e) {
          throw new AssertionError("a thread failed", e.getCause());
        }
      }
      return results;
    }
  }

  @FunctionalInterface
  private interface ByNumber<T> {
    T of(int number) throws Exception;
  }
}
