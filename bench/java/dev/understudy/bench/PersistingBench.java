package dev.understudy.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
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
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Delivery of a video from one server on this machine to another one that discards it, in a JVM
 * with a heap of 64 MB, beside a copy that only reads and writes.
 */
public final class PersistingBench {

  private static final int BUFFER = 256 * 1024;
  private static final int PART = 8 << 20;

  /** A video that is copied before the one that counts, so that no start of a JVM is measured. */
  private static final String WARM_UP = "/video/30";

  private static final int RUNS = 10;
  private static final String PASSWORD = "of a bench";
  private static final byte[] CLIP = Clips.mp4(Duration.ofSeconds(4));

  private PersistingBench() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, GeneralSecurityException {
    if (arguments.length == 0) {
      report().print();
      return;
    }
    var video = URI.create(arguments[1]);
    var wiring = wiring(video);
    var delivery = new Delivery(wiring.bucket("bench"), wiring.downloads());
    once(arguments[0], delivery, video.resolve(WARM_UP));
    System.out.println(once(arguments[0], delivery, video));
  }

  private static double once(String what, Delivery delivery, URI video)
      throws IOException, GeneralSecurityException {
    return switch (what) {
      case "delivery" -> delivery(delivery, video);
      case "hashed" -> copy(video, MessageDigest.getInstance("SHA-256"));
      default -> copy(video, null);
    };
  }

  private static Report report()
      throws IOException, InterruptedException, GeneralSecurityException {
    var keys = Files.createTempFile("understudy-bench-", ".p12");
    var gets = new AtomicInteger();
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setHttpsConfigurator(new HttpsConfigurator(tls(keys)));
      server.createContext("/", exchange -> answer(exchange, gets));
      server.setExecutor(threads);
      server.start();
      var report = new Report();
      report.table(
          "Video, MB",
          "raw copy, MB/s",
          "with SHA-256, MB/s",
          "delivery, MB/s",
          "delivery ÷ raw copy",
          "quartiles",
          "with SHA-256 ÷ raw copy",
          "GETs of the source");
      for (int megabytes : new int[] {20, 200, 1024}) {
        measure(
            report,
            "https://127.0.0.1:%d/video/%d".formatted(server.getAddress().getPort(), megabytes),
            keys,
            gets);
      }
      return report;
    } finally {
      server.stop(0);
      Files.deleteIfExists(keys);
    }
  }

  /** Both ends of it: a certificate of the server's own, made with the JDK's tool. */
  private static SSLContext tls(Path keys)
      throws IOException, InterruptedException, GeneralSecurityException {
    Files.delete(keys);
    var keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "bench",
                "-keyalg",
                "EC",
                "-dname",
                "CN=bench",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    var said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), null, null);
    return context;
  }

  private static void measure(Report report, String video, Path keys, AtomicInteger gets)
      throws IOException, InterruptedException {
    int megabytes = Integer.parseInt(video.substring(video.lastIndexOf('/') + 1));
    var copies = new ArrayList<Double>();
    var hashed = new ArrayList<Double>();
    var deliveries = new ArrayList<Double>();
    int asked = 0;
    for (int i = 0; i < RUNS; i++) {
      copies.add(child("copy", video, keys));
      hashed.add(child("hashed", video, keys));
      gets.set(0);
      deliveries.add(child("delivery", video, keys));
      asked = Math.max(asked, gets.get());
    }
    var ratios = IntStream.range(0, RUNS).mapToObj(i -> copies.get(i) / deliveries.get(i)).toList();
    report.row(
        megabytes,
        rounded(megabytes / at(0.5, copies)),
        rounded(megabytes / at(0.5, hashed)),
        rounded(megabytes / at(0.5, deliveries)),
        at(0.5, ratios),
        "%.2f–%.2f".formatted(at(0.25, ratios), at(0.75, ratios)),
        at(0.5, copies) / at(0.5, hashed),
        asked);
    report.atLeast(
        "%d MB in a heap of 64 MB: throughput beside a raw copy".formatted(megabytes),
        at(0.5, ratios),
        0.6);
    report.atMost("%d MB: GETs of the source".formatted(megabytes), asked, 1);
  }

  private static long rounded(double number) {
    return Math.round(number);
  }

  /** Runs one of them in a JVM of its own; a file that it left behind is an error. */
  private static double child(String what, String video, Path keys)
      throws IOException, InterruptedException {
    var scratch = Files.createTempDirectory("understudy-bench-");
    try {
      var builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx64m",
                  "-XX:+UseSerialGC",
                  "-Djava.io.tmpdir=" + scratch,
                  "-Djavax.net.ssl.trustStore=" + keys,
                  "-Djavax.net.ssl.trustStorePassword=" + PASSWORD,
                  "-cp",
                  System.getProperty("java.class.path"),
                  PersistingBench.class.getName(),
                  what,
                  video)
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      // as a function has them
      builder.environment().putAll(Map.of("AWS_ACCESS_KEY_ID", "x", "AWS_SECRET_ACCESS_KEY", "x"));
      var process = builder.start();
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

  private static Wiring wiring(URI video) {
    var address = "https://" + video.getAuthority();
    var variables =
        Map.of(
            "AWS_ACCESS_KEY_ID", // which the SDK reads itself
            "x",
            "AWS_REGION",
            "eu-west-1",
            "AWS_ENDPOINT_URL",
            address,
            "COMET_API_BASE_URL",
            address,
            "POLL_MIN_SECONDS",
            "5");
    return new Wiring(variables::get, Clock.systemUTC(), new Random(1));
  }

  private static double delivery(Delivery delivery, URI video) {
    var task = new TestStack().persisting();
    long began = System.nanoTime();
    var result = delivery.deliver(task, task.deliverTo(), video);
    double seconds = (System.nanoTime() - began) / 1e9;
    if (!(result instanceof Delivery.Result.Delivered)) {
      throw new IllegalStateException(result.toString());
    }
    return seconds;
  }

  /**
   * The least that can be done: each part is read and sent on.
   *
   * @param digest is given every byte as well, unless it is null
   */
  private static double copy(URI video, @Nullable MessageDigest digest) throws IOException {
    var part = new byte[PART];
    long began = System.nanoTime();
    try (var in = video.toURL().openStream()) {
      for (int filled = in.readNBytes(part, 0, PART);
          filled > 0;
          filled = in.readNBytes(part, 0, PART)) {
        if (digest != null) {
          digest.update(part, 0, filled);
        }
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

  /** The value below which this share of them lies. */
  private static double at(double share, List<Double> values) {
    return values.stream().sorted().toList().get((int) (share * values.size()));
  }
}
