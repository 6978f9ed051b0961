package dev.understudy.core.announce;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.Folders;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.task.Task;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code outputs/<folder>/status.json}: the takes of a folder, the newest first, each with where it
 * is in words. What is written is read consistently after the page itself was read, and the page is
 * replaced only if it still is the one read: so the last writer's page is never older than the
 * table.
 */
public final class StatusPage {

  /** The newest takes that a page lists. */
  private static final int LISTED = 50;

  private static final int TRIES = 10;
  private static final int LONGEST_KEY = 1024;
  private static final int LONGEST_PAGE = 1_000_000;

  private final TaskStore store;
  private final Bucket bucket;

  /** Wires the page to the table and the bucket. */
  public StatusPage(TaskStore store, Bucket bucket) {
    this.store = store;
    this.bucket = bucket;
  }

  /**
   * Writes the page of the folder of this form.
   *
   * @throws Unavailable when it could not be read or written
   */
  public void write(String formKey) {
    var key = Folders.outputs(Folders.of(formKey)) + "status.json";
    if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY) {
      return; // an order of such a folder is refused for it, and error.json still fits
    }
    for (int i = 0; i < TRIES; i++) {
      var old = bucket.read(key, LONGEST_PAGE);
      var order = store.order(formKey);
      if (order.isEmpty()) {
        return;
      }
      var page = render(order.get());
      if (old.isPresent() && Arrays.equals(old.get().content(), page)) {
        return;
      }
      var eTag = old.map(content -> content.object().eTag()).orElse(null);
      if (bucket.putIfUnchanged(key, page, "application/json", eTag)) {
        return;
      }
    }
    throw new Unavailable("The status page kept changing while it was to be written; try again.");
  }

  private byte[] render(Order order) {
    var newest = new ArrayList<>(order.takes());
    Collections.reverse(newest);
    var listed = newest.subList(0, Math.min(LISTED, newest.size()));
    var tasks =
        store.findAll(listed.stream().map(Order.Take::taskId).toList()).stream()
            .collect(Collectors.toMap(Task::id, Function.identity()));
    List<Map<String, Object>> takes = new ArrayList<>();
    for (var take : listed) {
      var task = tasks.get(take.taskId());
      if (task != null) {
        takes.add(line(take, task));
      }
    }
    var page = new LinkedHashMap<String, Object>();
    page.put("takes", takes);
    page.put("note", order.note());
    return Json.document(page);
  }

  private static Map<String, Object> line(Order.Take take, Task task) {
    var line = new LinkedHashMap<String, Object>();
    line.put("take", take.take());
    line.put("taskId", task.id());
    line.put("status", task.status().name());
    line.put("stalled", task.stall() != null);
    line.put("sentence", task.sentence());
    line.put("output", task.output() == null ? null : task.output().key());
    line.put("charged", task.charged());
    line.put("updatedAt", task.updatedAt().toString());
    return line;
  }
}
