package dev.understudy.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.adapters.Rehearsal;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The api function: all routes of the HTTP API, called by API Gateway with payload format 2.0
 * (docs/adr/013).
 */
public final class ApiHandler implements RequestStreamHandler {

  private final Api api;

  /** As Lambda makes it. */
  public ApiHandler() {
    this(api(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(ApiHandler::rehearsal);
  }

  ApiHandler(Api api) {
    this.api = api;
  }

  private static Api api(Wiring wiring) {
    return new Api(
        new Authentication(wiring.tokens(), wiring.clock()),
        Routes.of(
            new Routes.Parts(
                wiring.store(),
                wiring.taskIndex(),
                wiring.writer(),
                wiring.admission(),
                wiring.announcer(),
                wiring.bucket(),
                wiring.bucketName(),
                wiring.outputLinks(),
                wiring.uploadForms(),
                wiring.settings(),
                wiring.clock(),
                wiring.random())),
        LogContext::task);
  }

  /** What it plays before a snapshot: a task is ordered, looked at and listed. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> new ApiHandler(api(wiring)),
        TaskStatus.QUEUED,
        call(
            "POST",
            "/v1/character_performance",
            """
            {"model":"act_two","character":{"type":"image","uri":"https://example.com/c.png"},\
            "reference":{"type":"video","uri":"https://example.com/r.mp4"},"ratio":"1280:720"}\
            """),
        call("GET", "/v1/tasks/" + Rehearsal.TASK, ""),
        call("GET", "/v1/tasks", ""));
  }

  private static String call(String method, String path, String body) {
    var event = Json.MAPPER.createObjectNode().put("rawPath", path).put("rawQueryString", "");
    event
        .putObject("headers")
        .put("authorization", "Bearer " + Rehearsal.TOKEN)
        .put("content-type", "application/json")
        .put("x-stainless-retry-count", "0");
    event.putObject("requestContext").putObject("http").put("method", method).put("path", path);
    return event.put("body", body).toString();
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      output.write(HttpEvent.write(answer(input, context.getAwsRequestId())));
    }
  }

  private Answer answer(InputStream input, String requestId) {
    try {
      return api.answer(HttpEvent.read(input), requestId);
    } catch (Refused e) {
      return Api.refusal(e);
    }
  }
}
