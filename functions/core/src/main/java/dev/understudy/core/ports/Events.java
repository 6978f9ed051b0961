package dev.understudy.core.ports;

import dev.understudy.core.announce.TaskEvent;

/** Publishes events about tasks. */
public interface Events {

  /**
   * Publishes one event; consumers dedupe on its id and version.
   *
   * @throws dev.understudy.core.errors.Unavailable when it could not be published
   */
  void publish(TaskEvent event);
}
