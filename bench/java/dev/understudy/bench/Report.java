package dev.understudy.bench;

import dev.understudy.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a benchmark found: tables for people, and claims with what they must reach. */
public final class Report {

  /**
   * A claim.
   *
   * @param what what is claimed
   * @param measured what was found
   * @param sign ≤ or ≥
   * @param limit what it must not go over, or under
   * @param passed whether it was kept
   */
  public record Claim(String what, double measured, String sign, double limit, boolean passed) {}

  /**
   * A table.
   *
   * @param head its columns
   * @param rows its cells
   */
  public record Table(List<String> head, List<List<String>> rows) {}

  /**
   * Points of one line in a plot.
   *
   * @param name what the line is
   * @param points x and y
   */
  public record Line(String name, List<double[]> points) {}

  private final List<Table> tables = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();

  /** Begins a table; rows are added to it until the next one. */
  public Report table(String... head) {
    tables.add(new Table(List.of(head), new ArrayList<>()));
    return this;
  }

  /** Adds a row; numbers are shown with up to three figures behind the point. */
  public Report row(Object... cells) {
    tables.getLast().rows().add(List.of(cells).stream().map(Report::shown).toList());
    return this;
  }

  /** Claims that something is not above a limit. */
  public Report atMost(String what, double measured, double limit) {
    claims.add(new Claim(what, measured, "≤", limit, measured <= limit));
    return this;
  }

  /** Claims that something is not below a limit. */
  public Report atLeast(String what, double measured, double limit) {
    claims.add(new Claim(what, measured, "≥", limit, measured >= limit));
    return this;
  }

  /** Adds a line to the plot. */
  public Report line(String name, List<double[]> points) {
    lines.add(new Line(name, points));
    return this;
  }

  /** The claims. */
  public List<Claim> claims() {
    return List.copyOf(claims);
  }

  /** Prints all of it as one line of JSON, for bench/performance.py. */
  public void print() throws IOException {
    var json = Json.MAPPER.createObjectNode();
    json.set("tables", Json.MAPPER.valueToTree(tables));
    json.set("claims", Json.MAPPER.valueToTree(claims));
    json.set("lines", Json.MAPPER.valueToTree(lines));
    System.out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static String shown(Object cell) {
    return cell instanceof Double number
        ? String.format(Locale.ROOT, "%.3f", number).replaceAll("\\.?0+$", "")
        : String.valueOf(cell);
  }
}
