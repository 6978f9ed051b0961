package dev.understudy.core.performance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.replay.Send;
import dev.understudy.core.task.Task;
import dev.understudy.core.testing.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stack with a performance desk, and what a client sends to it. */
final class Counter {

  static final String BUCKET = "our-bucket";

  static final String HTTPS =
      """
      {"model":"act_two",
       "character":{"type":"image","uri":"https://example.com/hero.png"},
       "reference":{"type":"video","uri":"https://example.com/scene.mp4"}}\
      """;

  final TestStack stack;
  final PerformanceDesk desk;

  Counter(TestStack stack) {
    this.stack = stack;
    this.desk =
        new PerformanceDesk(
            stack.table,
            stack.table,
            stack.bucket,
            BUCKET,
            stack.admission,
            stack.settings,
            stack.clock,
            stack.random);
  }

  /** A body with these addresses. */
  static String body(String characterType, String character, String reference) {
    return """
    {"model":"act_two",
     "character":{"type":"%s","uri":"%s"},
     "reference":{"type":"video","uri":"%s"}}\
    """
        .formatted(characterType, character, reference);
  }

  static PerformanceOrder order(String body) {
    return switch (read(body)) {
      case PerformanceOrder.Read.Good good -> good.order();
      case PerformanceOrder.Read.Wrong wrong -> throw new AssertionError(wrong);
    };
  }

  static PerformanceOrder.Read read(String body) {
    try {
      return PerformanceOrder.read((ObjectNode) Json.MAPPER.readTree(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One send, with a key or a retry count or neither. */
  Ordered send(String tenant, String body, @Nullable String key, @Nullable Integer count) {
    var order = order(body);
    return desk.order(
        tenant,
        order,
        Send.of(tenant, order.canonical(), order.request().seed() != null, key, count));
  }

  Ordered send(String body) {
    return send("studio", body, null, null);
  }

  Task accepted(Ordered ordered) {
    assertThat(ordered).isInstanceOf(Ordered.Accepted.class);
    return stack.task(((Ordered.Accepted) ordered).task().id());
  }

  /** The task that an answer names. */
  static String id(Ordered ordered) {
    return switch (ordered) {
      case Ordered.Accepted accepted -> accepted.task().id();
      case Ordered.Replayed replayed -> replayed.task().id();
      case Ordered.WouldReplay would -> would.task().id();
      case Ordered.WouldStart would -> throw new AssertionError(would);
      case Ordered.WouldWait would -> throw new AssertionError(would);
      case Ordered.Unusable unusable -> throw new AssertionError(unusable);
      case Ordered.OverCap over -> throw new AssertionError(over);
      case Ordered.Conflict conflict -> throw new AssertionError(conflict);
    };
  }

  /** The keys of pinned inputs. */
  List<String> pinned() {
    return stack.bucket.keys().stream().filter(key -> key.startsWith("inputs/")).toList();
  }
}
