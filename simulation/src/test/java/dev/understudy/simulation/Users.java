package dev.understudy.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.InMemoryBucket;
import dev.understudy.simulation.Invocation.Function;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * People with a bucket: they upload files and forms in any order, late, wrong and then mended,
 * again, changed, and take them back. S3 tells of everything at least once, at some time.
 */
final class Users {

  private static final byte[] STILL = Clips.png();
  private static final byte[] CLIP = Clips.mp4(Duration.ofSeconds(4));
  private static final byte[] TOO_SHORT = Clips.mp4(Duration.ofSeconds(1));

  private final World world;
  private final Chaos chaos;
  private final Functions functions;
  private final Watch watch;
  private final InMemoryBucket bucket;

  /** By folder, what was ordered in it: the forms that could become a task. */
  private final Map<String, Set<String>> wanted = new HashMap<>();

  Users(World world, Chaos chaos, Functions functions, Watch watch, InMemoryBucket bucket) {
    this.world = world;
    this.chaos = chaos;
    this.functions = functions;
    this.watch = watch;
    this.bucket = bucket;
  }

  /** Orders one shot, somehow. */
  void order(int number, boolean plainly) {
    var folder = "shot%d".formatted(number);
    int way = plainly ? 0 : world.fate.nextInt(12);
    var form =
        way == 1 ? "{\"reference\":\"%s\"}".formatted(Clients.theirs(folder + ".mp4")) : "{}";
    var files = new ArrayList<Runnable>();
    files.add(
        () -> put(folder, way == 2 ? "character.mp4" : "character.png", way == 2 ? CLIP : STILL));
    if (way != 1) {
      files.add(() -> put(folder, "reference.mp4", way == 3 ? TOO_SHORT : CLIP));
    }
    files.add(() -> form(folder, form));
    if (!plainly) {
      Collections.shuffle(files, new Random(world.fate.nextLong()));
    }
    var pause = Duration.ZERO;
    for (var file : files) {
      world.in(pause, file);
      pause =
          pause.plus(
              plainly
                  ? Duration.ofSeconds(1)
                  : world.upTo(Duration.ofSeconds(way == 4 ? 1200 : 5)));
    }
    var later = pause.plus(world.upTo(Duration.ofMinutes(way == 5 ? 0 : 20)));
    switch (way) {
      case 3 -> { // mended
        world.in(later, () -> put(folder, "reference.mp4", CLIP));
        world.in(later.plusSeconds(5), () -> form(folder, form));
      }
      case 5, 6 -> world.in(later, () -> form(folder, form)); // the same again
      case 7 -> world.in(later, () -> form(folder, "{\"seed\":%d}".formatted(number))); // a take
      case 8 -> world.in(later, () -> delete(folder));
      default -> {}
    }
  }

  private void put(String folder, String name, byte[] content) {
    var key = "incoming/%s/%s".formatted(folder, name);
    bucket.upload(key, content);
    tell(key);
  }

  private void form(String folder, String form) {
    wanted.computeIfAbsent(folder, f -> new HashSet<>()).add(form);
    world.say(() -> "a user uploads the form of %s: %s".formatted(folder, form));
    put(folder, "task.json", form.getBytes(StandardCharsets.UTF_8));
  }

  private void delete(String folder) {
    world.say(() -> "a user deletes the form of " + folder);
    var key = "incoming/%s/task.json".formatted(folder);
    bucket.delete(key);
    tell(key);
  }

  /** S3's event of a key: sometimes late, sometimes twice. */
  private void tell(String key) {
    boolean late = chaos.on && world.chance(0.05);
    if (late) {
      chaos.count("upload event late", taskOf(key));
    }
    deliver(key, world.upTo(late ? Duration.ofMinutes(40) : Duration.ofSeconds(1)));
    if (chaos.on && world.chance(0.15)) {
      chaos.count("upload event twice", taskOf(key));
      deliver(
          key, world.upTo(world.fate.nextBoolean() ? Duration.ofSeconds(1) : Duration.ofHours(1)));
    }
  }

  private @Nullable String taskOf(String key) {
    var order = watch.orders.get(key.substring(0, key.lastIndexOf('/') + 1) + "task.json");
    return order == null ? null : order.taskId();
  }

  private void deliver(String key, Duration in) {
    var event = Json.MAPPER.createObjectNode();
    var s3 = event.putArray("Records").addObject().putObject("s3");
    s3.putObject("bucket").put("name", "understudy");
    s3.putObject("object").put("key", key);
    world.in(in, () -> ingest(event, key, 2));
  }

  /** Lambda tries an event twice more, then gives up on it. */
  private void ingest(JsonNode event, String key, int more) {
    functions.invoke(
        Function.INGEST,
        event,
        taskOf(key),
        outcome -> {
          if (outcome instanceof Outcome.Failed && more > 0) {
            world.in(Duration.ofMinutes(3L - more), () -> ingest(event, key, more - 1));
          }
        });
  }

  /** A person who has heard nothing of an order uploads its form again. */
  void askAgain() {
    for (var key : bucket.keys()) {
      if (key.endsWith("/task.json")) {
        var order = watch.orders.get(key);
        var form = bucket.text(key);
        boolean unheard =
            order == null
                || bucket
                    .head(key)
                    .filter(o -> !o.lastModified().equals(order.formModified()))
                    .isPresent();
        if (unheard) {
          form(key.split("/")[1], form);
        }
      }
    }
  }

  /** Orders and their tasks against what was wanted. */
  void check(Invariants invariants) {
    for (var order : watch.orders.values()) {
      var folder = order.formKey().split("/")[1];
      int most = wanted.getOrDefault(folder, Set.of()).size();
      long tasks =
          watch.tasks.values().stream()
              .filter(t -> t.order() != null && t.order().formKey().equals(order.formKey()))
              .count();
      invariants.oneTaskPerOrder(order, most, tasks);
      invariants.everyOrderIsAnswered(order);
    }
  }
}
