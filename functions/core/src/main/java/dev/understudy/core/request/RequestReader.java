package dev.understudy.core.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.provider.ProviderText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the performance's parameters from a form: {@code bodyControl}, {@code expressionIntensity},
 * {@code ratio}, {@code seed}, {@code model} and {@code publicFigureThreshold}, the last one flat
 * or as Runway nests it in {@code contentModeration}. Types are strict and unknown names are
 * refused, because a parameter that is silently dropped is noticed only on a video already paid
 * for.
 */
public final class RequestReader {
  private static final String BODY_CONTROL = "bodyControl";
  private static final String INTENSITY = "expressionIntensity";
  private static final String RATIO = "ratio";
  private static final String SEED = "seed";
  private static final String THRESHOLD = "publicFigureThreshold";
  private static final String MODERATION = "contentModeration";
  private static final String MODEL = "model";

  /** The fields read here. */
  public static final Set<String> FIELDS =
      Set.of(BODY_CONTROL, INTENSITY, RATIO, SEED, THRESHOLD, MODERATION, MODEL);

  private static final int DEFAULT_INTENSITY = 3;
  private static final int LONGEST_VALUE_SHOWN = 60;

  private final List<Issue> issues = new ArrayList<>();

  private RequestReader() {}

  /**
   * Reads a form.
   *
   * @param otherFields names at the top of the form that the caller reads itself, such as {@code
   *     character}; they are passed over here, and offered when a name is misspelt
   */
  public static RequestReading read(ObjectNode form, Set<String> otherFields) {
    return new RequestReader().readAll(form, otherFields);
  }

  private RequestReading readAll(ObjectNode form, Set<String> otherFields) {
    Set<String> known = new TreeSet<>(FIELDS);
    known.addAll(otherFields);
    refuseUnknown(form, known, List.of());

    Boolean bodyControl = bool(form, BODY_CONTROL);
    Long intensity =
        whole(form, INTENSITY, PerformanceRequest.MIN_INTENSITY, PerformanceRequest.MAX_INTENSITY);
    Ratio ratio = choice(form, List.of(RATIO), Ratio::of, Ratio.wires());
    Long seed = whole(form, SEED, 0, PerformanceRequest.MAX_SEED);
    PublicFigureThreshold threshold = threshold(form);
    choice(
        form,
        List.of(MODEL),
        name -> name.equals(PerformanceRequest.ACT_TWO) ? Optional.of(name) : Optional.empty(),
        List.of(PerformanceRequest.ACT_TWO));

    if (!issues.isEmpty()) {
      return new RequestReading.Bad(issues);
    }
    return new RequestReading.Good(
        new RequestDraft(
            bodyControl,
            intensity == null ? DEFAULT_INTENSITY : intensity.intValue(),
            ratio == null ? Ratio.LANDSCAPE_1280_720 : ratio,
            seed,
            threshold == null ? PublicFigureThreshold.AUTO : threshold));
  }

  private @Nullable PublicFigureThreshold threshold(ObjectNode form) {
    PublicFigureThreshold flat =
        choice(form, List.of(THRESHOLD), PublicFigureThreshold::of, PublicFigureThreshold.wires());
    JsonNode moderation = form.get(MODERATION);
    if (moderation == null) {
      return flat;
    }
    if (!(moderation instanceof ObjectNode nested)) {
      refuse(
          List.of(MODERATION),
          MODERATION
              + " must be an object like {\"publicFigureThreshold\": \"auto\"}, found "
              + shown(moderation)
              + ".");
      return flat;
    }
    refuseUnknown(nested, Set.of(THRESHOLD), List.of(MODERATION));
    PublicFigureThreshold inside =
        choice(
            nested,
            List.of(MODERATION, THRESHOLD),
            PublicFigureThreshold::of,
            PublicFigureThreshold.wires());
    if (flat != null && inside != null && flat != inside) {
      refuse(
          List.of(THRESHOLD),
          "publicFigureThreshold is given twice with different values, "
              + flat.wire()
              + " and "
              + inside.wire()
              + " in contentModeration: keep one.");
    }
    return flat != null ? flat : inside;
  }

  private @Nullable Boolean bool(ObjectNode form, String field) {
    JsonNode value = form.get(field);
    if (value == null) {
      return null;
    }
    if (!value.isBoolean()) {
      refuse(
          List.of(field),
          field + " must be true or false without quotes, found " + shown(value) + ".");
      return null;
    }
    return value.booleanValue();
  }

  private @Nullable Long whole(ObjectNode form, String field, long min, long max) {
    JsonNode value = form.get(field);
    if (value == null) {
      return null;
    }
    // 3.0 is the whole number 3 to JSON and to Runway's own validation; 2.5 and "3" are not
    if (!value.isNumber()
        || !value.canConvertToExactIntegral()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      refuse(
          List.of(field),
          field
              + " must be a whole number from "
              + min
              + " to "
              + max
              + (value.isTextual() ? " without quotes" : "")
              + ", found "
              + shown(value)
              + ".");
      return null;
    }
    return value.longValue();
  }

  private <T> @Nullable T choice(
      ObjectNode form,
      List<String> path,
      Function<String, Optional<T>> values,
      List<String> allowed) {
    String field = path.getLast();
    JsonNode value = form.get(field);
    if (value == null) {
      return null;
    }
    Optional<T> chosen = value.isTextual() ? values.apply(value.textValue()) : Optional.empty();
    if (chosen.isEmpty()) {
      refuse(
          path,
          field
              + " must be "
              + (allowed.size() == 1 ? "" : "one of ")
              + String.join(", ", allowed)
              + ", found "
              + shown(value)
              + ".");
      return null;
    }
    return chosen.get();
  }

  private void refuseUnknown(ObjectNode object, Set<String> known, List<String> inside) {
    for (String name : (Iterable<String>) object::fieldNames) {
      if (!known.contains(name)) {
        List<String> path = new ArrayList<>(inside);
        path.add(name);
        refuse(
            path,
            "There is no field "
                + quoted(name)
                + NearestName.of(name, known)
                    .map(near -> ": did you mean " + near + "?")
                    .orElse("; the fields are " + String.join(", ", new TreeSet<>(known)) + "."));
      }
    }
  }

  private void refuse(List<String> path, String message) {
    issues.add(new Issue(path, message));
  }

  /**
   * A value as a sentence names it: on one line, cut, and without what could be a secret, because
   * what was meant for another field may be a signed address, and sentences are kept and shown.
   */
  public static String shown(JsonNode value) {
    if (value.isNull()) {
      return "null (leave the field out for its default)";
    }
    return value.isTextual()
        ? "the text " + quoted(value.textValue())
        : shortened(value.toString());
  }

  private static String quoted(String text) {
    return '"' + shortened(text) + '"';
  }

  private static String shortened(String text) {
    String line = ProviderText.clean(text);
    return line.codePointCount(0, line.length()) <= LONGEST_VALUE_SHOWN
        ? line
        : line.substring(0, line.offsetByCodePoints(0, LONGEST_VALUE_SHOWN)) + "…";
  }
}
