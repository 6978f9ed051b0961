package dev.understudy.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
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
