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
        wiring -> new SubmitHandler(submission(wiring)), TaskStatus.QUEUED, Rehearsal.STEP);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var step = Json.MAPPER.readValue(input, StepInput.class);
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      LogContext.task(step.id(), step.generation());
      var turn =
          submission.submit(
              step.id(),
              step.generation(),
              () -> Duration.ofMillis(context.getRemainingTimeInMillis()));
      Json.MAPPER.writeValue(output, turn);
    }
  }
}
