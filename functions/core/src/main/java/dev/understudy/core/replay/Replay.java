package dev.understudy.core.replay;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is remembered of the sends of one order, so that a repeat of it is answered with the task
 * that it made already. It is a value, stored over the revision it was made from.
 *
 * @param key the tenant and a hash of what makes two calls the same order
 * @param body a hash of the body that was sent with it
 * @param tasks the ids of the tasks that it made, in order
 * @param sends how many sends there were with each retry count of the client
 * @param forgottenAt from when on it counts for nothing
 * @param rev raised with every write
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Replay(
    String key,
    String body,
    List<String> tasks,
    Map<String, Integer> sends,
    Instant forgottenAt,
    long rev) {

  /** Copies the collections. */
  public Replay {
    tasks = List.copyOf(tasks);
    sends = Map.copyOf(sends);
  }
}
