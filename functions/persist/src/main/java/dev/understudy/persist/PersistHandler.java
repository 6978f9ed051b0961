package dev.understudy.persist;

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

/** The persist function: {@code {id, generation}} in, what follows out. */
public final class PersistHandler implements RequestStreamHandler {

  private final Persistence persistence;

  /** As Lambda makes it. */
  public PersistHandler() {
    this(persistence(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(PersistHandler::rehearsal);
  }

  PersistHandler(Persistence persistence) {
    this.persistence = persistence;
  }

  private static Persistence persistence(Wiring wiring) {
    return new Persistence(
        wiring.store(),
        wiring.writer(),
        wiring.provider(),
        wiring.apiKey(),
        new Delivery(wiring.bucket(), wiring.downloads()),
        wiring.announcer(),
        wiring.settings(),
        wiring.clock());
  }

  /** What it plays before a snapshot: a made-up task is asked for, whose video is not named. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> new PersistHandler(persistence(wiring)), TaskStatus.PERSISTING, Rehearsal.STEP);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var step = Json.MAPPER.readValue(input, StepInput.class);
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      LogContext.task(step.id(), step.generation());
      Json.MAPPER.writeValue(output, persistence.persist(step.id(), step.generation()));
    }
  }
}
