package dev.understudy.core.performance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.inputs.There;
import dev.understudy.core.json.CanonicalJson;
import dev.understudy.core.media.MediaKind;
import dev.understudy.core.request.Issue;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.request.RequestDraft;
import dev.understudy.core.request.RequestReader;
import dev.understudy.core.request.RequestReading;
import dev.understudy.core.request.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/character_performance}, Runway's and our tags. It can be followed as
 * far as can be said without its files.
 *
 * @param character who is to be seen
 * @param reference who is acting
 * @param request the performance asked for
 * @param tags the caller's words for the task
 * @param canonical the body such that equal requests are equal texts; it may hold signed addresses
 */
public record PerformanceOrder(
    Asset character, Asset reference, RequestDraft request, List<String> tags, String canonical) {

  /** Copies the list. */
  public PerformanceOrder {
    tags = List.copyOf(tags);
  }

  @Override
  public String toString() {
    return "PerformanceOrder[withheld]";
  }

  /**
   * An input as the body names it.
   *
   * @param role {@code character} or {@code reference}
   * @param kind what it is said to be
   * @param uri where it is said to be; never logged
   */
  public record Asset(String role, MediaKind kind, String uri) {
    @Override
    public String toString() {
      return "Asset[%s, %s]".formatted(role, kind);
    }
  }

  /** What reading a body comes to. */
  public sealed interface Read {

    /** It can be followed. */
    record Good(PerformanceOrder order) implements Read {}

    /** What is wrong with it, all of it. */
    record Wrong(List<Issue> issues) implements Read {}
  }

  /** Reads a body. */
  public static Read read(ObjectNode body) {
    return new Reader(body).read();
  }

  private static final class Reader {

    private static final Set<String> FIELDS = Set.of(There.CHARACTER, There.REFERENCE, "tags");

    private final ObjectNode body;
    private final List<Issue> issues = new ArrayList<>();

    Reader(ObjectNode body) {
      this.body = body;
    }

    Read read() {
      if (!body.has("model")) {
        issue("model is missing: write %s.".formatted(PerformanceRequest.ACT_TWO), "model");
      }
      var character = asset(There.CHARACTER, MediaKind.IMAGE, MediaKind.VIDEO);
      var reference = asset(There.REFERENCE, MediaKind.VIDEO);
      var tags = tags();
      var reading = RequestReader.read(body, FIELDS);
      if (reading instanceof RequestReading.Bad bad) {
        issues.addAll(bad.issues());
      }
      return issues.isEmpty()
              && reading instanceof RequestReading.Good good
              && character != null
              && reference != null
          ? new Read.Good(
              new PerformanceOrder(
                  character, reference, good.draft(), tags, CanonicalJson.of(body)))
          : new Read.Wrong(List.copyOf(issues));
    }

    private @Nullable Asset asset(String role, MediaKind... kinds) {
      var types = Arrays.stream(kinds).map(k -> '"' + k.word() + '"').toList();
      var value = body.get(role);
      if (value == null || !value.isObject()) {
        issue(
            "%s must be an object with type and uri, such as {\"type\": %s, \"uri\": \"https://…\"}%s"
                .formatted(
                    role,
                    types.getFirst(),
                    value == null
                        ? ", but is missing."
                        : ", found %s.".formatted(RequestReader.shown(value))),
            role);
        return null;
      }
      for (var field : (Iterable<String>) value::fieldNames) {
        if (!field.equals("type") && !field.equals("uri")) {
          issue(
              "%s has no field of this name: it takes type and uri.".formatted(role), role, field);
        }
      }
      var kind = kind(role, value.get("type"), types, kinds);
      var uri = uri(role, value.get("uri"));
      return kind == null || uri == null ? null : new Asset(role, kind, uri);
    }

    private @Nullable MediaKind kind(
        String role, @Nullable JsonNode type, List<String> types, MediaKind... kinds) {
      if (type != null && type.isTextual()) {
        for (var kind : kinds) {
          if (kind.word().equals(type.textValue())) {
            return kind;
          }
        }
      }
      issue(
          "%s.type must be %s, %s.".formatted(role, String.join(" or ", types), found(type)),
          role,
          "type");
      return null;
    }

    private @Nullable String uri(String role, @Nullable JsonNode uri) {
      if (uri == null || !uri.isTextual() || uri.textValue().isBlank()) {
        issue(
            "%s.uri must be the address of the file, %s.".formatted(role, found(uri)), role, "uri");
        return null;
      }
      return uri.textValue();
    }

    private static String found(@Nullable JsonNode value) {
      return value == null ? "but is missing" : "found " + RequestReader.shown(value);
    }

    private List<String> tags() {
      return switch (Tags.read(body.get("tags"))) {
        case Tags.Reading.Good good -> good.tags();
        case Tags.Reading.Bad bad -> {
          if (bad.index() == null) {
            issue(bad.sentence(), "tags");
          } else {
            issue(bad.sentence(), "tags", Integer.toString(bad.index()));
          }
          yield List.of();
        }
      };
    }

    private void issue(String sentence, String... path) {
      issues.add(new Issue(List.of(path), sentence));
    }
  }
}
