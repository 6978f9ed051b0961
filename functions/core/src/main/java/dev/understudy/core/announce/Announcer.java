package dev.understudy.core.announce;

import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.Events;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people of a task's last change: its folder's status.json and an event. Whoever wrote the
 * change tries at once; the table remembers it until it was done, and reconcile repeats it. So it
 * happens at least once, and an event may come twice: its id and version say so.
 */
public final class Announcer {

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  private final TaskStore store;
  private final StatusPage statusPage;
  private final Events events;

  /** Wires the rule to the table, the bucket's status pages and the event bus. */
  public Announcer(TaskStore store, StatusPage statusPage, Events events) {
    this.store = store;
    this.statusPage = statusPage;
    this.events = events;
  }

  /**
   * Tells of the task's last change; a failure is logged and left to reconcile.
   *
   * @return whether all was told
   */
  public boolean announce(Task task) {
    try {
      if (task.order() != null) {
        statusPage.write(task.order().formKey());
      }
      events.publish(TaskEvent.of(task));
      store.announced(task.id(), task.version());
      return true;
    } catch (UnderstudyException e) {
      log.warn("Task {} was not announced; reconcile repeats it. {}", task.id(), e.sentence());
      return false;
    } catch (RuntimeException e) { // whoever wrote the change goes on: its work is done
      log.error("Task {} was not announced; reconcile repeats it.", task.id(), e);
      return false;
    }
  }
}
