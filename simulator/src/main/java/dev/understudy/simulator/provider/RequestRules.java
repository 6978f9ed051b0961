package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runway's schema of a character performance (runwayml/openapi, version 2024-11-06), as strict as
 * it is there: unknown properties are mistakes, nothing is converted, and all mistakes are told at
 * once.
 */
final class RequestRules {
  static final String MODEL = "act_two";
  private static final int MAX_URI = 2048;
  private static final long MAX_SEED = 4_294_967_295L;
  private static final Pattern IP_LITERAL = Pattern.compile("\\[.*|[0-9.]+");
  private static final List<String> ALL =
      List.of(
          "character",
          "reference",
          "bodyControl",
          "expressionIntensity",
          "seed",
          "model",
          "ratio",
          "contentModeration");
  private static final Set<String> REQUIRED = Set.of("character", "reference", "model");

  private final Settings settings;
  private final List<Issue> issues = new ArrayList<>();

  private RequestRules(Settings settings) {
    this.settings = settings;
  }

  /** Either mistakes or a request. */
  sealed interface Checked {
    record Valid(PerformanceRequest request) implements Checked {}

    record Invalid(List<Issue> issues) implements Checked {}
  }

  static Checked check(JsonNode body, Settings settings) {
    return new RequestRules(settings).all(body);
  }

  private Checked all(JsonNode body) {
    if (!body.isObject()) {
      issue(List.of(), "invalid_type", "Expected object, received " + typeOf(body));
      return new Checked.Invalid(issues);
    }
    onlyKnown(body, List.of(), ALL);
    for (String name : ALL) {
      if (!body.has(name) && (REQUIRED.contains(name) || settings.requireAllFields())) {
        issue(List.of(name), "invalid_type", "Required");
      }
    }
    MediaKind characterKind = kind(body.get("character"), "character");
    if (kind(body.get("reference"), "reference") == MediaKind.IMAGE) {
      issue(
          List.of("reference", "type"),
          "invalid_literal",
          "Invalid literal value, expected \"video\"");
    }
    URI character = uri(body.get("character"), "character");
    URI reference = uri(body.get("reference"), "reference");
    literal(body.get("model"), MODEL, "model");
    if (body.has("bodyControl") && !body.get("bodyControl").isBoolean()) {
      wrongType(List.of("bodyControl"), "boolean", body.get("bodyControl"));
    }
    whole(body.get("expressionIntensity"), "expressionIntensity", 1, 5);
    Long seed = whole(body.get("seed"), "seed", 0, MAX_SEED);
    Ratio ratio = ratio(body.get("ratio"));
    moderation(body.get("contentModeration"));
    if (!issues.isEmpty() || characterKind == null || character == null || reference == null) {
      return new Checked.Invalid(List.copyOf(issues));
    }
    return new Checked.Valid(
        new PerformanceRequest(character, characterKind, reference, ratio, seed, MODEL));
  }

  private void onlyKnown(JsonNode object, List<String> path, List<String> known) {
    List<String> unknown =
        StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false)
            .filter(name -> !known.contains(name))
            .toList();
    if (!unknown.isEmpty()) {
      issue(
          path,
          "unrecognized_keys",
          "Unrecognized key(s) in object: "
              + unknown.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ")));
    }
  }

  private @Nullable MediaKind kind(@Nullable JsonNode input, String name) {
    if (input == null) {
      return null;
    }
    if (!input.isObject()) {
      wrongType(List.of(name), "object", input);
      return null;
    }
    onlyKnown(input, List.of(name), List.of("type", "uri"));
    String type = text(input.get("type"), List.of(name, "type"));
    if (type == null) {
      return null;
    }
    Optional<MediaKind> kind =
        Arrays.stream(MediaKind.values()).filter(one -> one.label().equals(type)).findFirst();
    if (kind.isEmpty()) {
      oneOf(List.of(name, "type"), Stream.of("image", "video"), type);
    }
    return kind.orElse(null);
  }

  private @Nullable URI uri(@Nullable JsonNode input, String name) {
    if (input == null || !input.isObject()) {
      return null;
    }
    List<String> path = List.of(name, "uri");
    String text = text(input.get("uri"), path);
    if (text == null) {
      return null;
    }
    if (text.length() > MAX_URI) {
      issue(path, "too_big", "String must contain at most 2048 character(s)");
      return null;
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      issue(path, "custom", "Invalid URL");
      return null;
    }
    boolean plain = "http".equalsIgnoreCase(uri.getScheme()) && settings.allowHttp();
    if (!plain && !"https".equalsIgnoreCase(uri.getScheme())) {
      issue(path, "custom", "Only HTTPS URLs are allowed");
      return null;
    }
    String host = uri.getHost();
    if (host == null) {
      issue(path, "custom", "Invalid URL");
      return null;
    }
    if (!settings.allowHttp() && (IP_LITERAL.matcher(host).matches() || !host.contains("."))) {
      issue(path, "custom", "A domain name is required, not an IP address");
      return null;
    }
    return uri;
  }

  private Ratio ratio(@Nullable JsonNode node) {
    String text = node == null ? null : text(node, List.of("ratio"));
    if (text == null) {
      return Ratio.WIDE;
    }
    Optional<Ratio> ratio = Ratio.named(text);
    if (ratio.isEmpty()) {
      oneOf(List.of("ratio"), Arrays.stream(Ratio.values()).map(Ratio::label), text);
    }
    return ratio.orElse(Ratio.WIDE);
  }

  private void moderation(@Nullable JsonNode node) {
    if (node == null) {
      return;
    }
    if (!node.isObject()) {
      wrongType(List.of("contentModeration"), "object", node);
      return;
    }
    onlyKnown(node, List.of("contentModeration"), List.of("publicFigureThreshold"));
    List<String> path = List.of("contentModeration", "publicFigureThreshold");
    if (node.has("publicFigureThreshold")) {
      String text = text(node.get("publicFigureThreshold"), path);
      if (text != null && !text.equals("auto") && !text.equals("low")) {
        oneOf(path, Stream.of("auto", "low"), text);
      }
    }
  }

  private void literal(@Nullable JsonNode node, String expected, String name) {
    if (node != null && !(node.isTextual() && node.textValue().equals(expected))) {
      issue(
          List.of(name), "invalid_literal", "Invalid literal value, expected \"" + expected + "\"");
    }
  }

  private @Nullable Long whole(@Nullable JsonNode node, String name, long min, long max) {
    if (node == null) {
      return null;
    }
    List<String> path = List.of(name);
    if (!node.isNumber()) {
      wrongType(path, "number", node);
      return null;
    }
    if (!node.isIntegralNumber()) {
      issue(path, "invalid_type", "Expected integer, received float");
      return null;
    }
    BigInteger value = node.bigIntegerValue();
    if (value.compareTo(BigInteger.valueOf(min)) < 0) {
      issue(path, "too_small", "Number must be greater than or equal to " + min);
      return null;
    }
    if (value.compareTo(BigInteger.valueOf(max)) > 0) {
      issue(path, "too_big", "Number must be less than or equal to " + max);
      return null;
    }
    return value.longValueExact();
  }

  private @Nullable String text(@Nullable JsonNode node, List<String> path) {
    if (node == null) {
      issue(path, "invalid_type", "Required");
      return null;
    }
    if (!node.isTextual()) {
      wrongType(path, "string", node);
      return null;
    }
    return node.textValue();
  }

  private void oneOf(List<String> path, Stream<String> allowed, String received) {
    issue(
        path,
        "invalid_enum_value",
        "Invalid enum value. Expected %s, received '%s'"
            .formatted(
                allowed.map(one -> "'" + one + "'").collect(Collectors.joining(" | ")), received));
  }

  private void wrongType(List<String> path, String expected, JsonNode received) {
    issue(path, "invalid_type", "Expected %s, received %s".formatted(expected, typeOf(received)));
  }

  private void issue(List<String> path, String code, String message) {
    issues.add(new Issue(path, code, message));
  }

  private static String typeOf(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "array";
      case BOOLEAN -> "boolean";
      case NULL -> "null";
      case NUMBER -> "number";
      case OBJECT -> "object";
      case STRING -> "string";
      case BINARY, MISSING, POJO -> "nothing";
    };
  }
}
