package dev.understudy.poll;

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

/** The poll function: {@code {id, generation, unrecorded?}} in, what follows out. */
public final class PollHandler implements RequestStreamHandler {

  private final Polling polling;

  /** As Lambda makes it. */
  public PollHandler() {
    this(polling(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(PollHandler::rehearsal);
  }

  PollHandler(Polling polling) {
    this.polling = polling;
  }

  private static Polling polling(Wiring wiring) {
    return new Polling(
        wiring.store(),
        wiring.writer(),
        wiring.provider(),
        wiring.apiKey(),
        wiring.admission(),
        wiring.announcer(),
        wiring.settings(),
        wiring.clock(),
        wiring.random());
  }

  /** What it plays before a snapshot: a made-up task is being rendered. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> new PollHandler(polling(wiring)), TaskStatus.SUBMITTED, Rehearsal.STEP);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var step = Json.MAPPER.readValue(input, StepInput.class);
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      LogContext.task(step.id(), step.generation());
      Json.MAPPER.writeValue(output, polling.poll(step.id(), step.generation(), step.unrecorded()));
    }
  }
}
