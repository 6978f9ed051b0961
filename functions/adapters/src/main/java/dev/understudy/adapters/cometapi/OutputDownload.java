package dev.understudy.adapters.cometapi;

import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.provider.ProviderText;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;

/**
 * Downloads over {@link HttpURLConnection}: it has what a long stream needs and the newer client
 * has not, a timeout for each single read and a say in which address is connected to.
 */
public final class OutputDownload implements Downloads {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final OutputRule rule;
  private final Duration stall;
  private final SSLSocketFactory tls;
  private final VettedSockets vetted;

  /**
   * @param provider the configured provider's base URL, the one address that may be a private one
   * @param stall how long a single read may take, the wait for the headers included
   */
  public OutputDownload(URI provider, Duration stall) {
    this(new OutputRule(provider), stall, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  OutputDownload(OutputRule rule, Duration stall, SSLSocketFactory tls) {
    this.rule = rule;
    this.stall = stall;
    this.tls = tls;
    this.vetted = new VettedSockets(tls, rule::mayConnect);
  }

  @Override
  public Download open(URI output) {
    String refusal = rule.refusal(output);
    if (refusal != null) {
      return new Download.Failed(refusal);
    }
    try {
      HttpURLConnection connection = connection(output);
      return answered(output, connection.getResponseCode(), connection);
    } catch (IOException | IllegalArgumentException e) {
      return new Download.Failed("The output's host " + output.getHost() + said(e));
    }
  }

  private HttpURLConnection connection(URI url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
    if (connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(rule.isProvider(url) ? tls : vetted);
    }
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) CONNECT.toMillis());
    connection.setReadTimeout((int) stall.toMillis());
    connection.setRequestProperty("Accept", "*/*");
    connection.setRequestProperty("Accept-Encoding", "identity");
    connection.setRequestProperty("User-Agent", "understudy");
    return connection;
  }

  private Download answered(URI url, int status, HttpURLConnection connection) throws IOException {
    if (status == 200) {
      long length = connection.getContentLengthLong();
      return new Download.Opened(
          new Body(connection, stall), length < 0 ? null : length, connection.getContentType());
    }
    connection.disconnect();
    return switch (status) {
      // 400 is S3's ExpiredToken, 401 and 403 an expired signature, 404 and 410 a file removed
      case 400, 401, 403, 404, 410 -> new Download.NotThere(status);
      case 301, 302, 303, 307, 308 ->
          new Download.Failed(
              "The output's host "
                  + url.getHost()
                  + " answered with a redirect (HTTP "
                  + status
                  + "), and none is followed.");
      default ->
          new Download.Failed(
              "The output's host " + url.getHost() + " answered with HTTP " + status + ".");
    };
  }

  /** Never the exception's own text where it could hold the URL. */
  private static String said(Exception failure) {
    return switch (failure) {
      case VettedSockets.NotPublicException e ->
          " is not connected to: " + e.getMessage() + ", and only the provider's own may be.";
      case UnknownHostException e -> " cannot be resolved.";
      case SocketTimeoutException e -> " did not answer in time.";
      case SSLException e -> " offers no TLS session: " + ProviderText.clean("" + e.getMessage());
      case IllegalArgumentException e -> " cannot be connected to: its URL is not one.";
      default ->
          " could not be read: "
              + failure.getClass().getSimpleName().toLowerCase(Locale.ROOT)
              + " "
              + ProviderText.clean("" + failure.getMessage());
    };
  }

  /** The bytes; closing it drops the connection, however much is still to come. */
  private static final class Body extends FilterInputStream {
    private final HttpURLConnection connection;
    private final Duration stall;

    Body(HttpURLConnection connection, Duration stall) throws IOException {
      super(connection.getInputStream());
      this.connection = connection;
      this.stall = stall;
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        throw told(e);
      }
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      try {
        return in.read(into, from, length);
      } catch (IOException e) {
        throw told(e);
      }
    }

    @Override
    public void close() {
      connection.disconnect();
    }

    private IOException told(IOException failure) {
      return failure instanceof SocketTimeoutException
          ? new IOException("no byte of the output came for " + stall.toSeconds() + " s")
          : new IOException(
              "the output broke off: " + ProviderText.clean("" + failure.getMessage()));
    }
  }
}
