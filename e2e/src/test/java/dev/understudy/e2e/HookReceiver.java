package dev.understudy.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;

/** A user's own server: it keeps what is posted to it and answers as the test wants. */
final class HookReceiver implements AutoCloseable {

  /** Nothing is answered, and the connection stays open. */
  static final int SILENCE = 0;

  /**
   * A request.
   *
   * @param target path and query
   * @param body as it came
   * @param headers by name in lower case
   */
  record Posted(String target, String body, Map<String, List<String>> headers) {

    String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }
  }

  private final List<Posted> posted = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ToIntFunction<Posted> status;

  /**
   * @param address where to listen; its host is this machine
   * @param status what a request is answered with, or {@link #SILENCE}
   */
  HookReceiver(URI address, ToIntFunction<Posted> status) {
    this.status = status;
    try {
      server = HttpServer.create(new InetSocketAddress(address.getHost(), address.getPort()), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::take);
    server.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var headers = new TreeMap<String, List<String>>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
    var request = new Posted(exchange.getRequestURI().toString(), body, headers);
    int answer = status.applyAsInt(request);
    posted.add(request);
    if (answer != SILENCE) {
      exchange.sendResponseHeaders(answer, -1);
      exchange.close();
    }
  }

  /** Everything so far, in the order in which it came. */
  List<Posted> posted() {
    return List.copyOf(posted);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
