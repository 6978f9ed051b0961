package dev.understudy.adapters.cometapi;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names that say themselves what they resolve to: {@code 10.0.0.1.resolves.test}, and {@code
 * fd00--1.resolves.test} for fd00::1. All other names are resolved as ever. The JVM finds this
 * class in META-INF/services.
 */
public final class TestNames extends InetAddressResolverProvider {
  private static final String SUFFIX = ".resolves.test";
  private static final Pattern IPV4 = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+$");

  /** An https URL whose name resolves to loopback. */
  static URI loopback(String label, int port) {
    return URI.create("https://" + label + ".127.0.0.1" + SUFFIX + ":" + port + "/o");
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    var builtin = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        return host.endsWith(SUFFIX)
            ? Stream.of(resolved(host))
            : builtin.lookupByName(host, policy);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        return builtin.lookupByAddress(address);
      }
    };
  }

  @Override
  public String name() {
    return "names of tests";
  }

  private static InetAddress resolved(String host) throws UnknownHostException {
    var name = host.substring(0, host.length() - SUFFIX.length());
    var four = IPV4.matcher(name);
    var address = four.find() ? four.group() : name.replace('-', ':');
    return InetAddress.getByAddress(host, InetAddress.getByName(address).getAddress());
  }
}
