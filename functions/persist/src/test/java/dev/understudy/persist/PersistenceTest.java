package dev.understudy.persist;

import static dev.understudy.core.testing.Answers.done;
import static dev.understudy.core.testing.Answers.doneWithoutOutput;
import static dev.understudy.core.testing.Answers.notExist;
import static dev.understudy.core.testing.Answers.of;
import static dev.understudy.core.testing.Answers.running;
import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PersistenceTest {

  private static final byte[] VIDEO = Clips.mp4(Duration.ofSeconds(4));

  private final TestStack stack = new TestStack();
  private final Deque<Download> downloads = new ArrayDeque<>();
  private final List<URI> opened = new ArrayList<>();
  private Runnable whenOpened = () -> {};
  private final Downloads host =
      new Downloads() {
        @Override
        public Download open(URI output) {
          opened.add(output);
          whenOpened.run();
          return downloads.isEmpty() ? whole(VIDEO) : downloads.remove();
        }
      };
  private final Persistence persistence =
      new Persistence(
          stack.table,
          stack.writer,
          stack.provider,
          stack.apiKey,
          new Delivery(stack.bucket, host),
          stack.announcer,
          stack.settings,
          stack.clock);

  private static Download whole(byte[] bytes) {
    return new Download.Opened(new ByteArrayInputStream(bytes), (long) bytes.length, "video/mp4");
  }

  private static Download sent(byte[] bytes, @Nullable Long contentLength) {
    return new Download.Opened(new ByteArrayInputStream(bytes), contentLength, "video/mp4");
  }

  private Instant now() {
    return stack.clock.instant();
  }

  /** A finished task whose turn has come; the provider names its video whenever it is asked. */
  private Task due() {
    var task = stack.persisting();
    stack.clock.advance(stack.settings.pollMin());
    for (int i = 0; i < 50; i++) {
      stack.provider.onAsk(done());
    }
    return task;
  }

  private Turn persist(Task task) {
    return persistence.persist(task.id(), task.generation());
  }

  private Turn follow(Task task) {
    for (int i = 0; i < 500; i++) {
      var turn = persist(task);
      if (turn.next() != Turn.Next.PERSIST) {
        return turn;
      }
      stack.clock.advance(Duration.ofSeconds(turn.seconds()));
    }
    throw new AssertionError("it never ended");
  }

  private JsonNode facts(Task task) throws IOException {
    return Json.MAPPER.readTree(stack.bucket.text(task.deliverTo().replace(".mp4", ".json")));
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private void assertNothingOpen() {
    assertThat(stack.bucket.openUploads())
        .as("uploads that are neither completed nor aborted")
        .isZero();
  }

  // ---- the video comes home

  @Test
  void persist_shouldDeliverTheVideoWithItsFacts() throws Exception {
    var task = due();

    assertThat(persist(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUCCEEDED);
    var output = there(stored.output());
    assertThat(output.key()).isEqualTo(task.deliverTo());
    assertThat(output.bytes()).isEqualTo(VIDEO.length);
    assertThat(output.sha256()).isEqualTo(sha256(VIDEO));
    assertThat(stack.bucket.read(output.key(), 1 << 20).orElseThrow().content()).isEqualTo(VIDEO);
    assertThat(stack.bucket.head(output.key()).orElseThrow().metadata())
        .containsEntry(Bucket.TASK_ID, task.id());
    assertThat(stack.bucket.head(output.key()).orElseThrow().contentType()).isEqualTo("video/mp4");
    var facts = facts(task);
    assertThat(facts.path("taskId").asText()).isEqualTo(task.id());
    assertThat(facts.path("video").asText()).isEqualTo(output.key());
    assertThat(facts.path("sha256").asText()).isEqualTo(output.sha256());
    assertThat(facts.path("bytes").asLong()).isEqualTo(VIDEO.length);
    assertThat(facts.path("width").asInt()).isEqualTo(160);
    assertThat(facts.path("height").asInt()).isEqualTo(90);
    assertThat(facts.path("fps").asDouble()).isEqualTo(24);
    assertThat(facts.path("durationSeconds").asDouble()).isEqualTo(4.0);
    assertThat(facts.path("audio").asBoolean()).isTrue();
    assertThat(facts.path("charged").asText()).isEqualTo("yes");
    assertThat(facts.toString()).doesNotContain("SIGNED", "https://");
    assertThat(stack.events).last().extracting("status").isEqualTo(TaskStatus.SUCCEEDED);
    assertNothingOpen();
  }

  @Test
  void persist_shouldDeliverWhatIsNotAsOrdered_withWarningsInBothPlaces() throws Exception {
    var task = due();

    persist(task);

    var warning = "The video is 160x90 and 1280x720 was asked.";
    assertThat(stack.task(task.id()).warnings()).contains(warning);
    assertThat(facts(task).path("warnings")).extracting(JsonNode::asText).contains(warning);
  }

  @Test
  void persist_shouldDoNothing_whenRepeated() {
    var task = due();
    persist(task);
    var stored = stack.task(task.id());
    int asks = stack.provider.asks().size();
    stack.clock.advance(Duration.ofMinutes(1));

    assertThat(persist(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id())).isEqualTo(stored);
    assertThat(stack.provider.asks()).hasSize(asks);
  }

  @Test
  void persist_shouldTakeAVideo_withoutContentLength() {
    var task = due();
    downloads.add(sent(VIDEO, null));

    persist(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  // ---- what is refused leaves nothing behind

  private static final class BreaksOff extends InputStream {
    private final int length;
    private int at;

    BreaksOff(int length) {
      this.length = length;
    }

    @Override
    public int read() throws IOException {
      if (at == length) {
        throw new IOException("Connection reset at https://cdn.example.com/x?SIGNED");
      }
      return VIDEO[at++] & 0xff;
    }
  }

  @TestFactory
  Stream<DynamicTest> persist_shouldTryAgain_andThenTakeTheVideo() {
    var truncated = Arrays.copyOf(VIDEO, VIDEO.length - 100);
    return Map.<String, Download>of(
            "truncated, length announced", sent(truncated, (long) VIDEO.length),
            "truncated, length not announced", sent(truncated, null),
            "longer than announced", sent(VIDEO, 100L),
            "empty", sent(new byte[0], 0L),
            "a web page",
                sent(
                    "<html>expired</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8), null),
            "an image", whole(Clips.png()),
            "too big, announced", sent(VIDEO, (2L << 30) + 1),
            "reset", new Download.Opened(new BreaksOff(3000), (long) VIDEO.length, null),
            "expired", new Download.NotThere(403),
            "no host", new Download.Failed("the host cannot be reached"))
        .entrySet()
        .stream()
        .map(row ->
            dynamicTest(row.getKey(), () -> new PersistenceTest().refusedOnce(row.getValue())));
  }

  private void refusedOnce(Download bad) throws Exception {
    var task = due();
    downloads.add(bad);

    var turn = persist(task);

    assertThat(turn.next()).isEqualTo(Turn.Next.PERSIST);
    assertThat(turn.seconds()).isGreaterThanOrEqualTo(5);
    assertThat(stack.bucket.keys()).as("nothing is visible").isEmpty();
    assertNothingOpen();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.PERSISTING);
    assertThat(stack.task(task.id()).deliveryTries()).isEqualTo(1);

    assertThat(follow(task)).isEqualTo(Turn.end());
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(opened).hasSize(2);
    assertThat(there(stack.task(task.id()).output()).sha256()).isEqualTo(sha256(VIDEO));
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void persist_shouldStall_afterThreeFailuresInARow() {
    var task = due();
    for (int i = 0; i < 3; i++) {
      downloads.add(new Download.NotThere(403));
    }

    assertThat(follow(task)).isEqualTo(Turn.end());

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.PERSISTING);
    assertThat(there(stored.stall()).reason()).isEqualTo(Stall.Reason.NOT_DELIVERED);
    assertThat(stored.sentence())
        .isEqualTo("The provider's address of the video answered 403: it is expired or not there.");
    assertThat(stored.dueAt()).isEqualTo(now().plusSeconds(300));
    assertThat(stored.charged()).isEqualTo("yes");
    assertThat(opened).hasSize(3);
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void persist_shouldHaveThreeTriesAgain_afterAStall() {
    var task = due();
    for (int i = 0; i < 5; i++) {
      downloads.add(new Download.NotThere(403));
    }
    follow(task);
    stack.clock.advance(Duration.ofMinutes(5));
    var next = stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));

    assertThat(follow(next)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  @Test
  void persist_shouldNotSayTheAddress_whateverFails() {
    var task = due();
    for (int i = 0; i < 3; i++) {
      downloads.add(new Download.Opened(new BreaksOff(10), null, null));
    }
    follow(task);

    assertThat(stack.task(task.id()).sentence()).doesNotContain("SIGNED", "https://").endsWith(".");
  }

  // ---- the provider does not name the video any more

  @Test
  void persist_shouldAskAgainWithinTheGrace_whenNoAddressIsNamed() {
    var task = stack.persisting();
    stack.clock.advance(Duration.ofSeconds(5));
    stack.provider.onAsk(
        doneWithoutOutput(), of(500, "{}"), running(0.9), notExist(), of(401, "{}"));

    assertThat(follow(task)).as("then the provider only says it is at work").isEqualTo(Turn.end());

    assertThat(there(stack.task(task.id()).stall()).reason()).isEqualTo(Stall.Reason.NO_OUTPUT);
    assertThat(stack.task(task.id()).sentence()).endsWith(".").doesNotContain("..");
    assertThat(Duration.between(there(stack.task(task.id()).doneAt()), now()))
        .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(12));
    assertThat(stack.keyForgotten).isEqualTo(1);
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void persist_shouldNotCountAMissingAddressAsAFailedDelivery() {
    var task = stack.persisting();
    stack.clock.advance(Duration.ofSeconds(5));
    for (int i = 0; i < 5; i++) {
      stack.provider.onAsk(of(500, "{}"));
    }
    stack.provider.onAsk(done(), done());
    downloads.add(new Download.NotThere(403));

    assertThat(follow(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  @Test
  void persist_shouldStall_ratherThanFail_whenTheProviderTakesItsWordBack() {
    var task = stack.persisting();
    stack.clock.advance(Duration.ofHours(1));
    stack.provider.onAsk(Answers.failed("INTERNAL"));

    assertThat(persist(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.PERSISTING);
    assertThat(there(stack.task(task.id()).stall()).reason()).isEqualTo(Stall.Reason.NO_OUTPUT);
  }

  // ---- what lies at the key

  @Test
  void persist_shouldAdoptItsOwnVideo_whenItWasCutOffAfterTheUpload() throws Exception {
    var task = due();
    stack.faults.crashAt(Moment.AFTER, "complete");
    assertThatThrownBy(() -> persist(task)).isInstanceOf(Crash.class);
    stack.faults.reset();

    assertThat(follow(task)).isEqualTo(Turn.end());

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(there(stack.task(task.id()).output()).sha256()).isEqualTo(sha256(VIDEO));
    assertThat(opened).as("not fetched twice").hasSize(1);
    assertThat(facts(task).path("sha256").asText()).isEqualTo(sha256(VIDEO));
    assertThat(stack.bucket.keys()).hasSize(2);
  }

  @Test
  void persist_shouldAdopt_evenWhenTheProviderIsDown() {
    var task = due();
    stack.faults.crashAt(Moment.AFTER, "complete");
    assertThatThrownBy(() -> persist(task)).isInstanceOf(Crash.class);
    stack.faults.reset();
    stack.clock.advance(Duration.ofMinutes(1));
    stack.provider.onAsk(of(503, "{}"));

    persist(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  @Test
  void persist_shouldAdopt_whenAnotherOfItsOwnInvocationsWasFaster() {
    var task = due();
    stack.faults.at(Moment.BEFORE, "complete", () -> deliveredByAnother(task));

    assertThat(persist(task)).isEqualTo(Turn.end());

    assertThat(there(stack.task(task.id()).output()).key()).isEqualTo(task.deliverTo());
    assertNothingOpen();
  }

  @Test
  void persist_shouldNotDeliverTwice_whenItsOwnVideoAppearsBetweenTwoLooks() {
    var task = due();
    whenOpened = () -> deliveredByAnother(task);

    persist(task);

    assertThat(stack.bucket.keys().stream().filter(k -> k.endsWith(".mp4")))
        .containsExactly(task.deliverTo());
  }

  @Test
  void persist_shouldLeaveAStrangersFileAlone_andDeliverBesideIt() {
    var task = due();
    stack.bucket.upload(task.deliverTo(), new byte[] {1, 2, 3});

    assertThat(persist(task)).isEqualTo(Turn.end());

    var key = there(stack.task(task.id()).output()).key();
    assertThat(key)
        .isEqualTo(task.deliverTo().replace(".mp4", "__" + task.id().substring(0, 8) + ".mp4"));
    assertThat(stack.bucket.read(task.deliverTo(), 10).orElseThrow().content())
        .containsExactly(1, 2, 3);
    assertThat(stack.bucket.head(key)).isPresent();
  }

  @Test
  void persist_shouldAbortWhatAKilledOneLeftOpen() {
    var task = due();
    stack.faults.crashAt(Moment.BEFORE, "complete");
    assertThatThrownBy(() -> persist(task)).isInstanceOf(Crash.class);
    assertThat(stack.bucket.openUploads()).isEqualTo(1);
    stack.faults.reset();

    follow(task);

    assertNothingOpen();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  @Test
  void persist_shouldAbortWhatAKilledOneLeftOpen_whenAnotherOneHasCopiedTheVideo() {
    var task = due();
    stack.faults.crashAt(Moment.BEFORE, "complete");
    assertThatThrownBy(() -> persist(task)).isInstanceOf(Crash.class);
    stack.faults.reset();
    deliveredByAnother(task);
    assertThat(stack.bucket.openUploads()).isEqualTo(1);

    follow(task);

    assertNothingOpen();
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  private void deliveredByAnother(Task task) {
    var other =
        stack.bucket.upload(task.deliverTo(), "video/mp4", Map.of(Bucket.TASK_ID, task.id()));
    other.write(VIDEO, 0, VIDEO.length);
    assertThat(other.complete()).isTrue();
  }

  @TestFactory
  Stream<DynamicTest> persist_shouldDeliverOnceAndLeaveNothingOpen_whereverItIsKilled() {
    var dry = new PersistenceTest();
    var first = dry.due();
    dry.stack.faults.reset();
    dry.persist(first);
    var calls = dry.stack.faults.calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> new PersistenceTest().dies(moment, call))));
  }

  private void dies(Moment moment, int call) throws Exception {
    var task = due();
    stack.faults.reset();
    stack.faults.crashAt(moment, call);
    assertThatThrownBy(() -> persist(task)).isInstanceOf(Crash.class);
    stack.faults.reset();

    follow(task);

    var stored = stack.task(task.id());
    assertThat(stored.status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(stack.bucket.keys())
        .containsExactlyInAnyOrder(task.deliverTo(), task.deliverTo().replace(".mp4", ".json"));
    assertThat(there(stored.output()).sha256()).isEqualTo(sha256(VIDEO));
    assertNothingOpen();
    stack.provider.assertDistance(stack.settings.pollMin());
  }

  @Test
  void persist_shouldFail_whenTheBucketDoesNotAnswer_soThatTheStateIsTriedAgain() {
    var task = due();
    stack.faults.failAt(Moment.BEFORE, "complete");

    assertThatThrownBy(() -> persist(task)).isInstanceOf(Unavailable.class);

    assertNothingOpen();
    follow(task);
    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  // ---- claims

  @Test
  void persist_shouldBeABystander_inAnOlderGeneration() {
    var task = due();
    stack.change(task.id(), t -> Changes.nextGeneration(t, now(), stack.settings));

    assertThat(persist(task)).isEqualTo(Turn.end());
    assertThat(stack.provider.asks()).isEmpty();
    assertThat(opened).isEmpty();
  }

  @Test
  void persist_shouldWaitForItsTurn() {
    var task = stack.persisting();

    assertThat(persist(task)).isEqualTo(new Turn(Turn.Next.PERSIST, 5, null));
    assertThat(stack.provider.asks()).isEmpty();
  }

  @Test
  void persist_shouldNotAsk_whenTooLongPassedSinceItsClaim() {
    var task = due();
    stack.faults.at(Moment.AFTER, "claim", () -> stack.clock.advance(Duration.ofSeconds(6)));

    assertThat(persist(task).next()).isEqualTo(Turn.Next.PERSIST);
    assertThat(stack.provider.asks()).isEmpty();
  }

  @Test
  void persist_shouldRouteByWhatIsStored() {
    var submitted = stack.submitted();
    assertThat(persistence.persist(submitted.id(), submitted.generation()).next())
        .isEqualTo(Turn.Next.POLL);
    assertThat(persistence.persist("gone", 1)).isEqualTo(Turn.end());
  }

  @Test
  void persist_shouldFinish_whenTheTaskChangedDuringTheCopy() {
    var task = due();
    stack.faults.at(
        Moment.BEFORE,
        "complete",
        () ->
            stack.writer.recordId(
                task.id(),
                task.generation(),
                new Turn.Unrecorded(1, "rw-second"),
                stack.clock,
                stack.settings));

    follow(task);

    assertThat(stack.task(task.id()).status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(opened).hasSize(1);
  }
}
