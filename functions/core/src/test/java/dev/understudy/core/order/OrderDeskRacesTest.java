package dev.understudy.core.order;

import static dev.understudy.core.testing.TestStack.there;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.Task;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What comes in between two calls of a look at an order: newer uploads, deletions, a kill. */
class OrderDeskRacesTest {

  private static final String FORM = "incoming/a/task.json";
  private static final String CHARACTER = "incoming/a/character.png";
  private static final String REFERENCE = "incoming/a/reference.mp4";
  private static final byte[] FOUR_SECONDS = Clips.mp4(Duration.ofSeconds(4));
  private static final byte[] NINE_SECONDS = Clips.mp4(Duration.ofSeconds(9));

  private final TestStack stack = new TestStack();

  private void put(String key, byte[] content) {
    stack.clock.advance(Duration.ofSeconds(1));
    stack.bucket.upload(key, content);
  }

  private void put(String json) {
    put(FORM, json.getBytes(StandardCharsets.UTF_8));
  }

  private void uploaded(String json) {
    put(json);
    stack.desk.uploaded(FORM);
  }

  private OrderDeskRacesTest withInputs() {
    put(CHARACTER, Clips.png());
    put(REFERENCE, FOUR_SECONDS);
    return this;
  }

  private JsonNode letter(String name) {
    try {
      return Json.MAPPER.readTree(stack.bucket.text("outputs/a/" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean has(String name) {
    return stack.bucket.keys().contains("outputs/a/" + name);
  }

  private Order order() {
    return stack.table.order(FORM).orElseThrow();
  }

  /** Runs what reconcile runs for orders, for ten minutes; S3 has sent a lost event again. */
  private void reconcile() {
    if (stack.table.orders().isEmpty()) {
      stack.desk.uploaded(FORM);
    }
    for (int i = 0; i < 10; i++) {
      stack.clock.advance(Duration.ofMinutes(1));
      var due = order().dueAt();
      if (due != null && !due.isAfter(stack.clock.instant())) {
        stack.desk.look(FORM);
      }
    }
  }

  /** What was pinned for a task is what was checked for it, both files. */
  private void assertPinnedIsWhatWasChecked(Task task) {
    for (var input : List.of(task.character(), task.reference())) {
      assertThat(TestStack.facts(pinned(input), input.name())).isEqualTo(input.facts());
    }
  }

  private byte[] pinned(Input input) {
    return stack.bucket.read(there(input.key()), 1 << 20).orElseThrow().content();
  }

  /** At every call that answering this form makes, before and after it. */
  private static Stream<DynamicTest> everywhere(
      String form, BiConsumer<OrderDeskRacesTest, Fault> test) {
    var dry = new OrderDeskRacesTest().withInputs();
    dry.stack.faults.reset();
    dry.uploaded(form);
    var calls = dry.stack.faults.calls();
    return Stream.of(Moment.values())
        .flatMap(moment ->
            IntStream.rangeClosed(1, calls.size())
                .mapToObj(call ->
                    dynamicTest(
                        "%s call %d, %s".formatted(moment, call, calls.get(call - 1)),
                        () -> {
                          var stand = new OrderDeskRacesTest().withInputs();
                          stand.stack.faults.reset();
                          test.accept(stand, new Fault(moment, call));
                        })));
  }

  private record Fault(Moment moment, int call) {}

  // ---- newer uploads

  @TestFactory
  Stream<DynamicTest> uploaded_shouldEndWithTheNewestForm_whereverItComesIn() {
    return everywhere(
        "{\"seed\":1}",
        (test, fault) -> {
          test.stack.faults.at(fault.moment(), fault.call(), () -> test.uploaded("{\"seed\":2}"));
          test.uploaded("{\"seed\":1}");
          test.reconcile();

          var takes = test.order().takes();
          assertThat(test.stack.task(takes.getLast().taskId()).request().seed()).isEqualTo(2);
          assertThat(test.stack.table.tasks())
              .extracting(t -> t.request().seed())
              .doesNotHaveDuplicates();
          assertThat(test.stack.table.tasks()).hasSameSizeAs(takes);
          assertThat(test.has("error.json")).isFalse();
          assertThat(test.letter("status.json").path("takes")).hasSameSizeAs(takes);
          assertThat(test.order().dueAt()).as("settled").isNull();
          test.stack.table.assertCountersAreRight();
        });
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldEndWithTheNewestFormsLetter_whereverABadOneComesIn() {
    return everywhere(
        "{\"seed\":1}",
        (test, fault) -> {
          test.stack.faults.at(fault.moment(), fault.call(), () -> test.uploaded("{\"seed\":-1}"));
          test.uploaded("{\"seed\":1}");
          test.reconcile();

          assertThat(test.letter("error.json").path("error").asText()).contains("found -1");
          assertThat(test.order().state()).isEqualTo(Order.State.ANSWERED);
          assertThat(test.order().dueAt()).as("settled").isNull();
        });
  }

  @Test
  void uploaded_shouldKeepTheNewestFormsLetter_whenTheSameOrderWasUploadedBefore() {
    withInputs();
    uploaded("{}");
    put("{}");
    stack.faults.at(Moment.BEFORE, "delete", () -> uploaded("{\"seed\":-1}"));

    stack.desk.uploaded(FORM);

    assertThat(letter("error.json").path("error").asText()).contains("found -1");
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldPinWhatItChecked_whereverAFileIsReplaced() {
    return everywhere(
        "{}",
        (test, fault) -> {
          test.stack.faults.at(
              fault.moment(),
              fault.call(),
              () -> {
                test.put(REFERENCE, NINE_SECONDS);
                test.stack.desk.uploaded(REFERENCE);
              });
          test.put("{}");
          try {
            test.stack.desk.uploaded(FORM);
          } catch (Unavailable | IllegalStateException replacedWhileItWasRead) {
            test.stack.desk.uploaded(FORM); // Lambda tries an event again
          }
          test.reconcile();

          assertThat(test.stack.table.tasks()).hasSize(1);
          test.assertPinnedIsWhatWasChecked(test.stack.table.tasks().getFirst());
        });
  }

  @Test
  void uploaded_shouldKeepWhatItPinned_whenAnotherLookPinsANewerFileAndDies() {
    withInputs();
    stack.faults.at(
        Moment.BEFORE,
        "accept",
        () -> {
          put(REFERENCE, NINE_SECONDS);
          assertThatThrownBy(() -> deskThatCannotAccept().look(FORM))
              .isInstanceOf(Unavailable.class);
        });

    uploaded("{}");

    var task = stack.table.tasks().getFirst();
    assertThat(pinned(task.reference())).isEqualTo(FOUR_SECONDS);
    assertPinnedIsWhatWasChecked(task);
  }

  private OrderDesk deskThatCannotAccept() {
    var store =
        (TaskStore)
            Proxy.newProxyInstance(
                TaskStore.class.getClassLoader(),
                new Class<?>[] {TaskStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("accept")) {
                    throw TestStack.unavailable();
                  }
                  try {
                    return method.invoke(stack.table, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new OrderDesk(
        store,
        stack.bucket,
        stack.announcer,
        stack.statusPage,
        stack.admission,
        stack.settings,
        stack.clock,
        stack.random);
  }

  @Test
  void uploaded_shouldNotOrderAnOldFormAgain_whenANewerOneWasAnsweredMeanwhile() {
    withInputs();
    uploaded("{\"seed\":1}");
    // a late event: it has read the first form when the next order, with another file, is answered
    stack.faults.at(
        Moment.AFTER,
        "read",
        () -> {
          put(REFERENCE, NINE_SECONDS);
          uploaded("{\"seed\":2}");
        });

    stack.desk.uploaded(FORM);

    assertThat(stack.table.tasks()).extracting(t -> t.request().seed()).containsOnlyOnce(1L, 2L);
    assertThat(stack.table.tasks()).hasSize(2);
  }

  @Test
  void uploaded_shouldNotRefuseAnOldForm_whenANewerOneWasAcceptedMeanwhile() {
    withInputs();
    stack.faults.at(Moment.AFTER, "read", () -> uploaded("{\"seed\":1}"));

    uploaded("{\"seed\":-1}");

    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(has("error.json")).isFalse();
    assertThat(order().state()).isEqualTo(Order.State.ACCEPTED);
  }

  @Test
  void look_shouldGiveUpForNow_whenTheFileIsReplacedAgainAndAgain() {
    withInputs();
    replaceBeforeEveryCopy(50);

    uploaded("{}");

    assertThat(stack.table.tasks()).isEmpty();
    assertThat(order().dueAt()).as("reconcile looks again").isNotNull();
    stack.faults.reset();
    reconcile();
    assertThat(stack.table.tasks()).hasSize(1);
  }

  private void replaceBeforeEveryCopy(int times) {
    if (times > 0) {
      stack.faults.at(
          Moment.BEFORE,
          "copy",
          () -> {
            put(CHARACTER, Clips.png());
            put(REFERENCE, Clips.mp4(Duration.ofSeconds(4), "cut " + times));
            replaceBeforeEveryCopy(times - 1);
          });
    }
  }

  // ---- deletions

  @Test
  void look_shouldSayThatAnOrderIsWithdrawn_whenItNeverHadATake() {
    uploaded("{}");
    assertThat(letter("status.json").path("note").asText()).startsWith("The order waits");
    stack.bucket.delete(FORM);

    stack.desk.uploaded(FORM);

    assertThat(letter("status.json").path("note").asText()).contains("withdrawn");
    assertThat(order().dueAt()).isNull();
  }

  @Test
  void look_shouldSayThatAnOrderIsWithdrawn_whenItWasKilledBeforeItCould() {
    uploaded("{}");
    stack.bucket.delete(FORM);
    stack.faults.crashAt(Moment.AFTER, "write order");
    assertThatThrownBy(() -> stack.desk.uploaded(FORM)).isInstanceOf(Crash.class);
    stack.faults.reset();

    reconcile();

    assertThat(letter("status.json").path("note").asText()).contains("withdrawn");
    assertThat(order().dueAt()).isNull();
  }

  @Test
  void look_shouldFinishAnAcceptedOrder_whenItsFormIsDeletedBeforeItCould() {
    withInputs();
    uploaded("{\"seed\":-1}");
    put("{}");
    stack.faults.crashAt(Moment.AFTER, "accept");
    assertThatThrownBy(() -> stack.desk.uploaded(FORM)).isInstanceOf(Crash.class);
    stack.faults.reset();
    stack.bucket.delete(FORM);

    reconcile();

    assertThat(stack.table.tasks()).hasSize(1);
    assertThat(has("error.json")).isFalse();
    assertThat(letter("status.json").path("takes")).hasSize(1);
    assertThat(order().dueAt()).as("not due for ever").isNull();
  }

  // ---- kills on the other ways through

  @TestFactory
  Stream<DynamicTest> uploaded_shouldRefuse_whereverItIsKilled() {
    return killed(
        "{\"seed\":-1}",
        test -> {
          assertThat(test.letter("error.json").path("error").asText()).contains("found -1");
          assertThat(test.stack.table.tasks()).isEmpty();
        });
  }

  @TestFactory
  Stream<DynamicTest> uploaded_shouldAnswerADryRun_whereverItIsKilled() {
    return killed(
        "{\"dryRun\":true}",
        test -> {
          assertThat(test.letter("dryrun.json").path("ok").asBoolean()).isTrue();
          assertThat(test.stack.table.tasks()).isEmpty();
          assertThat(test.stack.bucket.keys()).noneMatch(k -> k.startsWith("inputs/"));
        });
  }

  private static Stream<DynamicTest> killed(String form, Consumer<OrderDeskRacesTest> then) {
    return everywhere(
        form,
        (test, fault) -> {
          test.stack.faults.crashAt(fault.moment(), fault.call());
          test.put(form);
          assertThatThrownBy(() -> test.stack.desk.uploaded(FORM)).isInstanceOf(Crash.class);
          test.stack.faults.reset();

          test.reconcile();

          then.accept(test);
          assertThat(test.order().state()).isEqualTo(Order.State.ANSWERED);
          assertThat(test.order().dueAt()).as("settled").isNull();
          assertThat(test.has("status.json")).isTrue();
        });
  }

  // ---- what would keep an order from ever being answered

  @Test
  void uploaded_shouldRefuse_halfACharacter() {
    withInputs();
    uploaded("{\"output\":\"\\ud83d\"}");
    assertThat(letter("error.json").path("error").asText()).contains("half a character");

    uploaded("{\"tags\":[\"\\udc00\"]}");
    assertThat(letter("error.json").path("error").asText()).contains("half a character");

    uploaded("{\"output\":\"\\ud83d\\ude00\"}");
    assertThat(stack.table.tasks()).extracting(Task::deliverTo).containsExactly("outputs/a/😀.mp4");
  }

  @Test
  void uploaded_shouldFindItsInputs_besideThousandsOfFilesInFoldersBelow() {
    for (int i = 0; i < 3000; i++) {
      stack.bucket.upload("incoming/a/Cuts/%04d.mp4".formatted(i), new byte[0]);
    }
    withInputs();

    uploaded("{}");

    assertThat(stack.table.tasks()).hasSize(1);
  }
}
