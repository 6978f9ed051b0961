package dev.understudy.simulation;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.MDC;

/** Reads everything that the functions log, and keeps what should not be there. */
final class LogWatch extends Handler {

  private static final Queue<String> SECRETS = new ConcurrentLinkedQueue<>();
  private static final Logger ROOT = Logger.getLogger("");

  static void install() {
    for (var other : ROOT.getHandlers()) {
      ROOT.removeHandler(other);
    }
    ROOT.addHandler(new LogWatch());
    ROOT.setLevel(Level.ALL); // whatever level a line has: a setting could let it through
  }

  /** Lines with a key, a token or a signed address. */
  static List<String> secrets() {
    return List.copyOf(SECRETS);
  }

  @Override
  public void publish(LogRecord line) {
    if (secretIn(line)) {
      SECRETS.add(line.getLoggerName() + ": " + line.getMessage());
    }
  }

  /** In its words, in its exception or any cause of that, or in what stands beside every line. */
  static boolean secretIn(LogRecord line) {
    var thrown = line.getThrown();
    var context = MDC.getCopyOfContextMap();
    return Canaries.in(line.getMessage())
        || (thrown != null && Canaries.in(Canaries.told(thrown)))
        || (context != null && Canaries.in(context.toString()));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
