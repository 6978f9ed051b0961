package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.ScriptedDynamoDb.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.order.Order;
import dev.understudy.core.stack.Control;
import dev.understudy.core.task.Failure;
import dev.understudy.core.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class AttributesTest {

  @Test
  void whole_shouldLeaveNoAttributeOut_whenTheTaskGrows() throws ReflectiveOperationException {
    for (var component : Task.class.getRecordComponents()) {
      assertThat(component.getAccessor().invoke(Samples.whole()))
          .as("Samples.whole() has a value for %s", component.getName())
          .isNotNull()
          .isNotIn(0, 0L, false, List.of());
    }
  }

  @Test
  void read_shouldGiveTheSameTask_whenEveryAttributeIsSet() {
    var task = Samples.whole();

    var stored = Attributes.of(task);

    assertThat(Attributes.read(stored, Task.class)).isEqualTo(task);
    assertThat(stored.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Task.class.getRecordComponents()).map(c -> c.getName()).toList());
  }

  @Test
  void read_shouldGiveTheSameTask_whenOnlyTheNecessaryIsSet() {
    var task = Samples.accepted("t-1");

    assertThat(Attributes.read(Attributes.of(task), Task.class)).isEqualTo(task);
  }

  @Test
  void read_shouldGiveTheSameOrderAndControl() {
    var order = Samples.order(3, Order.State.WAITING, Samples.NOW);
    var control =
        new Control(
            4,
            2,
            true,
            false,
            null,
            "Out of credits.",
            Samples.NOW,
            Samples.NOW,
            1,
            2,
            Samples.NOW,
            3,
            "t-1",
            "t-0",
            Samples.NOW);

    assertThat(Attributes.read(Attributes.of(order), Order.class)).isEqualTo(order);
    assertThat(Attributes.read(Attributes.of(control), Control.class)).isEqualTo(control);
  }

  @Test
  void of_shouldLeaveOutWhatIsNull_alsoInNestedRecords() {
    var stored = Attributes.of(Samples.accepted("t-1"));

    assertThat(stored).doesNotContainKeys("dueAt", "writer", "providerTaskId", "stall", "order");
    assertThat(attribute(stored, "character").m()).containsOnlyKeys("key", "name");
    assertThat(attribute(stored, "attempts").l().getFirst().m())
        .isEqualTo(attributes("number", 1, "charge", "RESERVED", "cents", 40, "month", "2026-03"));
  }

  @Test
  void of_shouldGiveTextThatSortsAsTheTimes_whateverTheFractions() {
    var start = Instant.parse("2026-03-01T12:00:00Z");
    var times =
        Stream.of(0, 1, 10, 100, 999, 1_000, 1_001, 60_000, 31_000_000)
            .map(Duration::ofMillis)
            .map(start::plus)
            .toList();

    var texts = times.stream().map(Attributes::of).map(AttributeValue::s).toList();

    assertThat(texts).isSorted().allMatch(text -> text.length() == 24).doesNotHaveDuplicates();
    assertThat(texts.getFirst()).isEqualTo("2026-03-01T12:00:00.000Z");
    assertThat(texts.stream().map(Instant::parse)).isEqualTo(times);
  }

  @Test
  void read_shouldPassOverWhatANewerVersionAdded() {
    var task = Samples.whole();
    var stored = Attributes.of(task);
    stored.put("addedLater", AttributeValue.fromM(attributes("list", List.of(1, "x", true))));
    stored.put("set", AttributeValue.fromSs(List.of("a")));
    stored.put("bytes", AttributeValue.fromB(SdkBytes.fromUtf8String("x")));
    stored.put("nothing", AttributeValue.fromNul(true));
    var stall = new HashMap<>(attribute(stored, "stall").m());
    stall.put("addedLater", Attributes.of(1));
    stored.put("stall", AttributeValue.fromM(stall));

    assertThat(Attributes.read(stored, Task.class)).isEqualTo(task);
  }

  @Test
  void read_shouldNameTheItem_whenItCannotBeRead() {
    var stored = Attributes.of(Samples.accepted("t-1"));
    stored.putAll(Key.task("t-1").attributes());
    stored.put("status", Attributes.of("NEWER_STATUS"));

    assertThatThrownBy(() -> Attributes.read(stored, Task.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TASK#t-1")
        .hasMessageContaining("Task");
  }

  @Test
  void of_shouldKeepEmptyText() {
    assertThat(Attributes.of(new Failure("", "x")))
        .isEqualTo(attributes("code", "", "sentence", "x"));
  }

  private static AttributeValue attribute(Map<String, AttributeValue> item, String name) {
    return Objects.requireNonNull(item.get(name), name);
  }
}
