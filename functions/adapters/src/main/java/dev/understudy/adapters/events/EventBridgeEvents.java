package dev.understudy.adapters.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.Events;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/** Puts events on the account's default bus. Needs {@code events:PutEvents}. */
public final class EventBridgeEvents implements Events {

  /** The source that rules match. */
  public static final String SOURCE = "understudy";

  /** The detail type that rules match. */
  public static final String DETAIL_TYPE = "Understudy Task Changed";

  private final EventBridgeClient bridge;
  private final String stateMachineArn;

  /**
   * @param bridge its client
   * @param stateMachineArn named as the event's resource: by it a rule knows the events of this
   *     stack from those of another one in the same account
   */
  public EventBridgeEvents(EventBridgeClient bridge, String stateMachineArn) {
    this.bridge = bridge;
    this.stateMachineArn = stateMachineArn;
  }

  @Override
  public void publish(TaskEvent event) {
    var entry =
        PutEventsRequestEntry.builder()
            .source(SOURCE)
            .detailType(DETAIL_TYPE)
            .resources(stateMachineArn)
            .time(event.at())
            .detail(json(event))
            .build();
    var purpose = "take event %d of task %s".formatted(event.version(), event.taskId());
    try {
      var answer = bridge.putEvents(request -> request.entries(entry));
      if (answer.failedEntryCount() > 0) {
        var refused = answer.entries().getFirst();
        throw new Unavailable(
            "EventBridge did not %s (%s: %s)."
                .formatted(purpose, refused.errorCode(), refused.errorMessage()));
      }
    } catch (SdkException e) {
      throw ServiceFailure.of(e, "EventBridge", purpose);
    }
  }

  private static String json(TaskEvent event) {
    try {
      return Json.MAPPER.writeValueAsString(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An event of this shape always has a JSON form.", e);
    }
  }
}
