package dev.understudy.adapters.cometapi;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS sockets that connect to acceptable addresses only. The address is judged at the moment it is
 * connected to, so a name that resolves differently a second time gains nothing.
 */
final class VettedSockets extends SSLSocketFactory {
  private final SSLSocketFactory tls;
  private final Predicate<InetAddress> acceptable;

  VettedSockets(SSLSocketFactory tls, Predicate<InetAddress> acceptable) {
    this.tls = tls;
    this.acceptable = acceptable;
  }

  /** Not yet connected; the caller puts TLS on top of it once it is. */
  @Override
  public Socket createSocket() {
    return new Socket() {
      @Override
      public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (endpoint instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && !acceptable.test(internet.getAddress())) {
          throw new NotPublicException();
        }
        super.connect(endpoint, timeout);
      }
    };
  }

  @Override
  public Socket createSocket(Socket connected, String host, int port, boolean autoClose)
      throws IOException {
    return tls.createSocket(connected, host, port, autoClose);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw notVetted();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw notVetted();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    throw notVetted();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw notVetted();
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return tls.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return tls.getSupportedCipherSuites();
  }

  private static IOException notVetted() {
    return new IOException("only sockets whose address was judged are made here");
  }

  /** The host is not on the public internet. */
  static final class NotPublicException extends IOException {
    private static final long serialVersionUID = 1L;

    NotPublicException() {
      super("its address is not a public one");
    }
  }
}
