package dev.understudy.adapters.logging;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes each event as one line of JSON to standard output, which Lambda takes to its log group.
 */
final class JsonLineLogger extends LegacyAbstractLogger {

  private static final long serialVersionUID = 1L;

  /** What must never be in a log, should a message of any library quote it. */
  private static final Pattern WITHHELD =
      Pattern.compile("(https?://[^\\s?\"<>]+\\?|(?i:bearer) )[^\\s\"<>]+");

  /** Stacks of the SDK are long: of each failure the top is logged, and further down our frames. */
  private static final int TOP_FRAMES = 6;

  private static final int MOST_CAUSES = 6;
  private static final String OURS = "dev.understudy.";

  private static final JsonFactory JSON = new JsonFactory();

  private final Level least;

  /**
   * @param name the logger's name; ours log from INFO, all others from WARN, so that no library
   *     writes its traffic
   */
  JsonLineLogger(String name) {
    this.name = name;
    this.least = name.startsWith(OURS) ? Level.INFO : Level.WARN;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    var message = MessageFormatter.basicArrayFormat(pattern, arguments);
    var line = line(level, String.valueOf(message), thrown);
    // one write per line: Lambda makes each write an event of its own
    System.out.write(line, 0, line.length);
    System.out.flush();
  }

  private byte[] line(Level level, String message, @Nullable Throwable thrown) {
    var bytes = new ByteArrayOutputStream(512);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("timestamp", Instant.now().toString());
      json.writeStringField("level", level.name());
      json.writeStringField("logger", name);
      json.writeStringField("message", withoutSecrets(message));
      writeContext(json);
      if (thrown != null) {
        json.writeObjectFieldStart("error");
        json.writeStringField("name", thrown.getClass().getName());
        json.writeStringField("message", withoutSecrets(String.valueOf(thrown.getMessage())));
        json.writeStringField("stack", withoutSecrets(stackOf(thrown)));
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void writeContext(JsonGenerator json) throws IOException {
    var context = MDC.getCopyOfContextMap();
    if (context != null) {
      for (var entry : context.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
    }
  }

  private static String stackOf(Throwable thrown) {
    var stack = new StringBuilder(thrown.toString());
    appendFrames(stack, thrown);
    var cause = thrown.getCause();
    for (var i = 0; cause != null && i < MOST_CAUSES; i++, cause = cause.getCause()) {
      stack.append("\nCaused by: ").append(cause);
      appendFrames(stack, cause);
    }
    return stack.toString();
  }

  private static void appendFrames(StringBuilder stack, Throwable thrown) {
    var frames = thrown.getStackTrace();
    for (var i = 0; i < frames.length; i++) {
      if (i < TOP_FRAMES || frames[i].getClassName().startsWith(OURS)) {
        stack.append("\n\tat ").append(frames[i]);
      }
    }
  }

  private static String withoutSecrets(String text) {
    return WITHHELD.matcher(text).replaceAll("$1[withheld]");
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  public boolean isTraceEnabled() {
    return enabled(Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return enabled(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return enabled(Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return enabled(Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return enabled(Level.ERROR);
  }

  private boolean enabled(Level level) {
    return level.toInt() >= least.toInt();
  }
}
