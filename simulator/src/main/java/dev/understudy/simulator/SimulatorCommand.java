package dev.understudy.simulator;

import dev.understudy.simulator.http.SimulatorServer;
import dev.understudy.simulator.provider.Settings;
import dev.understudy.simulator.provider.Shape;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The command line of the simulated provider. */
@Command(
    name = "understudy-simulator",
    mixinStandardHelpOptions = true,
    version = "understudy-simulator 0.1.0",
    sortOptions = false,
    description =
        "Behaves as CometAPI's runwayml/v1/character_performance, without rendering or charging anything.")
public final class SimulatorCommand implements Callable<Integer> {
  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on (${DEFAULT-VALUE}). The admin API has no password: keep it on loopback.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      defaultValue = "8700",
      description = "Port to listen on (${DEFAULT-VALUE}); 0 takes a free one.")
  private int port = 8700;

  @Option(
      names = "--public-url",
      description = "What output URLs begin with; by default the Host header of the request.")
  private @Nullable URI publicUrl;

  @Option(
      names = "--api-key",
      defaultValue = "simulated-key",
      description = "The bearer token that is accepted (${DEFAULT-VALUE}).")
  private String apiKey = "simulated-key";

  @Option(
      names = "--shape",
      defaultValue = "bare",
      converter = ShapeName.class,
      description =
          "Body of a task's GET: bare (Runway's) or wrapped (the gateway's envelope); ${DEFAULT-VALUE}.")
  private Shape shape = Shape.BARE;

  @Option(
      names = "--render-seconds",
      defaultValue = "5",
      description = "How long a rendering takes (${DEFAULT-VALUE}).")
  private double renderSeconds = 5;

  @Option(
      names = "--render-variation",
      defaultValue = "0",
      description =
          "0 to 1: up to so much more or less of that time, by the seed (${DEFAULT-VALUE}).")
  private double renderVariation;

  @Option(
      names = "--concurrency",
      defaultValue = "5",
      description =
          "How many tasks are rendered at once; the others are THROTTLED (${DEFAULT-VALUE}).")
  private int concurrency = 5;

  @Option(
      names = "--not-visible-seconds",
      defaultValue = "0",
      description = "How long a new task answers task_not_exist (${DEFAULT-VALUE}).")
  private double notVisibleSeconds;

  @Option(
      names = "--late-output-seconds",
      defaultValue = "0",
      description =
          "How long a task has succeeded before it shows its output URL (${DEFAULT-VALUE}).")
  private double lateOutputSeconds;

  @Option(
      names = "--url-life-seconds",
      defaultValue = "86400",
      description = "How long an output URL can be fetched (${DEFAULT-VALUE}).")
  private double urlLifeSeconds = 86400;

  @Option(names = "--refund-on-failure", description = "Refund the charge of a task that fails.")
  private boolean refundOnFailure;

  @Option(
      names = "--price-usd",
      defaultValue = "0.40",
      description = "What a task costs when it is accepted (${DEFAULT-VALUE}).")
  private BigDecimal priceUsd = new BigDecimal("0.40");

  @Option(
      names = "--allow-http",
      description = "Take inputs from http URLs, IP addresses and localhost, too.")
  private boolean allowHttp;

  @Option(
      names = "--require-head",
      description = "Refuse inputs whose server does not answer HEAD.")
  private boolean requireHead;

  @Option(
      names = "--require-all-fields",
      description = "Refuse requests that leave any field to its default.")
  private boolean requireAllFields;

  @Option(
      names = "--fetch-timeout-seconds",
      defaultValue = "20",
      description = "How long fetching one input may take (${DEFAULT-VALUE}).")
  private double fetchTimeoutSeconds = 20;

  @Option(names = "--random-seed", description = "Makes ids and tokens repeatable.")
  private @Nullable Long randomSeed;

  @Option(names = "--quiet", description = "Do not print a line per request.")
  private boolean quiet;

  /** Used by picocli. */
  public SimulatorCommand() {}

  /**
   * Runs until it is told to stop.
   *
   * @param arguments see --help
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SimulatorCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    Settings settings;
    try {
      settings = settings();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    RandomGenerator random = randomSeed == null ? new SecureRandom() : new Random(randomSeed);
    SimulatorServer server;
    try {
      server =
          new SimulatorServer(
              host, port, Optional.ofNullable(publicUrl), settings, random, this::log);
    } catch (IOException e) {
      System.err.println(
          "Cannot listen on %s:%d: %s. Take another --port, or 0 for a free one."
              .formatted(host, port, e.getMessage()));
      return CommandLine.ExitCode.SOFTWARE;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
    System.out.println("listening on " + server.url());
    new CountDownLatch(1).await();
    return CommandLine.ExitCode.OK;
  }

  private Settings settings() {
    return new Settings(
        apiKey,
        false,
        shape,
        seconds(renderSeconds),
        renderVariation,
        concurrency,
        seconds(notVisibleSeconds),
        seconds(lateOutputSeconds),
        seconds(urlLifeSeconds),
        refundOnFailure,
        priceUsd,
        allowHttp,
        requireHead,
        requireAllFields,
        seconds(fetchTimeoutSeconds));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private void log(String line) {
    if (!quiet) {
      System.out.println(line);
    }
  }

  private static void stop(SimulatorServer server) {
    try {
      server.close();
      System.out.println("stopped");
    } catch (IOException e) {
      System.err.println("Stopping did not go well: " + e);
    }
  }

  /** Reads bare and wrapped, as settings and faults write them. */
  static final class ShapeName implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String name) {
      try {
        return Shape.named(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
