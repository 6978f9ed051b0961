package dev.understudy.adapters.webhook;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.ports.Receiver;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Posts to one configured address over HTTP/1.1, and to no other: no redirect is followed and no
 * proxy used. Each request has a connection of its own and is sent once; what has to be repeated is
 * repeated by the queue it came from. The address may hold a secret, so nothing that is said
 * contains it.
 */
public final class HttpReceiver implements Receiver {

  /** Plain http is for tests on the same machine. */
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private static final String TOO_MANY_RETRIES = "Too many retries";

  static {
    // The JDK would send a request again by itself when a connection breaks early. It reads this
    // before the first request of all.
    System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
  }

  private final URI address;

  private HttpReceiver(URI address) {
    this.address = address;
  }

  /**
   * The receiver at an address.
   *
   * @param address an absolute https address; http is taken for this machine's own
   * @throws Misconfigured if it is another one; it is not quoted
   */
  public static HttpReceiver at(String address) {
    try {
      var uri = new URI(address);
      if (uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawFragment() == null
          && ("https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())))) {
        return new HttpReceiver(uri);
      }
    } catch (URISyntaxException e) {
      // said below; the exception's own words quote the address
    }
    throw new Misconfigured(
        "WebhookUrl is not an https address without a user name and a #: deploy with such a one.");
  }

  @Override
  public Answer post(byte[] json, Map<String, String> headers, Duration bound) {
    var request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .header("User-Agent", "understudy")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json));
    headers.forEach(request::header);
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(bound)
            .build();
    try {
      var answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
      try {
        return new Answer.Answered(answer.get(bound.toNanos(), NANOSECONDS).statusCode());
      } catch (TimeoutException e) {
        answer.cancel(true);
        return new Answer.Unanswered("no whole answer within %d s".formatted(bound.toSeconds()));
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        return new Answer.Unanswered("interrupted");
      } catch (ExecutionException e) {
        return new Answer.Unanswered(cause(e).getClass().getSimpleName());
      }
    } finally {
      client.shutdownNow();
    }
  }

  /** What broke the exchange: its kind only, because its message may name the address. */
  private static Throwable cause(ExecutionException e) {
    var failure = e.getCause() == null ? e : e.getCause();
    // the JDK wraps it where it would otherwise have tried again
    return failure.getCause() != null && TOO_MANY_RETRIES.equals(failure.getMessage())
        ? failure.getCause()
        : failure;
  }
}
