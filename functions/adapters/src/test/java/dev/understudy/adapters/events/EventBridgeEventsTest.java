package dev.understudy.adapters.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.adapters.RecordedAws;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventBridgeEventsTest {

  private static final TaskEvent EVENT =
      new TaskEvent(
          "0d9ee5c4",
          7,
          TaskStatus.SUBMITTED,
          Stall.Reason.values()[0],
          "It is rendered.",
          "yes",
          null,
          null,
          "default",
          List.of("scene 1"),
          null,
          Instant.parse("2026-11-21T06:00:00.5Z"),
          null,
          true);

  private final RecordedAws aws = new RecordedAws();
  private final EventBridgeEvents events =
      new EventBridgeEvents(aws.eventBridge(), "arn:aws:states:machine");

  @Test
  void publish_shouldPutOneEntryWithTheEventAsItsDetail() {
    aws.answer(200, "{\"FailedEntryCount\":0,\"Entries\":[{\"EventId\":\"1\"}]}");

    events.publish(EVENT);

    assertThat(aws.sent())
        .containsExactly(
            """
            POST https://events.eu-west-1.amazonaws.com/
            content-type: application/x-amz-json-1.1
            x-amz-target: AWSEvents.PutEvents

            {"Entries":[{"Time":1795240800.500,"Source":"understudy","Resources":["arn:aws:states:machine"],"DetailType":"Understudy Task Changed","Detail":\
            "{\\"taskId\\":\\"0d9ee5c4\\",\\"version\\":7,\\"status\\":\\"SUBMITTED\\",\\"stalled\\":\\"%s\\",\
            \\"sentence\\":\\"It is rendered.\\",\\"charged\\":\\"yes\\",\\"tenant\\":\\"default\\",\\"tags\\":[\\"scene 1\\"],\
            \\"at\\":\\"2026-11-21T06:00:00.500Z\\",\\"personNeeded\\":true}"}]}\
            """
                .formatted(Stall.Reason.values()[0]));
  }

  @Test
  void publish_shouldBeUnavailable_whenTheEntryWasNotTaken() {
    aws.answer(
        200,
        "{\"FailedEntryCount\":1,\"Entries\":[{\"ErrorCode\":\"ThrottlingException\",\"ErrorMessage\":\"Rate exceeded\"}]}");

    assertThatThrownBy(() -> events.publish(EVENT))
        .isInstanceOf(Unavailable.class)
        .hasMessage(
            "EventBridge did not take event 7 of task 0d9ee5c4 (ThrottlingException: Rate exceeded).");
  }

  @Test
  void publish_shouldBeUnavailable_whenTheServiceStaysAway() {
    aws.reset();

    assertThatThrownBy(() -> events.publish(EVENT)).isInstanceOf(Unavailable.class);
  }
}
