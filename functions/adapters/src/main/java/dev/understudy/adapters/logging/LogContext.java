package dev.understudy.adapters.logging;

import org.slf4j.MDC;

/**
 * What every log line of an invocation carries: its request and, once known, its task. A handler
 * opens one around all it does:
 *
 * <pre>{@code
 * try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
 *   LogContext.task(id, generation);
 *   ...
 * }
 * }</pre>
 */
public final class LogContext implements AutoCloseable {

  static final String REQUEST = "requestId";
  private static final String TASK = "taskId";
  private static final String GENERATION = "generation";

  private LogContext() {}

  /**
   * Begins the lines of an invocation.
   *
   * @param requestId Lambda's id of it
   */
  public static LogContext ofInvocation(String requestId) {
    MDC.clear();
    MDC.put(REQUEST, requestId);
    return new LogContext();
  }

  /**
   * Names the task that the following lines are about; one that handles several names each in turn.
   *
   * @param id the task
   * @param generation the execution's generation of it
   */
  public static void task(String id, int generation) {
    MDC.put(TASK, id);
    MDC.put(GENERATION, Integer.toString(generation));
  }

  /**
   * Names the task that a caller asks for, which need not exist.
   *
   * @param id the id
   */
  public static void task(String id) {
    MDC.put(TASK, id);
  }

  /** Lambda reuses the thread, so nothing may stay behind. */
  @Override
  public void close() {
    MDC.clear();
  }
}
