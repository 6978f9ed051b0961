package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** One test's part of the stack: the folders that it uploads, whose books are compared after it. */
final class Scenario {
  /** PollMinSeconds of the stack that these tests need. */
  private static final Duration LEAST_BETWEEN_POLLS = Duration.ofSeconds(1);

  final Stack stack;
  private final List<Folder> folders = new CopyOnWriteArrayList<>();

  Scenario(Stack stack) {
    this.stack = stack;
  }

  /** A folder of its own, with a seed of its own; the name is made unique. */
  Folder folder(String name) {
    long seed = stack.newSeed();
    return folderExactly(name + "-" + seed, seed);
  }

  /** A folder of exactly this name. */
  Folder folderExactly(String name, long seed) {
    Folder folder = new Folder(stack, name, seed);
    folders.add(folder);
    return folder;
  }

  /**
   * Holds the provider's ledger against the table: no charge without a task, never two for one, no
   * id that is not the provider's, no two questions too close together.
   */
  void compareBooks() {
    for (Folder folder : folders) {
      List<JsonNode> tasks = folder.tasks();
      Ledger ledger = folder.ledger();
      Map<String, List<Ledger.Entry>> ofTask =
          ledger.tasks().stream().collect(Collectors.groupingBy(Ledger.Entry::taskId));
      assertThat(ofTask.keySet())
          .as("what the provider rendered for %s is a task in the table", folder)
          .isSubsetOf(tasks.stream().map(task -> task.path("id").asText()).toList());
      for (JsonNode task : tasks) {
        compare(task, ofTask.getOrDefault(task.path("id").asText(), List.of()));
      }
      ledger
          .tasks()
          .forEach(entry ->
              assertThat(entry.leastGap())
                  .as("time between two GETs of %s for %s", entry.id(), folder)
                  .isGreaterThanOrEqualTo(LEAST_BETWEEN_POLLS));
    }
  }

  private static void compare(JsonNode task, List<Ledger.Entry> atProvider) {
    String id = task.path("id").asText();
    List<String> charged =
        atProvider.stream().filter(Ledger.Entry::charged).map(Ledger.Entry::id).toList();
    assertThat(charged).as("charges of task %s", id).hasSizeLessThanOrEqualTo(1);
    List<JsonNode> attempts = task.path("attempts").valueStream().toList();
    List<String> known =
        attempts.stream()
            .filter(attempt -> attempt.has("providerTaskId"))
            .map(attempt -> attempt.path("providerTaskId").asText())
            .toList();
    assertThat(charged)
        .as("task %s knows only ids that the provider charged", id)
        .containsAll(known);
    long unknown =
        attempts.stream()
            .filter(attempt -> attempt.path("charge").asText().equals("UNKNOWN"))
            .filter(attempt -> !attempt.has("providerTaskId"))
            .count();
    assertThat((long) charged.size() - known.size())
        .as("charges of task %s whose id it does not know are attempts that say so", id)
        .isLessThanOrEqualTo(unknown);
  }
}
