package dev.understudy.simulator.http;

import dev.understudy.simulator.media.FilmStudio;
import dev.understudy.simulator.media.HttpInputs;
import dev.understudy.simulator.provider.Provider;
import dev.understudy.simulator.provider.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The whole simulator, listening. Inputs and videos are kept in a folder of its own under the
 * machine's temporary folder, which is deleted when it is closed.
 */
public final class SimulatorServer implements AutoCloseable {
  private final Path folder;
  private final HttpInputs inputs;
  private final HttpServer server;
  private final String host;

  /**
   * Starts it.
   *
   * @param host to bind, for instance 127.0.0.1
   * @param port to bind; 0: a free one
   * @param publicUrl what output URLs begin with; empty: the Host header of the GET
   * @param settings to begin with
   * @param random for ids and tokens
   * @param log told one line per request, without anything secret
   * @throws IOException if the port is taken or there is no temporary folder
   */
  public SimulatorServer(
      String host,
      int port,
      Optional<URI> publicUrl,
      Settings settings,
      RandomGenerator random,
      Consumer<String> log)
      throws IOException {
    this.host = host;
    this.folder = Files.createTempDirectory("understudy-simulator-");
    this.inputs = new HttpInputs(folder);
    Provider provider =
        new Provider(
            Clock.tickMillis(ZoneOffset.UTC), random, inputs, new FilmStudio(folder), settings);
    try {
      this.server = new HttpServer(host, port, new Routes(provider, publicUrl, log)::answer);
    } catch (IOException e) {
      inputs.close();
      delete();
      throw e;
    }
  }

  /**
   * Where it listens.
   *
   * @return for instance http://127.0.0.1:8700
   */
  public URI url() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + name + ":" + server.port());
  }

  @Override
  public void close() throws IOException {
    server.close();
    inputs.close();
    delete();
  }

  private void delete() {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
