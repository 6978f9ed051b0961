package dev.understudy.simulator.media;

import dev.understudy.simulator.provider.Inputs;
import dev.understudy.simulator.provider.MediaKind;
import dev.understudy.simulator.provider.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches inputs over HTTP as Runway documents it: no redirects, a content type that fits, a length
 * that is said and kept, and not too many bytes.
 */
public final class HttpInputs implements Inputs, AutoCloseable {
  /** The documented beginning of the fetcher's name, which firewalls are told to let pass. */
  private static final String USER_AGENT = "RunwayML API/1.0 (simulated)";

  private final Path folder;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Inputs kept in a folder.
   *
   * @param folder exists and is the simulator's own
   */
  public HttpInputs(Path folder) {
    this.folder = folder;
  }

  @Override
  public Fetched fetch(URI uri, MediaKind kind, Settings settings) {
    Duration limit = settings.fetchTimeoutSeconds();
    Future<Fetched> fetch = threads.submit(() -> fetchNow(uri, kind, settings));
    try {
      return fetch.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      fetch.cancel(true);
      return new Fetched.Refused("Timeout while fetching asset.");
    } catch (ExecutionException e) {
      return new Fetched.Refused("Failed to fetch asset. " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Fetched.Refused("Failed to fetch asset. The provider is stopping.");
    }
  }

  private Fetched fetchNow(URI uri, MediaKind kind, Settings settings)
      throws IOException, InterruptedException {
    if (settings.requireHead()) {
      HttpResponse<Void> head =
          client.send(
              request(uri).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
              HttpResponse.BodyHandlers.discarding());
      if (head.statusCode() != 200) {
        return new Fetched.Refused(
            "Failed to fetch asset. HEAD was answered with HTTP status %d."
                .formatted(head.statusCode()));
      }
    }
    HttpResponse<InputStream> response =
        client.send(request(uri).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      Optional<String> wrong = wrong(response, kind);
      if (wrong.isPresent()) {
        return new Fetched.Refused(wrong.get());
      }
      return keep(body, kind, response.headers().firstValueAsLong("Content-Length").orElse(0));
    }
  }

  private static HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri).header("User-Agent", USER_AGENT);
  }

  private static Optional<String> wrong(HttpResponse<InputStream> response, MediaKind kind) {
    int status = response.statusCode();
    if (status >= 300 && status < 400) {
      return Optional.of(
          "Failed to fetch asset. Redirects are not followed (HTTP status %d).".formatted(status));
    }
    if (status != 200) {
      return Optional.of("Failed to fetch asset. Received HTTP status %d.".formatted(status));
    }
    String type =
        response
            .headers()
            .firstValue("Content-Type")
            .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
            .orElse("");
    if (!kind.accepts(type)) {
      return Optional.of(
          "Unsupported Content-Type \"%s\" for an asset of type %s.".formatted(type, kind.label()));
    }
    if (response.headers().firstValueAsLong("Content-Length").isEmpty()) {
      return Optional.of("The server did not send a Content-Length.");
    }
    if (response.headers().firstValueAsLong("Content-Length").getAsLong() > kind.maxBytes()) {
      return Optional.of(tooLarge(kind));
    }
    return Optional.empty();
  }

  private Fetched keep(InputStream body, MediaKind kind, long expected) throws IOException {
    Path file = Files.createTempFile(folder, "input-", ".bin");
    long kept = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        kept += read;
        if (kept > kind.maxBytes()) {
          break;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    if (kept > kind.maxBytes() || kept == 0 || kept != expected) {
      Files.deleteIfExists(file);
      return new Fetched.Refused(
          kept > kind.maxBytes()
              ? tooLarge(kind)
              : "Failed to fetch asset. %d of %d bytes came.".formatted(kept, expected));
    }
    return new Fetched.Kept(new Reference(file));
  }

  private static String tooLarge(MediaKind kind) {
    return "The asset is too large: at most %d bytes for an asset of type %s."
        .formatted(kind.maxBytes(), kind.label());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.shutdownNow();
  }
}
