package dev.understudy.api;

import dev.understudy.core.request.Issue;
import java.util.List;
import java.util.Map;

/**
 * A call that is answered with an error: {@code {"error": sentence, "issues": [...]}}, Runway's own
 * shape.
 */
@SuppressWarnings("serial") // never serialized
final class Refused extends RuntimeException {

  private final int status;
  private final String sentence;
  private final transient List<Issue> issues;
  private final transient Map<String, String> headers;

  /**
   * @param status the HTTP status
   * @param sentence what is wrong and what to do
   */
  Refused(int status, String sentence) {
    this(status, sentence, List.of(), Map.of());
  }

  /**
   * @param issues what is wrong with the body, all of it
   * @param headers to answer with
   */
  Refused(int status, String sentence, List<Issue> issues, Map<String, String> headers) {
    super(sentence, null, false, false);
    this.status = status;
    this.sentence = sentence;
    this.issues = List.copyOf(issues);
    this.headers = Map.copyOf(headers);
  }

  /** A body that cannot be used: the first sentence, and all of them with their places. */
  static Refused of(List<Issue> issues) {
    var first = issues.getFirst().message();
    return new Refused(
        400,
        issues.size() == 1
            ? first
            : "%s (and %d more: see issues)".formatted(first, issues.size() - 1),
        issues,
        Map.of());
  }

  static Refused noSuchTask() {
    return new Refused(
        404, "There is no such task: it never existed, was deleted, or is another tenant's.");
  }

  int status() {
    return status;
  }

  List<Issue> issues() {
    return issues;
  }

  Map<String, String> headers() {
    return headers;
  }

  String sentence() {
    return sentence;
  }
}
