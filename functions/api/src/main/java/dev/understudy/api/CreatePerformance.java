package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.performance.Ordered;
import dev.understudy.core.performance.PerformanceDesk;
import dev.understudy.core.performance.PerformanceOrder;
import dev.understudy.core.replay.Send;
import dev.understudy.core.request.Issue;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/character_performance}: orders a performance, or with {@code ?validate=true} says
 * what ordering would come to.
 */
final class CreatePerformance implements Action {

  private static final Logger log = LoggerFactory.getLogger(CreatePerformance.class);

  private static final int LONGEST_KEY = 255;

  /** The official SDKs count the sends of a call in it; what is longer is no count of theirs. */
  private static final Pattern RETRY_COUNT = Pattern.compile("[0-9]{1,9}");

  /** The SDKs then repeat nothing: what may have had an effect would have it once more. */
  private static final Map<String, String> NO_RETRY = Map.of("x-should-retry", "false");

  private final PerformanceDesk desk;
  private final int priceCents;

  /**
   * @param priceCents the price of one task; a credit of Runway costs one US cent
   */
  CreatePerformance(PerformanceDesk desk, int priceCents) {
    this.desk = desk;
    this.priceCents = priceCents;
  }

  /** A price as Runway names it. */
  private record Cost(int credits) {}

  /** The answer to an order. */
  private record Created(String id, Cost estimatedCost) {}

  /** The answer to what was only asked. */
  private record Valid(boolean valid, Cost estimatedCost, Outlook understudy) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Outlook(
      Would would, String sentence, @Nullable String taskId, List<String> warnings) {}

  private enum Would {
    START,
    WAIT,
    REPLAY
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    boolean onlyAsked = onlyAsked(call);
    var order =
        switch (PerformanceOrder.read(JsonBody.object(call))) {
          case PerformanceOrder.Read.Good good -> good.order();
          case PerformanceOrder.Read.Wrong wrong -> throw Refused.of(wrong.issues());
        };
    var send =
        Send.of(
            caller.tenant(),
            order.canonical(),
            order.request().seed() != null,
            idempotencyKey(call),
            retryCount(call));
    if (onlyAsked) {
      return answer(desk.preview(caller.tenant(), order, send));
    }
    try {
      return answer(desk.order(caller.tenant(), order, send));
    } catch (Refused e) {
      throw e;
    } catch (RuntimeException e) {
      throw send instanceof Send.Single ? notToBeRepeated(e) : e;
    }
  }

  private Answer answer(Ordered ordered) {
    var cost = new Cost(priceCents);
    return switch (ordered) {
      case Ordered.Accepted accepted -> Answer.ok(new Created(accepted.task().id(), cost));
      case Ordered.Replayed replayed ->
          Answer.ok(new Created(replayed.task().id(), cost)).with("idempotent-replayed", "true");
      case Ordered.WouldStart would ->
          valid(new Outlook(Would.START, would.sentence(), null, would.warnings()));
      case Ordered.WouldWait would ->
          valid(new Outlook(Would.WAIT, would.sentence(), null, would.warnings()));
      case Ordered.WouldReplay would ->
          valid(
              new Outlook(
                  Would.REPLAY, would.sentence(), would.task().id(), would.task().warnings()));
      case Ordered.Unusable unusable -> throw Refused.of(unusable.issues());
      case Ordered.OverCap over -> throw new Refused(402, over.sentence());
      case Ordered.Conflict conflict ->
          throw new Refused(409, conflict.sentence(), List.of(), NO_RETRY);
    };
  }

  private Answer valid(Outlook outlook) {
    return Answer.ok(new Valid(true, new Cost(priceCents), outlook));
  }

  /** Anything but the two words might order what was only to be looked at, or the reverse. */
  private static boolean onlyAsked(Call call) {
    return switch (call.parameter("validate").orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw Parameters.refused(
              "validate", "validate must be true, to order nothing, or false, to order.");
    };
  }

  private static @Nullable String idempotencyKey(Call call) {
    var key = call.header("idempotency-key").orElse(null);
    if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
      throw refused(
          "Idempotency-Key",
          "The header Idempotency-Key must have 1 to %d characters.".formatted(LONGEST_KEY));
    }
    return key;
  }

  private static @Nullable Integer retryCount(Call call) {
    var count = call.header("x-stainless-retry-count").orElse(null);
    if (count == null) {
      return null;
    }
    if (!RETRY_COUNT.matcher(count).matches()) {
      throw refused(
          "X-Stainless-Retry-Count",
          "The header X-Stainless-Retry-Count must be a whole number: leave it to the SDK.");
    }
    return Integer.valueOf(count);
  }

  private static Refused refused(String header, String sentence) {
    return new Refused(400, sentence, List.of(Issue.at(header, sentence)), Map.of());
  }

  /** It may be stored, and nothing in a repeat would tell that it is one. */
  private static Refused notToBeRepeated(RuntimeException failure) {
    log.error("An order that cannot be repeated safely was not answered.", failure);
    return failure instanceof Unavailable
        ? new Refused(
            503,
            "The service cannot answer just now, and the task may be accepted or not: look at GET /v1/tasks before ordering again, or order with an Idempotency-Key.",
            List.of(),
            Map.of("x-should-retry", "false", "retry-after", "2"))
        : new Refused(
            500,
            "Something went wrong on our side, and the task may be accepted or not: look at GET /v1/tasks before ordering again, or order with an Idempotency-Key.",
            List.of(),
            NO_RETRY);
  }
}
