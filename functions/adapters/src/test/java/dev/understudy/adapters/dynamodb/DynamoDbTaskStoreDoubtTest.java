package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.ScriptedDynamoDb.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.settings.Setting;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Change.Guard;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.InternalServerErrorException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/** What a write means that was refused, met another one, or was not answered. */
class DynamoDbTaskStoreDoubtTest {

  private static final Instant NOW = Samples.NOW;
  private static final Settings SETTINGS = Samples.settings(Map.of(Setting.MaxInFlight, "3"));

  private static final CancellationReason NONE = reason("None");
  private static final CancellationReason REFUSED = reason("ConditionalCheckFailed");
  private static final CancellationReason CONFLICT = reason("TransactionConflict");

  private static final Replay REPLAY = Samples.replay(2);

  private final ScriptedDynamoDb dynamo = new ScriptedDynamoDb();
  private final List<Duration> pauses = new ArrayList<>();
  private final List<Change> won = new ArrayList<>();
  private final Counting random = new Counting();
  private Instant now = NOW;
  private final DynamoDbTaskStore store =
      new DynamoDbTaskStore(dynamo, "t", SETTINGS, () -> now, random, won::add, this::pause);

  private void pause(Duration pause) {
    pauses.add(pause);
    now = now.plus(pause);
  }

  @AfterEach
  void interruptedNoMore() {
    Thread.interrupted();
  }

  // ---- who is told

  @Test
  void aWonChange_shouldBeToldOnce_whenItsAnswersWereLost() {
    var over = REFUSED.toBuilder().item(stored("mine", 2)).build();
    dynamo.answering(timeout(), cancelled(over, NONE, NONE, NONE, NONE));
    answerTries(timeout());
    dynamo.answering(found(stored("mine", 1)));

    assertThat(store.write(admission)).isEqualTo(Written.WON);
    assertThat(store.accept(creation, null, REPLAY)).isEqualTo(Written.WON);

    assertThat(won).containsExactly(admission, creation);
  }

  @Test
  void aLostChange_shouldNotBeTold() {
    dynamo.answering(cancelled(REFUSED, NONE, NONE, NONE, NONE));

    assertThat(store.write(admission)).isEqualTo(Written.STALE);

    assertThat(won).isEmpty();
  }

  // ---- what refused a transaction

  private final Task waiting = Samples.waiting("t-1");
  private final Task admitted = Samples.admitted("t-1", SETTINGS);

  /** Parts: task, stack's places, tenant's places, history, outbox. */
  private final Change admission =
      Change.of(waiting, Changes.admitted(waiting, NOW, SETTINGS), Guard.NONE, "mine");

  /** Parts: task, control, history, outbox. */
  private final Change submission =
      Change.of(
          admitted, Changes.submitting(admitted, NOW, "o", SETTINGS), Guard.MAY_SUBMIT, "mine");

  /** Parts: task, spend, tenant's places, history, outbox; accepted, the record second. */
  private final Change creation = Change.create(Samples.accepted("t-1"), "mine");

  static Stream<Arguments> refusedAdmissions() {
    return Stream.of(
        Arguments.of(List.of(REFUSED, NONE, NONE, NONE, NONE), Written.STALE),
        Arguments.of(List.of(REFUSED, REFUSED, REFUSED, NONE, NONE), Written.STALE),
        Arguments.of(List.of(NONE, REFUSED, NONE, NONE, NONE), Written.NO_PLACE),
        Arguments.of(List.of(NONE, NONE, REFUSED, NONE, NONE), Written.NO_PLACE),
        Arguments.of(List.of(NONE, REFUSED, CONFLICT, NONE, NONE), Written.NO_PLACE));
  }

  @ParameterizedTest
  @MethodSource("refusedAdmissions")
  void write_shouldTellWhatRefusedIt_whenTheTaskIsAdmitted(
      List<CancellationReason> reasons, Written expected) {
    dynamo.answering(cancelled(reasons));

    assertThat(store.write(admission)).isEqualTo(expected);
    assertThat(dynamo.requests).hasSize(1);
  }

  @Test
  void write_shouldTellThatTheStackIsPaused_unlessTheTaskWasLost() {
    dynamo.answering(cancelled(NONE, REFUSED, NONE, NONE), cancelled(REFUSED, REFUSED, NONE, NONE));

    assertThat(store.write(submission)).isEqualTo(Written.MAY_NOT_SUBMIT);
    assertThat(store.write(submission)).isEqualTo(Written.STALE);
  }

  @Test
  void write_shouldTellThatTheCapIsReached() {
    dynamo.answering(cancelled(NONE, REFUSED, NONE, NONE, NONE));

    assertThat(store.write(creation)).isEqualTo(Written.CAP_REACHED);
  }

  @Test
  void accept_shouldBeStale_whenTheOrderHasChanged_evenOverTheCap() {
    dynamo.answering(
        cancelled(NONE, REFUSED, NONE, NONE, NONE, NONE),
        cancelled(NONE, REFUSED, REFUSED, NONE, NONE, NONE),
        cancelled(NONE, NONE, REFUSED, NONE, NONE, NONE));
    var before = Samples.order(1, Order.State.WAITING, NOW);
    var after = Samples.order(1, Order.State.ACCEPTED, NOW);

    assertThat(store.accept(creation, before, after)).isEqualTo(Written.STALE);
    assertThat(store.accept(creation, before, after)).isEqualTo(Written.STALE);
    assertThat(store.accept(creation, before, after)).isEqualTo(Written.CAP_REACHED);
  }

  @Test
  void accept_shouldBeStale_whenTheRecordOfSendsHasChanged_evenOverTheCap() {
    dynamo.answering(
        cancelled(NONE, REFUSED, NONE, NONE, NONE, NONE),
        cancelled(NONE, REFUSED, REFUSED, NONE, NONE, NONE),
        cancelled(NONE, NONE, REFUSED, NONE, NONE, NONE));

    assertThat(store.accept(creation, REPLAY, REPLAY)).isEqualTo(Written.STALE);
    assertThat(store.accept(creation, REPLAY, REPLAY)).isEqualTo(Written.STALE);
    assertThat(store.accept(creation, REPLAY, REPLAY)).isEqualTo(Written.CAP_REACHED);
  }

  /** The same call may be accepted at this moment, with the last money under the cap. */
  @Test
  void accept_shouldAskAgain_whenTheRecordOfSendsIsInAnotherTransactionThatTookTheMoney() {
    dynamo.answering(
        cancelled(NONE, CONFLICT, REFUSED, NONE, NONE, NONE),
        cancelled(NONE, REFUSED, REFUSED, NONE, NONE, NONE));

    assertThat(store.accept(creation, null, REPLAY)).isEqualTo(Written.STALE);
    assertThat(dynamo.requests).hasSize(2);
  }

  @Test
  void accept_shouldWin_whenItWasAppliedAndEveryAnswerWasLost() {
    answerTries(timeout());
    dynamo.answering(found(stored("mine", 1)));

    assertThat(store.accept(creation, null, REPLAY)).isEqualTo(Written.WON);
  }

  @Test
  void accept_shouldWin_whenTheTransactionLostOnlyToItself() {
    var over = REFUSED.toBuilder().item(stored("mine", 1)).build();
    dynamo.answering(timeout(), cancelled(over, REFUSED, REFUSED, NONE, NONE, NONE));

    assertThat(store.accept(creation, null, REPLAY)).isEqualTo(Written.WON);
  }

  @Test
  void accept_shouldHearOfTheCapBeforeThePlaces_whenTheTaskComesAdmitted() {
    var admittedAtOnce =
        Change.create(Changes.admitted(Samples.accepted("t-1"), NOW, SETTINGS), "mine");
    dynamo.answering(
        cancelled(NONE, NONE, REFUSED, REFUSED, REFUSED, NONE, NONE),
        cancelled(NONE, NONE, NONE, REFUSED, NONE, NONE, NONE),
        cancelled(NONE, NONE, NONE, NONE, REFUSED, NONE, NONE));

    assertThat(store.accept(admittedAtOnce, null, REPLAY)).isEqualTo(Written.CAP_REACHED);
    assertThat(store.accept(admittedAtOnce, null, REPLAY)).isEqualTo(Written.NO_PLACE);
    assertThat(store.accept(admittedAtOnce, null, REPLAY)).isEqualTo(Written.NO_PLACE);
  }

  @Test
  void writeReplay_shouldCompareTheWriter_whenThePutWasRefused() {
    var mine = attributes("rev", 3, "writer", new Counting().firstUuid());
    dynamo.answering(
        timeout(),
        ConditionalCheckFailedException.builder().item(mine).build(),
        ConditionalCheckFailedException.builder().item(mine).build(),
        ConditionalCheckFailedException.builder().build());

    assertThat(store.write(REPLAY, REPLAY)).isTrue();
    assertThat(store.write(REPLAY, REPLAY)).isFalse();
    assertThat(store.write(REPLAY, REPLAY)).as("deleted by its time to live").isFalse();
  }

  @Test
  void write_shouldWin_whenTheTransactionLostOnlyToItself() {
    var over = REFUSED.toBuilder().item(stored("mine", 2)).build();
    dynamo.answering(cancelled(over, REFUSED, NONE, NONE, NONE));

    assertThat(store.write(admission)).isEqualTo(Written.WON);
  }

  @Test
  void write_shouldBeStale_whenAnotherWriterWasFaster() {
    var over = REFUSED.toBuilder().item(stored("another", 2)).build();
    dynamo.answering(cancelled(over, NONE, NONE, NONE, NONE));

    assertThat(store.write(admission)).isEqualTo(Written.STALE);
  }

  // ---- the same for a single item

  @Test
  void write_shouldCompareTheWriter_whenThePutWasRefused() {
    var change = quiet();
    dynamo.answering(
        ConditionalCheckFailedException.builder().item(stored("mine", 6)).build(),
        ConditionalCheckFailedException.builder().item(stored("another", 6)).build(),
        ConditionalCheckFailedException.builder().build());

    assertThat(store.write(change)).isEqualTo(Written.WON);
    assertThat(store.write(change)).isEqualTo(Written.STALE);
    assertThat(store.write(change)).isEqualTo(Written.STALE);
  }

  private final Control paused =
      Control.running().pausedByPerson(NOW, "token 1a2b3c4d of default", "x");

  @Test
  void writeControl_shouldWin_whenThePutLostOnlyToItself() {
    dynamo.answering(
        timeout(),
        ConditionalCheckFailedException.builder()
            .item(attributes("rev", 1, "writer", new Counting().firstUuid()))
            .build());

    assertThat(store.write(Control.running(), Control.running().busy(NOW, null))).isTrue();
    assertThat(dynamo.requests).hasSize(2);
    assertThat(dynamo.requests.getFirst()).isEqualTo(dynamo.requests.getLast());
  }

  @Test
  void writeControl_shouldCompareTheWriter_whenADecisionWasRefused() {
    var mine = attributes("rev", 1, "writer", new Counting().firstUuid());
    dynamo.answering(
        timeout(),
        cancelled(REFUSED.toBuilder().item(mine).build(), NONE),
        cancelled(REFUSED.toBuilder().item(mine).build(), NONE));

    assertThat(store.write(Control.running(), paused)).isTrue();
    assertThat(dynamo.requests).hasSize(2).containsOnly(dynamo.requests.getFirst());
    assertThat(store.write(Control.running(), paused)).isFalse();
  }

  @Test
  void writeControl_shouldAskAgain_whenADecisionMeetsASubmission() {
    dynamo.answering(cancelled(CONFLICT, NONE), TransactWriteItemsResponse.builder().build());

    assertThat(store.write(Control.running(), paused)).isTrue();
  }

  @Test
  void writeControl_shouldWin_whenADecisionWasAppliedAndEveryAnswerWasLost() {
    answerTries(timeout());
    dynamo.answering(
        found(attributes("rev", 1, "writer", new Counting().firstUuid())),
        cancelled(REFUSED, NONE));

    assertThat(store.write(Control.running(), paused)).isTrue();
    assertThat(store.write(Control.running(), paused)).isFalse();
  }

  // ---- no answer

  static Stream<SdkException> passing() {
    return Stream.of(
        timeout(),
        ApiCallTimeoutException.create(5_000),
        status(500, InternalServerErrorException.builder()),
        status(503, DynamoDbException.builder()),
        status(400, ProvisionedThroughputExceededException.builder()),
        status(400, TransactionInProgressException.builder()),
        status(400, TransactionConflictException.builder()),
        cancelled(CONFLICT, NONE, NONE, NONE, NONE),
        cancelled(NONE, reason("ThrottlingError"), CONFLICT, NONE, NONE),
        cancelled(NONE, CONFLICT, REFUSED, NONE, NONE),
        cancelled(NONE, reason("ProvisionedThroughputExceeded"), NONE, NONE, NONE));
  }

  @ParameterizedTest
  @MethodSource("passing")
  void write_shouldSendTheSameAgain_whenTheTroubleMayPass(SdkException trouble) {
    dynamo.answering(trouble, trouble, TransactWriteItemsResponse.builder().build());

    assertThat(store.write(admission)).isEqualTo(Written.WON);

    assertThat(dynamo.requests).hasSize(3);
    assertThat(dynamo.requests).containsOnly(dynamo.requests.getFirst());
    assertThat(pauses).hasSize(2).allMatch(Duration::isPositive);
  }

  @Test
  void write_shouldDrawAFreshTokenForEveryWrite() {
    var done = TransactWriteItemsResponse.builder().build();
    dynamo.answering(done, done);

    store.write(admission);
    store.write(admission);

    assertThat(dynamo.requests)
        .extracting(request -> ((TransactWriteItemsRequest) request).clientRequestToken())
        .doesNotHaveDuplicates()
        .allMatch(token -> token.length() == 36);
  }

  @Test
  void write_shouldGiveUpWithinItsBound_whenConflictsDoNotEnd() {
    var conflict = cancelled(NONE, CONFLICT, NONE, NONE, NONE);
    IntStream.range(0, Resending.TRIES).forEach(i -> dynamo.answering(conflict));
    dynamo.answering(found(stored("before", 1)));
    var timeless =
        new DynamoDbTaskStore(dynamo, "t", SETTINGS, () -> NOW, random, won::add, pauses::add);

    assertThatThrownBy(() -> timeless.write(admission))
        .isInstanceOf(Unavailable.class)
        .hasCause(conflict)
        .hasMessage(
            "DynamoDB did not store task t-1 after several tries (TransactionCanceledException): try again later.");
    assertThat(dynamo.requests).hasSize(Resending.TRIES + 1);
    assertThat(pauses).hasSize(Resending.TRIES - 1);
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isLessThanOrEqualTo(Resending.PATIENCE);
  }

  @Test
  void write_shouldGiveUpEarlier_whenTheCallsThemselvesTakeLong() {
    var slow =
        new DynamoDbTaskStore(
            dynamo, "t", SETTINGS, () -> now, random, won::add, pause -> now = now.plusSeconds(3));
    dynamo.answering(timeout(), timeout(), timeout(), found(stored("before", 1)));

    assertThatThrownBy(() -> slow.write(admission)).isInstanceOf(Unavailable.class);
    assertThat(dynamo.requests).hasSize(4);
  }

  @Test
  void write_shouldWin_whenItWasAppliedAndEveryAnswerWasLost() {
    answerTries(timeout());
    dynamo.answering(found(stored("mine", 2)));

    assertThat(store.write(admission)).isEqualTo(Written.WON);
    assertThat(dynamo.requests.getLast())
        .isEqualTo(
            GetItemRequest.builder()
                .tableName("t")
                .key(attributes("pk", "TASK#t-1", "sk", "TASK"))
                .consistentRead(true)
                .build());
  }

  @Test
  void write_shouldBeStale_whenAnotherWriteIsThereAfterTheDoubt() {
    answerTries(timeout());
    dynamo.answering(found(stored("another", 2)));

    assertThat(store.write(admission)).isEqualTo(Written.STALE);
  }

  @Test
  void write_shouldNotClaimToKnow_whenTheItemIsAsItWas() {
    answerTries(timeout());
    dynamo.answering(found(stored("before", 1)));

    assertThatThrownBy(() -> store.write(admission)).isInstanceOf(Unavailable.class);
  }

  @Test
  void create_shouldNotClaimToKnow_whenNothingIsThere() {
    answerTries(timeout());
    dynamo.answering(GetItemResponse.builder().build());

    assertThatThrownBy(() -> store.write(creation)).isInstanceOf(Unavailable.class);
  }

  @Test
  void write_shouldBeUnavailable_whenTheReadAfterTheDoubtFailsToo() {
    answerTries(timeout());
    var second = status(503, DynamoDbException.builder());
    dynamo.answering(second);

    assertThatThrownBy(() -> store.write(admission))
        .isInstanceOf(Unavailable.class)
        .cause()
        .hasSuppressedException(second);
  }

  @Test
  void put_shouldWin_whenItWasAppliedAndEveryAnswerWasLost() {
    answerTries(timeout());
    dynamo.answering(found(stored("mine", 6)));

    assertThat(store.write(quiet())).isEqualTo(Written.WON);
  }

  @Test
  void claimTurn_shouldWin_whenItWasAppliedAndEveryAnswerWasLost() {
    var task = Samples.submitted("t-1", SETTINGS);
    var mine = new HashMap<>(Items.task(task, NOW, SETTINGS.retention()));
    mine.put("writer", Attributes.of("mine"));
    answerTries(timeout());
    dynamo.answering(found(mine));

    var claim = store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NOW.plusSeconds(5), "mine");

    assertThat(claim.won()).isTrue();
    assertThat(claim.task()).isNotNull();
  }

  @Test
  void claimTurn_shouldNotClaimToKnow_whenTheTurnIsNotSeenToBeTaken() {
    answerTries(timeout());
    dynamo.answering(found(stored("another", 6)));

    assertThatThrownBy(
            () -> store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NOW.plusSeconds(5), "mine"))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void claimTurn_shouldBeSentAgain_whenTheTaskIsInATransaction() {
    var task = Items.task(Samples.submitted("t-1", SETTINGS), NOW, SETTINGS.retention());
    dynamo.answering(
        status(400, TransactionConflictException.builder()),
        UpdateItemResponse.builder().attributes(task).build());

    assertThat(
            store.claimTurn("t-1", 1, TaskStatus.SUBMITTED, NOW, NOW.plusSeconds(5), "mine").won())
        .isTrue();
  }

  // ---- what does not pass

  static Stream<SdkException> lasting() {
    return Stream.of(
        status(400, ResourceNotFoundException.builder()),
        status(400, "AccessDeniedException"),
        status(400, "ValidationException"),
        cancelled(NONE, reason("ValidationError"), CONFLICT, NONE, NONE),
        AbortedException.create("interrupted"));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void write_shouldNotBeSentAgain_whenTheTroubleLasts(SdkException trouble) {
    dynamo.answering(trouble, found(stored("before", 1)));

    assertThatThrownBy(() -> store.write(admission))
        .isInstanceOf(Unavailable.class)
        .hasCause(trouble)
        .hasMessageStartingWith("DynamoDB refused to store task t-1 (")
        .hasMessageNotContaining("secret");
    assertThat(dynamo.requests).hasSize(2);
    assertThat(pauses).isEmpty();
  }

  @Test
  void find_shouldBeUnavailable_whenTheTableCannotBeRead() {
    dynamo.answering(status(400, "AccessDeniedException"));

    assertThatThrownBy(() -> store.find("t-1"))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "DynamoDB refused to read TASK#t-1 (AccessDeniedException): check the table's name and the function's permissions.");
  }

  @Test
  void find_shouldAskAgain_whenTheTroubleMayPass() {
    dynamo.answering(timeout(), GetItemResponse.builder().build());

    assertThat(store.find("t-1")).isEmpty();
  }

  @Test
  void write_shouldStop_whenItsThreadIsInterrupted() {
    var interrupted =
        new DynamoDbTaskStore(
            dynamo,
            "t",
            SETTINGS,
            () -> now,
            random,
            won::add,
            pause -> {
              throw new InterruptedException();
            });
    dynamo.answering(timeout());

    assertThatThrownBy(() -> interrupted.write(admission)).isInstanceOf(Unavailable.class);
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void pauses_shouldBeDrawnFromARangeThatDoubles() {
    answerTries(timeout());
    dynamo.answering(found(stored("mine", 2)));

    store.write(admission);

    assertThat(pauses)
        .extracting(Duration::toMillis)
        .containsExactly(100L, 200L, 400L, 800L, 1_600L);
  }

  // ---- how the above is written

  /** A change that moves the task alone, from revision 5. */
  private static Change quiet() {
    var stored = Attributes.of(Samples.submitted("t-1", SETTINGS));
    stored.put("rev", Attributes.of(5));
    var submitted = Attributes.read(stored, Task.class);
    return Change.of(
        submitted,
        Changes.working(submitted, NOW, "RUNNING", null, NOW, SETTINGS),
        Guard.NONE,
        "mine");
  }

  private void answerTries(SdkException trouble) {
    IntStream.range(0, Resending.TRIES).forEach(i -> dynamo.answering(trouble));
  }

  private static Map<String, AttributeValue> stored(String writer, long rev) {
    return attributes("pk", "TASK#t-1", "sk", "TASK", "rev", rev, "writer", writer);
  }

  private static GetItemResponse found(Map<String, AttributeValue> item) {
    return GetItemResponse.builder().item(item).build();
  }

  private static SdkClientException timeout() {
    return SdkClientException.create("no answer", new SocketTimeoutException("Read timed out"));
  }

  private static CancellationReason reason(String code) {
    return CancellationReason.builder().code(code).build();
  }

  private static TransactionCanceledException cancelled(CancellationReason... reasons) {
    return cancelled(Arrays.asList(reasons));
  }

  private static TransactionCanceledException cancelled(List<CancellationReason> reasons) {
    return TransactionCanceledException.builder()
        .cancellationReasons(reasons)
        .statusCode(400)
        .awsErrorDetails(details("TransactionCanceledException"))
        .build();
  }

  private static SdkException status(int status, String code) {
    return DynamoDbException.builder()
        .statusCode(status)
        .message("secret")
        .awsErrorDetails(details(code))
        .build();
  }

  private static SdkException status(int status, DynamoDbException.Builder error) {
    var code = error.build().getClass().getSimpleName();
    return error.statusCode(status).message("secret").awsErrorDetails(details(code)).build();
  }

  private static AwsErrorDetails details(String code) {
    return AwsErrorDetails.builder().errorCode(code).build();
  }

  /** Chance that can be foreseen: each draw is one more than the last, each pause the longest. */
  private static final class Counting implements RandomGenerator {
    private long draw;

    @Override
    public long nextLong() {
      return draw++;
    }

    @Override
    public long nextLong(long bound) {
      return bound - 1;
    }

    String firstUuid() {
      return Ids.uuid(new Counting());
    }
  }
}
