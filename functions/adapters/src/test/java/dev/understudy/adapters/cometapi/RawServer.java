package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * A server on loopback that does with each connection exactly what a test says, which no proper
 * HTTP server can be made to do.
 */
final class RawServer implements AutoCloseable {
  /** What to do with a connection. It is closed afterwards. */
  interface Script {
    void play(Connection connection) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final String scheme;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private RawServer(String scheme, ServerSocket server, Script script) {
    this.scheme = scheme;
    this.server = server;
    Thread.ofVirtual().start(() -> accept(script));
  }

  static RawServer http(Script script) {
    return listen("http", ServerSocketFactory.getDefault(), script);
  }

  static RawServer https(ServerSocketFactory tls, Script script) {
    return listen("https", tls, script);
  }

  private static RawServer listen(String scheme, ServerSocketFactory factory, Script script) {
    try {
      return new RawServer(
          scheme, factory.createServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(Script script) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.incrementAndGet();
        Thread.ofVirtual().start(() -> play(script, socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void play(Script script, Socket socket) {
    try (socket) {
      script.play(new Connection(socket));
    } catch (IOException | InterruptedException e) {
      // the client went away, or the test is over
    } finally {
      open.decrementAndGet();
    }
  }

  URI url(String path) {
    return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + path);
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** Connections whose script has not ended. */
  int open() {
    return open.get();
  }

  /** Everything that was read as a request, header and body. */
  List<String> requests() {
    return requests;
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection, seen from the server. */
  final class Connection {
    private final Socket socket;

    Connection(Socket socket) {
      this.socket = socket;
    }

    /** Reads one request, its body included, and returns it. */
    String request() throws IOException {
      InputStream in = socket.getInputStream();
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      int length = -1;
      while (length < 0 || read.size() < length) {
        int next = in.read();
        if (next < 0) {
          break;
        }
        read.write(next);
        String head = read.toString(ISO_8859_1);
        if (length < 0 && head.endsWith("\r\n\r\n")) {
          length =
              read.size()
                  + head.lines()
                      .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                      .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                      .findFirst()
                      .orElse(0);
        }
      }
      String request = read.toString(ISO_8859_1);
      requests.add(request);
      return request;
    }

    void send(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    }

    /** Closes with a TCP reset. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Does nothing until the client goes away. */
    void hang() throws IOException {
      while (socket.getInputStream().read() >= 0) {
        // whatever else comes is of no interest
      }
    }
  }
}
