package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody who subscribed to the topic reads. */
@EndToEnd
@Needs("NOTIFICATIONS_TOPIC_ARN")
class NotificationsIT {

  @Test
  void topic_shouldSayThatATaskEndedAndThatAPersonIsNeeded_andNothingElse(Scenario scenario)
      throws Exception {
    // given
    try (var topic = new Topic(Stack.variable("NOTIFICATIONS_TOPIC_ARN"))) {
      Folder ends = scenario.folder("told-end");
      Folder waits = scenario.folder("told-unknown");
      waits.fault("submit", "reset-after-acceptance");

      // when
      ends.orderSample();
      waits.orderSample();
      ends.awaitStatus("SUCCEEDED");
      waits.awaitStatus("SUBMISSION_UNKNOWN");
      String ended = ends.task().path("id").asText();
      String unknown = waits.task().path("id").asText();

      // then one sentence about each
      Folder.patiently("both are told")
          .until(() ->
              !about(ended, topic.messages()).isEmpty()
                  && !about(unknown, topic.messages()).isEmpty());
      String stack = Stack.variable("STACK_NAME");
      assertThat(about(ended, topic.messages()))
          .containsOnly(
              "\"%s: the task %s of default is SUCCEEDED (charged: yes). The video %s is in the bucket.\""
                  .formatted(stack, ended, ends.outputs("reference__character.mp4")));
      assertThat(about(unknown, topic.messages()))
          .hasSize(1)
          .first()
          .asString()
          .startsWith(
              "\"%s: a person is needed for the task %s of default, which is SUBMISSION_UNKNOWN (charged: unknown). It is not known whether"
                  .formatted(stack, unknown));
    }
  }

  private static List<String> about(String taskId, List<String> messages) {
    return messages.stream().filter(message -> message.contains(taskId)).toList();
  }
}
