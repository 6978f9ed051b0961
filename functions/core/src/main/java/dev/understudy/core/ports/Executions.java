package dev.understudy.core.ports;

/** Starts executions of the state machine. */
public interface Executions {

  /**
   * Starts the execution of one generation of a task; one that exists already counts as started.
   *
   * @throws dev.understudy.core.errors.Unavailable when it could not be started
   */
  void start(String taskId, int generation);
}
