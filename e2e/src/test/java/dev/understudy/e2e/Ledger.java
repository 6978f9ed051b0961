package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the provider knows and charged: the truth that our records are held against.
 *
 * @param json as its admin API answers
 */
record Ledger(JsonNode json) {
  private static final Pattern PINNED = Pattern.compile("/inputs/([0-9a-f-]{36})/");

  /**
   * A task at the provider.
   *
   * @param id the provider's
   * @param taskId ours, told by the pinned input that it fetched and by none of our records; empty
   *     for inputs of a caller
   * @param charged whether it was paid
   * @param gets when it was asked for
   */
  record Entry(String id, String taskId, boolean charged, List<Instant> gets) {
    /** The least time between two questions; a long one where there were none. */
    Duration leastGap() {
      Duration least = Duration.ofDays(1);
      for (int i = 1; i < gets.size(); i++) {
        Duration gap = Duration.between(gets.get(i - 1), gets.get(i));
        least = gap.compareTo(least) < 0 ? gap : least;
      }
      return least;
    }
  }

  List<Entry> tasks() {
    Set<String> charged =
        json.path("charges")
            .valueStream()
            .map(charge -> charge.path("providerTaskId").asText())
            .collect(Collectors.toSet());
    return json.path("tasks")
        .valueStream()
        .map(task -> {
          String id = task.path("id").asText();
          Matcher pinned = PINNED.matcher(task.path("character").asText());
          return new Entry(
              id,
              pinned.find() ? pinned.group(1) : "",
              charged.contains(id),
              task.path("gets").valueStream().map(at -> Instant.parse(at.asText())).toList());
        })
        .toList();
  }

  int charges() {
    return json.path("charges").size();
  }

  /** One for each POST that arrived: accepted, a refusal with its status, or a fault's name. */
  List<String> submits() {
    return json.path("submits").valueStream().map(one -> one.path("outcome").asText()).toList();
  }

  /** The most tasks that were unfinished at the provider at once. */
  int mostAtOnce() {
    return json.path("maxConcurrent").asInt();
  }
}
