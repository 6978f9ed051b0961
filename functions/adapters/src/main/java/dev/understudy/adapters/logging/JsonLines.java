package dev.understudy.adapters.logging;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.slf4j.MDC;

/**
 * Writes each record of the JDK's own logging, which SLF4J stands on here, as one line of JSON to
 * standard output, from where Lambda takes it to the function's log group. Log4j with its JSON
 * layout took 0.6 s of every cold start (docs/adr/009).
 */
public final class JsonLines extends Handler {

  /** What must never be in a log, should a message of any library quote it. */
  private static final Pattern WITHHELD =
      Pattern.compile("(https?://[^\\s?\"<>]+\\?|(?i:bearer) )[^\\s\"<>]+");

  /** Stacks of the SDK are long: of each failure the top is logged, and further down our frames. */
  private static final int TOP_FRAMES = 6;

  private static final int MOST_CAUSES = 6;

  private static final JsonFactory JSON = new JsonFactory();

  /** Kept, because the JDK forgets a logger's level together with a logger that nobody holds. */
  private static final Logger OURS = Logger.getLogger("dev.understudy");

  private JsonLines() {}

  /** From now on every record is such a line: ours from INFO, every library's from WARN. */
  public static void install() {
    LogManager.getLogManager().reset();
    var root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new JsonLines());
    OURS.setLevel(Level.INFO);
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      var line = line(record);
      // one write per line: Lambda makes each write an event of its own
      System.out.write(line, 0, line.length);
      System.out.flush();
    }
  }

  private static byte[] line(LogRecord record) {
    var bytes = new ByteArrayOutputStream(512);
    try (var json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("timestamp", record.getInstant().toString());
      json.writeStringField("level", level(record.getLevel()));
      json.writeStringField("logger", record.getLoggerName());
      json.writeStringField("message", withoutSecrets(String.valueOf(record.getMessage())));
      writeContext(json);
      var thrown = record.getThrown();
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

  /** The names that SLF4J and Lambda know. */
  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    return level.intValue() >= Level.WARNING.intValue() ? "WARN" : "INFO";
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
      if (i < TOP_FRAMES || frames[i].getClassName().startsWith(OURS.getName())) {
        stack.append("\n\tat ").append(frames[i]);
      }
    }
  }

  static String withoutSecrets(String text) {
    return WITHHELD.matcher(text).replaceAll("$1[withheld]");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
