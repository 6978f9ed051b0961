package dev.understudy.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.adapters.Wiring;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.TestStack;
import dev.understudy.persist.Delivery;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Delivery of a video from one server on this machine to another one that discards it, in a JVM
 * with a heap of 64 MB, beside a copy that only reads and writes.
 */
public final class PersistingBench {

  private static final int BUFFER = 256 * 1024;
  private static final int PART = 8 << 20;

  /** A video that is copied before the one that counts, so that no start of a JVM is measured. */
  private static final String WARM_UP = "/video/30";

  private static final byte[] CLIP = Clips.mp4(Duration.ofSeconds(4));

  private PersistingBench() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    switch (arguments.length == 0 ? "all" : arguments[0]) {
      case "delivery" -> {
        delivery(URI.create(arguments[1]).resolve(WARM_UP));
        print(delivery(URI.create(arguments[1])));
      }
      case "copy" -> {
        copy(URI.create(arguments[1]).resolve(WARM_UP));
        print(copy(URI.create(arguments[1])));
      }
      default -> report().print();
    }
  }

  private static void print(double seconds) {
    System.out.println(seconds);
  }

  private static Report report() throws IOException, InterruptedException {
    var gets = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.createContext("/", exchange -> answer(exchange, gets));
      server.setExecutor(threads);
      server.start();
      var report = new Report();
      report.table(
          "Video, MB",
          "delivery, MB/s",
          "raw copy, MB/s",
          "delivery ÷ raw copy",
          "GETs of the source");
      for (int megabytes : new int[] {20, 200, 1024}) {
        measure(report, "http://127.0.0.1:" + server.getAddress().getPort(), megabytes, gets);
      }
      server.stop(0);
      return report;
    }
  }

  private static void measure(Report report, String address, int megabytes, AtomicInteger gets)
      throws IOException, InterruptedException {
    var deliveries = new ArrayList<Double>();
    var copies = new ArrayList<Double>();
    int asked = 0;
    for (int i = 0; i < (megabytes > 500 ? 2 : megabytes > 100 ? 3 : 7); i++) {
      var video = "%s/video/%d".formatted(address, megabytes);
      copies.add(child("copy", video));
      gets.set(0);
      deliveries.add(child("delivery", video));
      asked = Math.max(asked, gets.get());
    }
    double ours = megabytes / median(deliveries);
    double raw = megabytes / median(copies);
    report.row(megabytes, ours, raw, ours / raw, asked);
    report.atLeast(
        "%d MB in a heap of 64 MB: throughput beside a raw copy".formatted(megabytes),
        ours / raw,
        0.6);
    report.atMost("%d MB: GETs of the source".formatted(megabytes), asked, 1);
  }

  /** Runs one of the two in a JVM of its own; a file that it left behind is an error. */
  private static double child(String what, String video) throws IOException, InterruptedException {
    var scratch = Files.createTempDirectory("understudy-bench-");
    try {
      var process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx64m",
                  "-XX:+UseSerialGC",
                  "-Djava.io.tmpdir=" + scratch,
                  "-Daws.accessKeyId=test",
                  "-Daws.secretAccessKey=test",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PersistingBench.class.getName(),
                  what,
                  video)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("The %s of %s failed.".formatted(what, video));
      }
      try (var left = Files.list(scratch)) {
        var files =
            left.filter(path -> !path.getFileName().toString().startsWith("hsperf")).toList();
        if (!files.isEmpty()) {
          throw new IllegalStateException("The %s left %s behind.".formatted(what, files));
        }
      }
      return Double.parseDouble(said.strip());
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private static double delivery(URI video) {
    var address = "http://" + video.getAuthority();
    var variables =
        Map.of(
            "AWS_REGION",
            "eu-west-1",
            "AWS_ENDPOINT_URL",
            address,
            "COMET_API_BASE_URL",
            address,
            "POLL_MIN_SECONDS",
            "5");
    var wiring = new Wiring(variables::get, Clock.systemUTC(), new Random(1));
    var delivery = new Delivery(wiring.bucket("bench"), wiring.downloads());
    var task = new TestStack().persisting();
    long began = System.nanoTime();
    var result = delivery.deliver(task, video);
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!(result instanceof Delivery.Result.Delivered)) {
      throw new IllegalStateException(result.toString());
    }
    return seconds;
  }

  /** The least that can be done: each part is read and sent on. */
  private static double copy(URI video) throws IOException {
    var part = new byte[PART];
    long began = System.nanoTime();
    try (var in = video.toURL().openStream()) {
      for (int filled = in.readNBytes(part, 0, PART);
          filled > 0;
          filled = in.readNBytes(part, 0, PART)) {
        var put = (HttpURLConnection) video.resolve("/copy?partNumber=1").toURL().openConnection();
        put.setRequestMethod("PUT");
        put.setDoOutput(true);
        put.setFixedLengthStreamingMode(filled);
        try (var out = put.getOutputStream()) {
          out.write(part, 0, filled);
        }
        try (var answer = put.getInputStream()) {
          answer.readAllBytes();
        }
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  /**
   * A video of any length, and as much of S3 as a delivery asks for; whatever comes is discarded.
   */
  private static void answer(HttpExchange exchange, AtomicInteger gets) throws IOException {
    try (exchange) {
      var query =
          exchange.getRequestURI().getRawQuery() == null
              ? ""
              : exchange.getRequestURI().getRawQuery();
      var path = exchange.getRequestURI().getPath();
      if (path.startsWith("/video/")) {
        gets.addAndGet(path.equals(WARM_UP) ? 0 : 1);
        video(exchange, Integer.parseInt(path.substring("/video/".length())) * 1_000_000L);
        return;
      }
      discard(exchange.getRequestBody());
      switch (exchange.getRequestMethod()) {
        case "HEAD" -> exchange.sendResponseHeaders(404, -1);
        case "GET" -> say(exchange, "<ListMultipartUploadsResult/>");
        case "POST" ->
            say(
                exchange,
                query.startsWith("uploads")
                    ? "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                    : "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
        default -> {
          exchange.getResponseHeaders().set("ETag", "\"e\"");
          exchange.sendResponseHeaders(200, -1);
        }
      }
    }
  }

  private static void video(HttpExchange exchange, long bytes) throws IOException {
    exchange.sendResponseHeaders(200, bytes);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(CLIP);
      long rest = bytes - CLIP.length;
      // a box that players skip, long enough for a length of 64 bits
      out.write(
          ByteBuffer.allocate(16)
              .putInt(1)
              .put("free".getBytes(StandardCharsets.US_ASCII))
              .putLong(rest)
              .array());
      var buffer = new byte[BUFFER];
      for (long left = rest - 16; left > 0; left -= Math.min(left, BUFFER)) {
        out.write(buffer, 0, (int) Math.min(left, BUFFER));
      }
    }
  }

  private static void discard(InputStream body) throws IOException {
    var buffer = new byte[BUFFER];
    while (body.read(buffer) >= 0) {}
  }

  private static void say(HttpExchange exchange, String xml) throws IOException {
    var content = xml.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
