package dev.understudy.core.statemachine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * What a Task state calls: the stand-in for one Lambda function.
 *
 * <p>A {@link RuntimeException} thrown by it becomes a failed call whose error name is the
 * exception's class, as the Lambda runtime for Java reports it.
 */
@FunctionalInterface
public interface TaskFunction {
  /**
   * Runs the function once.
   *
   * @param payload what the state sends
   * @param at when the call begins
   */
  Outcome call(JsonNode payload, Instant at);
}
