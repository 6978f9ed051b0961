package dev.understudy.core.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer about a task. It can be Runway's task itself, or the gateway's envelope {@code
 * {code,message,data}} whose {@code data} is the gateway's task, whose {@code data} in turn is
 * Runway's. So there are up to three layers, each of which may or may not tell something; the
 * innermost one is nearest to the truth and goes first.
 */
final class TaskAnswer {
  private static final Pattern NOT_EXIST =
      Pattern.compile("(?i)\\btask_(?:origin_)?not_(?:exist|found)\\b");
  private static final Pattern ILLEGAL_IN_URI = Pattern.compile("[^\\x21-\\x7e]|[\"<>\\\\^`{|}]");

  /** A layer with one of these is about a task, whatever else it holds. */
  private static final List<String> TASK_FIELDS =
      List.of("id", "task_id", "failure", "failureCode", "fail_reason", "createdAt");

  /** What one layer's status says. */
  private enum Word {
    PENDING,
    THROTTLED,
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    NOT_THERE,
    UNHEARD_OF;

    static Word of(String status) {
      return switch (status.toUpperCase(Locale.ROOT)) {
        case "PENDING", "NOT_START", "SUBMITTED", "QUEUED" -> PENDING;
        case "THROTTLED" -> THROTTLED;
        case "RUNNING", "IN_PROGRESS" -> RUNNING;
        case "SUCCEEDED", "SUCCESS", "COMPLETED" -> SUCCEEDED;
        case "FAILED", "FAILURE", "ERROR" -> FAILED;
        case "CANCELLED", "CANCELED" -> CANCELLED;
        default -> NOT_EXIST.matcher(status).matches() ? NOT_THERE : UNHEARD_OF;
      };
    }
  }

  private final Exchange.Answered answer;

  /** Innermost first. */
  private final List<ObjectNode> layers = new ArrayList<>();

  private TaskAnswer(Exchange.Answered answer, ObjectNode body) {
    this.answer = answer;
    ObjectNode layer = body;
    for (int depth = 0; depth < 3 && layer != null; depth++) {
      layers.addFirst(layer);
      layer = ProviderJson.inner(layer, "data");
    }
  }

  static Reading read(Exchange.Answered answer) {
    ObjectNode body = answer.cut() ? null : ProviderJson.object(answer.body());
    boolean good = answer.status() >= 200 && answer.status() < 300;
    if (good && body != null) {
      return new TaskAnswer(answer, body).read();
    }
    if (answer.status() == 404 || saysNotExist(body)) {
      return new Reading.NotVisible();
    }
    return good ? unreadable(answer) : refused(answer, ProviderError.of(body));
  }

  private Reading read() {
    List<Word> words = layers.stream().map(TaskAnswer::word).filter(Objects::nonNull).toList();
    if (words.contains(Word.SUCCEEDED)) {
      URI output = output();
      if (output != null) {
        return new Reading.Done(output);
      }
    }
    // Runway's own word ends it even when the envelope has not caught up, or has another opinion
    for (Word word : words) {
      switch (word) {
        case SUCCEEDED -> {
          return new Reading.DoneWithoutOutput();
        }
        case FAILED -> {
          return failed();
        }
        case CANCELLED -> {
          return new Reading.Failed(
              Reading.CANCELLED, FailureCodes.sentence(Reading.CANCELLED, null));
        }
        case PENDING, THROTTLED, RUNNING, NOT_THERE, UNHEARD_OF -> {
          // an outer layer may still have ended it
        }
      }
    }
    return working(words);
  }

  private static @Nullable Word word(ObjectNode layer) {
    String status = ProviderJson.text(layer, "status");
    if (status == null) {
      return null;
    }
    Word word = Word.of(status);
    // {"status":"error","message":"try later"} is an error of the moment, not the end of a task
    boolean aboutATask = TASK_FIELDS.stream().anyMatch(layer::hasNonNull);
    return word == Word.FAILED && !aboutATask ? Word.UNHEARD_OF : word;
  }

  private Reading working(List<Word> words) {
    for (Word word : words) {
      switch (word) {
        case PENDING -> {
          return new Reading.Working(Reading.ProviderStatus.PENDING, progress());
        }
        case THROTTLED -> {
          return new Reading.Working(Reading.ProviderStatus.THROTTLED, progress());
        }
        case RUNNING -> {
          return new Reading.Working(Reading.ProviderStatus.RUNNING, progress());
        }
        case SUCCEEDED, FAILED, CANCELLED, NOT_THERE, UNHEARD_OF -> {
          // says nothing about work that goes on
        }
      }
    }
    ObjectNode outermost = layers.getLast();
    if (words.contains(Word.NOT_THERE) || saysNotExist(outermost)) {
      return new Reading.NotVisible();
    }
    String unheardOf = first(layer -> ProviderJson.text(layer, "status"));
    if (unheardOf != null) {
      return notYet("a status that is not known here: " + ProviderText.clean(unheardOf), false);
    }
    ProviderError error = ProviderError.of(outermost);
    return notYet(
        error.message() != null ? error.message() : "an answer without a task in it", false);
  }

  private Reading failed() {
    String text =
        first(layer -> ProviderJson.text(layer, "failure", "fail_reason", "failReason", "reason"));
    String code = first(layer -> ProviderJson.text(layer, "failureCode", "failure_code"));
    if (code == null) {
      code =
          first(layer -> FailureCodes.inText(ProviderJson.text(layer, "fail_reason", "failure")));
    }
    if (text == null) {
      text = ProviderError.of(layers.getFirst()).message();
    }
    return new Reading.Failed(
        code == null ? null : ProviderText.clean(code), FailureCodes.sentence(code, text));
  }

  /** The first usable URL, in the order of what was seen to be most reliable. */
  private @Nullable URI output() {
    URI found = firstUri(layer -> layer.get("output"));
    for (String name : new String[] {"result_url", "video_url", "url"}) {
      if (found == null) {
        found = firstUri(layer -> layer.get(name));
      }
    }
    // older gateways keep the URL of a success in the field meant for the reason of a failure
    return found != null ? found : firstUri(layer -> layer.get("fail_reason"));
  }

  private @Nullable URI firstUri(Function<ObjectNode, @Nullable JsonNode> field) {
    return first(layer -> uri(field.apply(layer)));
  }

  private <T> @Nullable T first(Function<ObjectNode, @Nullable T> field) {
    for (ObjectNode layer : layers) {
      T value = field.apply(layer);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** A URL as a text, in a list, in an object, or in a list of objects. */
  private static @Nullable URI uri(@Nullable JsonNode value) {
    if (value == null) {
      return null;
    }
    if (value.isTextual()) {
      return uri(value.textValue().strip());
    }
    if (value.isArray()) {
      for (JsonNode item : value) {
        URI uri = item.isArray() ? null : uri(item);
        if (uri != null) {
          return uri;
        }
      }
      return null;
    }
    if (value instanceof ObjectNode object) {
      String text = ProviderJson.text(object, "url", "uri");
      return text == null ? null : uri(text);
    }
    return null;
  }

  private static @Nullable URI uri(String text) {
    if (!text.regionMatches(true, 0, "http://", 0, 7)
        && !text.regionMatches(true, 0, "https://", 0, 8)) {
      return null;
    }
    // signatures must survive as they are: only what no URI may hold is encoded
    String legal =
        ILLEGAL_IN_URI
            .matcher(text)
            .replaceAll(match -> URLEncoder.encode(match.group(), UTF_8).replace("+", "%20"));
    try {
      URI uri = new URI(legal);
      return uri.getHost() == null ? null : uri;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /**
   * As a fraction: the gateway writes {@code "42%"}, Runway {@code 0.42}, other routes {@code 42}.
   */
  private @Nullable Double progress() {
    return first(layer -> fraction(layer.get("progress")));
  }

  private static @Nullable Double fraction(@Nullable JsonNode value) {
    if (value == null || !(value.isNumber() || value.isTextual())) {
      return null;
    }
    String text = value.asText().strip();
    boolean percent = text.endsWith("%");
    double number;
    try {
      number = Double.parseDouble(percent ? text.substring(0, text.length() - 1).strip() : text);
    } catch (NumberFormatException e) {
      return null;
    }
    if (Double.isNaN(number)) {
      return null;
    }
    return Math.clamp(percent || number > 1 ? number / 100 : number, 0.0, 1.0);
  }

  private static boolean saysNotExist(@Nullable ObjectNode body) {
    if (body == null) {
      return false;
    }
    ObjectNode error = ProviderJson.inner(body, "error");
    return saysNotExist(ProviderJson.text(body, "code"))
        || saysNotExist(ProviderJson.text(body, "message"))
        || saysNotExist(ProviderJson.text(body, "status"))
        || saysNotExist(ProviderJson.text(body, "error"))
        || saysNotExist(ProviderJson.text(error, "code"))
        || saysNotExist(ProviderJson.text(error, "message"));
  }

  private static boolean saysNotExist(@Nullable String text) {
    return text != null && NOT_EXIST.matcher(text).find();
  }

  private Reading notYet(String reason, boolean alarm) {
    return new Reading.NotYet(
        "HTTP " + answer.status() + ": " + reason, alarm, answer.retryAfter());
  }

  private static Reading unreadable(Exchange.Answered answer) {
    String what;
    if (answer.cut()) {
      what = "an answer too large to be about a task";
    } else if (answer.isWebPage()) {
      what = "a web page instead of JSON";
    } else {
      what = answer.body().isBlank() ? "an empty answer" : "an answer that is not readable JSON";
    }
    return new Reading.NotYet("HTTP " + answer.status() + ": " + what, false, answer.retryAfter());
  }

  private static Reading refused(Exchange.Answered answer, ProviderError error) {
    int status = answer.status();
    boolean moved = status >= 300 && status < 400;
    boolean denied = status == 401 || status == 402 || status == 403;
    String what = error.message();
    if (what == null) {
      what = moved ? "a redirect" : answer.isWebPage() ? "a web page" : "no reason given";
    }
    return new Reading.NotYet("HTTP " + status + ": " + what, moved || denied, answer.retryAfter());
  }
}
