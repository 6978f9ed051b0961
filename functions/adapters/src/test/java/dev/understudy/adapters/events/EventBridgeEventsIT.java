package dev.understudy.adapters.events;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.understudy.adapters.RunningAws;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventBridgeEventsIT {

  @Test
  void publish_shouldBeTaken_whenTheEventHasEveryField() {
    var event =
        new TaskEvent(
            "id",
            1,
            TaskStatus.FAILED,
            null,
            "It ended, naïvely.",
            "no",
            "SAFETY",
            null,
            "default",
            List.of("a tag"),
            Instant.now());

    assertThatCode(() -> new EventBridgeEvents(RunningAws.eventBridge()).publish(event))
        .doesNotThrowAnyException();
  }
}
