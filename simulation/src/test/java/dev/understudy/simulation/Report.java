package dev.understudy.simulation;

import dev.understudy.core.task.Edge;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What many histories met: for people, and for what must not be missing. */
final class Report {

  /** Why some faults cannot meet some statuses; reviewed, one line each. */
  static final Path REASONS = Path.of("simulation", "empty-cells.txt");

  private record Reason(Pattern kind, Pattern status) {}

  private final Tally tally;
  private final Duration took;

  Report(Tally tally, Duration took) {
    this.tally = tally;
    this.took = took;
  }

  double faultsPerHistory() {
    return (double) tally.faults / tally.histories;
  }

  double withPost() {
    return (double) tally.withPost / tally.histories;
  }

  String summary() {
    return """
    %,d histories in %d s: %.0f a second
    per history: %.1f faults, %.1f tasks, %.1f POSTs, %.1f charges, %.0f calls
    reached a POST: %.1f %%
    edges: %d of %d
    kinds of faults: %d; the table fault x status is in target/simulation.txt\
    """
        .formatted(
            tally.histories,
            took.toSeconds(),
            tally.histories * 1e9 / took.toNanos(),
            faultsPerHistory(),
            (double) tally.tasks / tally.histories,
            (double) tally.posts / tally.histories,
            (double) tally.charges / tally.histories,
            (double) tally.calls / tally.histories,
            withPost() * 100,
            edges().size() - edgesMissed().size(),
            edges().size(),
            tally.byFault.size());
  }

  void write(Path file) {
    var text = new StringBuilder(summary()).append("\n\n%-34s".formatted("fault"));
    for (var status : statuses()) {
      text.append("%12s".formatted(status.length() > 11 ? status.substring(0, 11) : status));
    }
    text.append('\n');
    tally.byFault.forEach((kind, row) -> {
      text.append("%-34s".formatted(kind));
      statuses().forEach(s -> text.append("%12s".formatted(row.containsKey(s) ? row.get(s) : ".")));
      text.append('\n');
    });
    text.append('\n');
    tally.edges.forEach((edge, n) -> text.append("%,12d  %s%n".formatted(n, edge)));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> statuses() {
    var statuses = new ArrayList<String>();
    statuses.add("-");
    Arrays.stream(TaskStatus.values()).map(Enum::name).forEach(statuses::add);
    return statuses;
  }

  /** All edges that the table of edges allows. */
  private static List<String> edges() {
    var edges = new ArrayList<String>();
    for (var from : TaskStatus.values()) {
      for (var to : TaskStatus.values()) {
        if (from != to && Edge.allowed(from, to, false)) {
          edges.add(from + " > " + to);
        }
        if (Edge.allowed(from, to, true)) {
          edges.add(from + " > " + to + " (next attempt)");
        }
      }
    }
    return edges;
  }

  List<String> edgesMissed() {
    return edges().stream().filter(edge -> !tally.edges.containsKey(edge)).toList();
  }

  /** Cells of the table that are empty for no reason on record. */
  List<String> cellsWithoutReason() {
    var reasons = reasons();
    var missing = new ArrayList<String>();
    for (var kind : new TreeSet<>(tally.byFault.keySet())) {
      Map<String, Long> row = tally.byFault.getOrDefault(kind, Map.of());
      for (var status : statuses()) {
        boolean known =
            reasons.stream()
                .anyMatch(
                    r -> r.kind.matcher(kind).matches() && r.status.matcher(status).matches());
        if (!row.containsKey(status) && !known) {
          missing.add(kind + " | " + status);
        }
      }
    }
    return missing;
  }

  private static List<Reason> reasons() {
    try {
      return Files.readAllLines(REASONS).stream()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split("\\s\\|\\s"))
          .map(part ->
              new Reason(Pattern.compile(part[0].strip()), Pattern.compile(part[1].strip())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
