package dev.understudy.submit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.adapters.Rehearsal;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.StepInput;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.Supplier;

/** The submit function: {@code {id, generation}} in, what follows out. */
public final class SubmitHandler implements RequestStreamHandler {

  private final Submission submission;

  /** As Lambda makes it. */
  public SubmitHandler() {
    this(submission(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(SubmitHandler::rehearsal);
  }

  SubmitHandler(Submission submission) {
    this.submission = submission;
  }

  private static Submission submission(Wiring wiring) {
    return new Submission(
        wiring.store(),
        wiring.writer(),
        wiring.provider(),
        wiring.signer(),
        wiring.apiKey(),
        wiring.admission(),
        wiring.announcer(),
        wiring.settings(),
        wiring.clock());
  }

  /** What it plays before a snapshot: a made-up task is submitted. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> {
          var handler = new SubmitHandler(submission(wiring));
          return (input, output) ->
              handler.handle(input, output, "rehearsal", () -> Duration.ofMinutes(15));
        },
        TaskStatus.QUEUED,
        Rehearsal.STEP);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    handle(
        input,
        output,
        context.getAwsRequestId(),
        () -> Duration.ofMillis(context.getRemainingTimeInMillis()));
  }

  private void handle(
      InputStream input, OutputStream output, String requestId, Supplier<Duration> timeLeft)
      throws IOException {
    var step = Json.MAPPER.readValue(input, StepInput.class);
    try (var _ = LogContext.ofInvocation(requestId)) {
      LogContext.task(step.id(), step.generation());
      var turn = submission.submit(step.id(), step.generation(), timeLeft);
      Json.MAPPER.writeValue(output, turn);
    }
  }
}
