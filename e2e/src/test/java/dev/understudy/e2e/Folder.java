package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;

/**
 * A folder as a user has it: what is uploaded below {@code incoming/} and what comes of it below
 * {@code outputs/}.
 */
final class Folder {
  /** Generous, for a machine with two cores and other things to do; most waits take seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private static final Set<String> ENDS = Set.of("SUCCEEDED", "FAILED", "CANCELLED");

  final String name;

  /** The seed of its forms, and with it the name of its faults at the provider. */
  final long seed;

  private final Stack stack;

  Folder(Stack stack, String name, long seed) {
    this.stack = stack;
    this.name = name;
    this.seed = seed;
  }

  // What the user uploads

  /** Uploads a file, with the content type that a tool would guess from its name. */
  Folder put(String file, byte[] content) {
    stack.put(incoming(file), contentType(file), content);
    return this;
  }

  /** Uploads both files of the sample. */
  Folder putSample() {
    return put("character.png", Media.character()).put("reference.mp4", Media.reference());
  }

  /**
   * Uploads the form alone: it names the sample elsewhere below {@code incoming/}, which spares the
   * machine a function per file.
   */
  Folder orderSample(String... fields) {
    String[] all = Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = "\"character\": \"%scharacter.png\"".formatted(Stack.SAMPLE);
    all[fields.length + 1] = "\"reference\": \"%sreference.mp4\"".formatted(Stack.SAMPLE);
    return order(all);
  }

  /**
   * Uploads the form: this folder's seed and, before it, more fields, such as {@code "tags": []}.
   */
  Folder order(String... fields) {
    String more = fields.length == 0 ? "" : String.join(", ", fields) + ", ";
    return form("{%s\"seed\": %d}".formatted(more, seed));
  }

  /** Uploads a form with exactly this text. */
  Folder form(String text) {
    return put("task.json", text.getBytes(StandardCharsets.UTF_8));
  }

  /** S3 dates uploads in whole seconds, and only the date tells a form from the same form again. */
  void awaitNextSecond() {
    long first = Instant.now().getEpochSecond();
    patiently("the next second").until(() -> Instant.now().getEpochSecond() > first);
  }

  String incoming(String file) {
    return "incoming/" + name + "/" + file;
  }

  String outputs(String file) {
    return "outputs/" + name + "/" + file;
  }

  // What the user finds

  Optional<JsonNode> document(String file) {
    return stack.object(outputs(file)).map(object -> Stack.json(object.asByteArray()));
  }

  JsonNode awaitDocument(String file) {
    return until("%s has %s".formatted(this, file), () -> document(file)).orElseThrow();
  }

  /** The newest take in {@code status.json}, once it is accepted. */
  Optional<JsonNode> newestTake() {
    return document("status.json")
        .map(page -> page.path("takes").path(0))
        .filter(JsonNode::isObject);
  }

  /** Waits until the newest take is in this status, and fails as soon as it cannot get there. */
  JsonNode awaitStatus(String status) {
    return until(
            "the newest take of %s is %s".formatted(this, status),
            () -> {
              Optional<JsonNode> take = newestTake();
              String now = take.map(t -> t.path("status").asText()).orElse("");
              if (!now.equals(status) && ENDS.contains(now)) {
                throw new AssertionError(
                    "%s is %s and not %s: %s".formatted(this, now, status, take.orElseThrow()));
              }
              if (take.isEmpty()) {
                document("error.json")
                    .ifPresent(error -> {
                      throw new AssertionError("%s was refused: %s".formatted(this, error));
                    });
              }
              return take.filter(_ -> now.equals(status));
            })
        .orElseThrow();
  }

  /** Waits until {@code status.json} says this of the folder. */
  void awaitNote(String words) {
    until(
        "status.json of %s says '%s'".formatted(this, words),
        () -> document("status.json").filter(page -> page.path("note").asText().contains(words)));
  }

  // What the owner of the stack finds

  /** The order as it is stored. */
  Optional<JsonNode> orderItem() {
    return stack.item("ORDER#" + incoming("task.json"), "ORDER");
  }

  /** The tasks that were ordered in this folder, the oldest first. */
  List<JsonNode> tasks() {
    return orderItem().stream()
        .flatMap(order -> order.path("takes").valueStream())
        .map(take -> stack.task(take.path("taskId").asText()))
        .toList();
  }

  /** The only task that was ordered. */
  JsonNode task() {
    List<JsonNode> tasks = tasks();
    assertThat(tasks).as("tasks of %s", this).hasSize(1);
    return tasks.getFirst();
  }

  /** Waits until the only task is as wished. */
  JsonNode awaitTask(String wish, Predicate<JsonNode> wished) {
    return until(
            "the task of %s %s".formatted(this, wish),
            () -> tasks().stream().findFirst().filter(wished))
        .orElseThrow();
  }

  /** What the provider knows of this folder's seed. */
  Ledger ledger() {
    return stack.provider.ledger(seed);
  }

  void fault(String on, String action, Object... more) {
    stack.provider.fault(seed, on, action, more);
  }

  /**
   * Waits until there is an answer.
   *
   * @param what for the message when there is none
   */
  <T> Optional<T> until(String what, Callable<Optional<T>> answer) {
    return patiently(what).until(answer, Optional::isPresent);
  }

  static ConditionFactory patiently(String what) {
    return await(what)
        .atMost(PATIENCE)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(300));
  }

  private static String contentType(String file) {
    String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (ending) {
      case "png" -> "image/png";
      case "jpg", "jpeg" -> "image/jpeg";
      case "gif" -> "image/gif";
      case "webp" -> "image/webp";
      case "mp4" -> "video/mp4";
      case "mov" -> "video/quicktime";
      case "json" -> "application/json";
      default -> "application/octet-stream";
    };
  }

  @Override
  public String toString() {
    return "folder " + (name.length() > 60 ? name.substring(0, 60) + "…" : name);
  }
}
