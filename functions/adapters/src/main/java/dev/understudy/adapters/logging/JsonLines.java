package dev.understudy.adapters.logging;

import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The SLF4J provider of the functions. It is small on purpose: Log4j with a JSON layout took more
 * than half a second of every cold start.
 */
public final class JsonLines implements SLF4JServiceProvider {

  private final ConcurrentHashMap<String, JsonLineLogger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new BasicMDCAdapter();

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, JsonLineLogger::new);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  /** The newest API of SLF4J that this provider was made for. */
  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  /** Nothing has to be started. */
  @Override
  public void initialize() {}
}
