package dev.understudy.reconcile;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.adapters.Rehearsal;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.json.Json;
import dev.understudy.core.task.StepInput;
import dev.understudy.core.task.Turn;
import dev.understudy.core.watch.Gauges;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconcile function. It is called by the schedule (any event that is none of the others), by
 * the state machine's Repair ({@code {id, generation, error, cause}}) and by the event of an
 * execution that failed, timed out or was aborted.
 */
public final class ReconcileHandler implements RequestStreamHandler {

  private static final Logger log = LoggerFactory.getLogger(ReconcileHandler.class);

  private static final String EXECUTION_ENDED = "Step Functions Execution Status Change";

  /** {@code <task id>-<generation>}; the names that AWS gives end in twelve digits or letters. */
  private static final Pattern EXECUTION_NAME = Pattern.compile("(.+)-(\\d{1,9})");

  private final Reconciliation reconciliation;
  private final Gauges gauges;

  /** As Lambda makes it. */
  public ReconcileHandler() {
    this(Wiring.fromEnvironment());
    Rehearsal.beforeSnapshot(ReconcileHandler::rehearsal);
  }

  private ReconcileHandler(Wiring wiring) {
    this(reconciliation(wiring), wiring.gauges());
  }

  ReconcileHandler(Reconciliation reconciliation, Gauges gauges) {
    this.reconciliation = reconciliation;
    this.gauges = gauges;
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

  /** What it plays before a snapshot: it is called, and nothing is due. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> new ReconcileHandler(wiring), null, "{\"source\":\"aws.scheduler\"}");
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var requestId = context.getAwsRequestId();
    var event = Json.MAPPER.readTree(input);
    if (event.hasNonNull("id") && event.hasNonNull("generation")) {
      repair(Json.MAPPER.treeToValue(event, StepInput.class), requestId);
    } else if (EXECUTION_ENDED.equals(event.path("detail-type").asText())) {
      execution(event.path("detail")).ifPresent(step -> repair(step, requestId));
    } else {
      try (var _ = LogContext.ofInvocation(requestId)) {
        reconciliation.run(() -> Duration.ofMillis(context.getRemainingTimeInMillis()));
        gauges.tell();
      }
    }
    Json.MAPPER.writeValue(output, Turn.end());
  }

  private void repair(StepInput step, String requestId) {
    try (var _ = LogContext.ofInvocation(requestId)) {
      LogContext.task(step.id(), step.generation());
      reconciliation.repair(
          step.id(),
          step.generation(),
          step.unrecorded(),
          step.error() == null ? "unnamed" : step.error());
    }
  }

  /** Empty for an execution that a person started under a name of their own: it moves no task. */
  private static Optional<StepInput> execution(JsonNode detail) {
    var name = EXECUTION_NAME.matcher(detail.path("name").asText());
    if (!name.matches()) {
      log.warn("An execution that is not named <task id>-<generation> failed; it is left alone.");
      return Optional.empty();
    }
    return Optional.of(
        new StepInput(
            name.group(1),
            Integer.parseInt(name.group(2)),
            null,
            detail.path("status").asText(),
            null));
  }
}
