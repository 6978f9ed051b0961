package dev.understudy.simulator.http;

import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small HTTP/1.1 server on plain sockets. It exists because no server library lets its user break
 * a connection on purpose: here an answer can be cut anywhere, and a connection can be reset (TCP
 * RST). One virtual thread per connection; connections are kept alive.
 */
final class HttpServer implements AutoCloseable {
  private static final int MAX_LINE = 16 << 10;
  private static final int MAX_HEADERS = 200;
  private static final int MAX_BODY = 24 << 20;
  private static final int IDLE_MILLIS = 60_000;
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");
  private static final Map<Integer, String> REASONS =
      Map.of(
          200, "OK",
          206, "Partial Content",
          301, "Moved Permanently",
          302, "Found",
          400, "Bad Request",
          401, "Unauthorized",
          403, "Forbidden",
          404, "Not Found",
          429, "Too Many Requests",
          500, "Internal Server Error");

  private final ServerSocket listener;
  private final Function<Request, Reply> handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** A request that cannot be served; the status says why. */
  private static final class BadRequest extends IOException {
    final int status;

    BadRequest(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /**
   * Listens from now on.
   *
   * @param host to bind, for instance 127.0.0.1
   * @param port to bind; 0: a free one
   * @param handler answers requests, from many threads at once
   * @throws IOException if the port is taken
   */
  HttpServer(String host, int port, Function<Request, Reply> handler) throws IOException {
    this.handler = handler;
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(new InetSocketAddress(InetAddress.getByName(host), port), 256);
    Thread.ofPlatform().name("accept").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
    try {
      // Those that write a file are given the time to let go of it.
      threads.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        threads.execute(() -> serve(socket));
      } catch (IOException | RejectedExecutionException e) {
        if (!listener.isClosed()) {
          System.err.println("A connection was not accepted: " + e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(IDLE_MILLIS);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
      boolean again = true;
      while (again) {
        again = serveOne(socket, in, out);
      }
    } catch (IOException e) {
      // The client has gone, or was told that its request is no HTTP; there is nobody to tell more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private boolean serveOne(Socket socket, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    Optional<Request> request;
    try {
      request = read(in, out);
    } catch (BadRequest e) {
      Content body = Content.of("{\"error\":\"" + e.getMessage() + "\"}");
      writeHead(out, Reply.Answer.of(e.status, "application/json", body), body.length(), true);
      writeBody(out, body, 0, body.length());
      out.flush();
      return false;
    }
    if (request.isEmpty()) {
      return false;
    }
    Reply reply;
    try {
      reply = handler.apply(request.get());
    } catch (RuntimeException e) {
      reply = Reply.Answer.of(500, "text/plain", Content.of("The simulator has a bug: " + e));
    }
    return act(reply, request.get(), socket, out);
  }

  private static boolean act(Reply reply, Request request, Socket socket, OutputStream out)
      throws IOException, InterruptedException {
    return switch (reply) {
      case Reply.Held held -> {
        Thread.sleep(held.time());
        yield act(held.then(), request, socket, out);
      }
      case Reply.Dropped dropped -> {
        if (dropped == Reply.Dropped.RESET) {
          reset(socket);
        }
        yield false;
      }
      case Reply.Cut cut -> {
        writeHead(out, cut.answer(), cut.answer().body().length(), false);
        writeBody(out, cut.answer().body(), 0, Math.min(cut.bytes(), cut.answer().body().length()));
        out.flush();
        if (cut.reset()) {
          // A reset overtakes what was sent: give the receiver the time to see the beginning.
          Thread.sleep(50);
          reset(socket);
        }
        yield false;
      }
      case Reply.Answer answer -> {
        boolean close =
            request
                .header("Connection")
                .map(value -> value.equalsIgnoreCase("close"))
                .orElse(false);
        write(out, answer, request, close);
        out.flush();
        yield !close;
      }
    };
  }

  private static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private static void write(OutputStream out, Reply.Answer answer, Request request, boolean close)
      throws IOException {
    boolean head = request.method().equals("HEAD");
    Content body = answer.body();
    if (!answer.lengthSaid()) {
      writeHead(out, answer.with("Transfer-Encoding", "chunked"), -1, close);
      if (!head) {
        writeChunks(out, body);
      }
      return;
    }
    Matcher range = RANGE.matcher(request.header("Range").orElse(""));
    if (answer.status() == 200
        && answer.headers().containsKey("Accept-Ranges")
        && range.matches()
        && !range.group().equals("bytes=-")) {
      long size = body.length();
      boolean suffix = range.group(1).isEmpty();
      long from =
          suffix ? Math.max(0, size - number(range.group(2), size)) : number(range.group(1), size);
      long to = suffix ? size - 1 : Math.min(size - 1, number(range.group(2), size - 1));
      if (from >= size || to < from) {
        Reply.Answer none = new Reply.Answer(416, Map.of(), Content.EMPTY, true);
        writeHead(out, none.with("Content-Range", "bytes */" + size), 0, close);
        return;
      }
      Reply.Answer part =
          new Reply.Answer(206, answer.headers(), body, true)
              .with("Content-Range", "bytes %d-%d/%d".formatted(from, to, size));
      writeHead(out, part, to - from + 1, close);
      if (!head) {
        writeBody(out, body, from, to - from + 1);
      }
      return;
    }
    writeHead(out, answer, body.length(), close);
    if (!head) {
      writeBody(out, body, 0, body.length());
    }
  }

  private static long number(String digits, long otherwise) {
    return digits.isEmpty() || digits.length() > 18 ? otherwise : Long.parseLong(digits);
  }

  private static void writeHead(OutputStream out, Reply.Answer answer, long length, boolean close)
      throws IOException {
    StringBuilder head = new StringBuilder();
    head.append("HTTP/1.1 ")
        .append(answer.status())
        .append(' ')
        .append(REASONS.getOrDefault(answer.status(), "Status"))
        .append("\r\n");
    answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (length >= 0) {
      head.append("Content-Length: ").append(length).append("\r\n");
    }
    head.append("Connection: ").append(close ? "close" : "keep-alive").append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void writeBody(OutputStream out, Content body, long from, long length)
      throws IOException {
    try (InputStream in = body.open()) {
      in.skipNBytes(from);
      byte[] buffer = new byte[1 << 16];
      long left = length;
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new EOFException("The content is shorter than it said.");
        }
        out.write(buffer, 0, read);
        left -= read;
      }
    }
  }

  private static void writeChunks(OutputStream out, Content body) throws IOException {
    try (InputStream in = body.open()) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (read > 0) {
          out.write((Integer.toHexString(read) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
          out.write(buffer, 0, read);
          out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static Optional<Request> read(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    String[] parts = first.split(" ", -1);
    if (parts.length != 3 || !parts[2].startsWith("HTTP/1.") || !parts[1].startsWith("/")) {
      throw new BadRequest(400, "This is not an HTTP/1.1 request.");
    }
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      if (colon < 1 || headers.size() >= MAX_HEADERS) {
        throw new BadRequest(400, "These headers cannot be read.");
      }
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }
    byte[] body = body(in, headers);
    int query = parts[1].indexOf('?');
    return Optional.of(
        new Request(
            parts[0],
            query < 0 ? parts[1] : parts[1].substring(0, query),
            query < 0 ? "" : parts[1].substring(query + 1),
            headers,
            new String(body, StandardCharsets.UTF_8)));
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      return chunks(in);
    }
    long length;
    try {
      length = Long.parseLong(headers.getOrDefault("content-length", "0"));
    } catch (NumberFormatException e) {
      throw new BadRequest(400, "The Content-Length is not a number.");
    }
    return exactly(in, length, 0);
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      long size;
      try {
        size = Long.parseLong(line(in).split(";", 2)[0].strip(), 16);
      } catch (NumberFormatException e) {
        throw new BadRequest(400, "A chunk has no size.");
      }
      if (size == 0) {
        String trailer = line(in);
        while (!trailer.isEmpty()) {
          trailer = line(in);
        }
        return all.toByteArray();
      }
      all.writeBytes(exactly(in, size, all.size()));
      line(in);
    }
  }

  private static byte[] exactly(InputStream in, long length, long before) throws IOException {
    if (length < 0 || length + before > MAX_BODY) {
      throw new BadRequest(413, "The body is too large.");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("The client has gone.");
    }
    return bytes;
  }

  /** A line without its end; empty also at the end of the stream. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (line.length() >= MAX_LINE) {
        throw new BadRequest(431, "A header line is too long.");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }
}
