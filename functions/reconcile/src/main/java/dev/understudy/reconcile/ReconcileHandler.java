package dev.understudy.reconcile;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.StepInput;
import dev.understudy.core.task.Turn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/**
 * The reconcile function. It is called by the schedule (any event that is none of the others), by
 * the state machine's Repair ({@code {id, generation, error, cause}}) and by the event of an
 * execution that failed, timed out or was aborted.
 */
public final class ReconcileHandler implements RequestStreamHandler {

  private static final String EXECUTION_ENDED = "Step Functions Execution Status Change";

  private final Reconciliation reconciliation;

  /** As Lambda makes it. */
  public ReconcileHandler() {
    this(reconciliation(Wiring.fromEnvironment()));
  }

  ReconcileHandler(Reconciliation reconciliation) {
    this.reconciliation = reconciliation;
  }

  private static Reconciliation reconciliation(Wiring wiring) {
    return new Reconciliation(
        wiring.store(),
        wiring.writer(),
        wiring.executions(),
        wiring.admission(),
        wiring.announcer(),
        wiring.orderDesk(),
        wiring.settings(),
        wiring.clock());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    var event = Json.MAPPER.readTree(input);
    if (event.hasNonNull("id") && event.hasNonNull("generation")) {
      repair(Json.MAPPER.treeToValue(event, StepInput.class), context);
    } else if (EXECUTION_ENDED.equals(event.path("detail-type").asText())) {
      repair(execution(event.path("detail")), context);
    } else {
      try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
        reconciliation.run(() -> Duration.ofMillis(context.getRemainingTimeInMillis()));
      }
    }
    Json.MAPPER.writeValue(output, Turn.end());
  }

  private void repair(StepInput step, Context context) {
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      LogContext.task(step.id(), step.generation());
      reconciliation.repair(
          step.id(), step.generation(), step.unrecorded(), step.error() == null ? "unnamed" : step.error());
    }
  }

  /** An execution's name is {@code <task id>-<generation>}. */
  private static StepInput execution(JsonNode detail) {
    var name = detail.path("name").asText();
    int dash = name.lastIndexOf('-');
    return new StepInput(
        name.substring(0, dash), Integer.parseInt(name.substring(dash + 1)), null, detail.path("status").asText(), null);
  }
}
