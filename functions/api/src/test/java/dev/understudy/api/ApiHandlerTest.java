package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ApiHandlerTest {

  private final TestApi api = new TestApi();

  @Test
  void handleRequest_shouldShowTheTask_whenTheEventIsTheGateways() {
    var task = api.stack.waiting();
    var event = TestApi.event("api-get-task.json");
    event.put("rawPath", "/v1/tasks/" + task.id());

    var reply = api.send(event);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers())
        .containsEntry("content-type", "application/json")
        .containsEntry("cache-control", "no-store");
    assertThat(reply.json().path("id").asText()).isEqualTo(task.id());
    assertThat(reply.json().path("status").asText()).isEqualTo("THROTTLED");
  }
}
