package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.understudy.core.provider.Exchange;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.provider.ProviderText;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * CometAPI over HTTP/1.1. Each call has a client and a connection of its own: a pooled connection
 * that the other side has closed meanwhile is the commonest way to lose an answer, and a function
 * that was frozen between two calls holds exactly such ones. Nothing is repeated and no redirect is
 * followed. The bound is kept here, over the whole exchange, because the JDK's own request timeout
 * ends when the headers have come.
 */
public final class CometApi implements Provider {
  static final int LARGEST_BODY = 1_048_576;

  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final long LONGEST_RETRY_AFTER_SECONDS = 86_400;
  private static final String RETRY_EVERYTHING = "jdk.httpclient.enableAllMethodRetry";
  private static final String TOO_MANY_RETRIES = "Too many retries";

  static {
    // The JDK repeats a GET at once, by itself, when the connection breaks before an answer; two
    // questions about a task must not be that close. It reads this before the first request of all.
    System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
  }

  private final String endpoint;
  private final String host;
  private final String runwayVersion;
  private final InstantSource clock;
  private final UnaryOperator<HttpClient.Builder> tls;

  /**
   * @param baseUrl where the provider is, for example {@code https://api.cometapi.com}; a trailing
   *     slash, {@code /runwayml} and {@code /runwayml/v1} may be there or not. Plain http and
   *     private addresses are taken as configured
   * @param runwayVersion the date for {@code X-Runway-Version}
   * @throws IllegalArgumentException if the URL is not an absolute http or https one, or has a
   *     query, a fragment or user information
   * @throws IllegalStateException if the JVM is told to repeat POSTs by itself
   */
  public CometApi(URI baseUrl, String runwayVersion, InstantSource clock) {
    this(baseUrl, runwayVersion, clock, UnaryOperator.identity());
  }

  CometApi(
      URI baseUrl,
      String runwayVersion,
      InstantSource clock,
      UnaryOperator<HttpClient.Builder> tls) {
    String retry = System.getProperty(RETRY_EVERYTHING);
    if (retry != null && !retry.equalsIgnoreCase("false")) {
      throw new IllegalStateException(
          "Remove the system property "
              + RETRY_EVERYTHING
              + ": it makes the JDK repeat a paid POST");
    }
    this.endpoint = endpoint(baseUrl);
    this.host = baseUrl.getHost();
    this.runwayVersion = runwayVersion;
    this.clock = clock;
    this.tls = tls;
  }

  @Override
  public Exchange submit(byte[] json, String apiKey, Duration bound) {
    OnceBody body = new OnceBody(json);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint + "/character_performance"))
            .header("Content-Type", "application/json")
            .POST(body);
    return exchange(request, body, apiKey, bound);
  }

  @Override
  public Exchange task(String providerTaskId, String apiKey, Duration bound) {
    String id = URLEncoder.encode(providerTaskId, UTF_8).replace("+", "%20");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint + "/tasks/" + id)).GET();
    return exchange(request, null, apiKey, bound);
  }

  private Exchange exchange(
      HttpRequest.Builder builder, @Nullable OnceBody body, String apiKey, Duration bound) {
    String key = apiKey.strip();
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      // the JDK's own complaint would quote the key
      return new Exchange.NotSent("the API key is empty or holds characters no header can carry");
    }
    HttpRequest request =
        builder
            .header("Authorization", "Bearer " + key)
            .header("X-Runway-Version", runwayVersion)
            .header("Accept", "application/json")
            .header("User-Agent", "understudy")
            .build();
    HttpClient client =
        tls.apply(
                HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    // through a proxy nobody could tell what "before a byte was sent" means
                    .proxy(HttpClient.Builder.NO_PROXY)
                    .connectTimeout(bound.compareTo(CONNECT) < 0 ? bound : CONNECT))
            .build();
    try {
      CompletableFuture<HttpResponse<CappedBody.Text>> answer =
          client.sendAsync(request, head -> new CappedBody(LARGEST_BODY));
      try {
        return answered(answer.get(bound.toNanos(), NANOSECONDS));
      } catch (TimeoutException e) {
        answer.cancel(true);
        return broken("no whole answer from " + host + " within " + bound.toMillis() + " ms", body);
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        return broken("interrupted while waiting for " + host, body);
      } catch (ExecutionException e) {
        return failed(cause(e), body);
      }
    } finally {
      client.shutdownNow();
    }
  }

  private Exchange.Answered answered(HttpResponse<CappedBody.Text> response) {
    return new Exchange.Answered(
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse(null),
        retryAfter(response.headers().firstValue("Retry-After").orElse(null)),
        response.body().text(),
        response.body().cut());
  }

  /** What broke the exchange; the JDK wraps it where it would otherwise have tried again. */
  private static Throwable cause(ExecutionException e) {
    Throwable failure = e.getCause() == null ? e : e.getCause();
    return failure.getCause() != null && TOO_MANY_RETRIES.equals(failure.getMessage())
        ? failure.getCause()
        : failure;
  }

  private Exchange failed(Throwable failure, @Nullable OnceBody body) {
    return switch (failure) {
      case HttpConnectTimeoutException e ->
          unconnected("no connection to " + host + " in time", body);
      case ConnectException e when e.getCause() instanceof UnresolvedAddressException ->
          unconnected("the host name " + host + " cannot be resolved", body);
      case ConnectException e -> unconnected("no connection to " + host + described(e), body);
      // the request would have travelled inside the session that could not be agreed on
      case SSLHandshakeException e ->
          new Exchange.NotSent("no TLS session with " + host + described(e));
      default -> broken("the connection to " + host + " broke" + described(failure), body);
    };
  }

  private static Exchange unconnected(String reason, @Nullable OnceBody body) {
    return body != null && body.handedOver()
        ? new Exchange.Broken(reason)
        : new Exchange.NotSent(reason);
  }

  /** Headers alone are no order: while no byte of the body has left, nothing was accepted. */
  private static Exchange broken(String reason, @Nullable OnceBody body) {
    return body != null && !body.handedOver()
        ? new Exchange.NotSent(reason)
        : new Exchange.Broken(reason);
  }

  private static String described(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? " (" + failure.getClass().getSimpleName() + ")"
        : ": " + ProviderText.clean(message);
  }

  /** Seconds or a date (RFC 9110 section 10.2.3); null if absent or neither. */
  private @Nullable Duration retryAfter(@Nullable String header) {
    if (header == null) {
      return null;
    }
    String value = header.strip();
    try {
      long seconds =
          value.matches("\\d{1,18}")
              ? Long.parseLong(value)
              : Duration.between(
                      clock.instant(),
                      Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value)))
                  .toSeconds();
      return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_RETRY_AFTER_SECONDS));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String endpoint(URI base) {
    String scheme = base.getScheme();
    boolean http = "https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme);
    if (!http
        || base.getHost() == null
        || base.getRawQuery() != null
        || base.getRawFragment() != null
        || base.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "CometApiBaseUrl must be like https://api.cometapi.com, without a query or a user name");
    }
    String root = base.toString().replaceAll("/+$", "").replaceAll("/runwayml(/v1)?$", "");
    return root.replaceAll("/+$", "") + "/runwayml/v1";
  }
}
