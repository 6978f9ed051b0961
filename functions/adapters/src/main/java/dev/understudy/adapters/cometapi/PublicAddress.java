package dev.understudy.adapters.cometapi;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Tells addresses on the public internet from all others (IANA's special-purpose registries, RFC
 * 6890 and its successors): loopback, private, link-local (the metadata service of every cloud),
 * shared (CGNAT), documentation, benchmarking, multicast, reserved and IPv6 wrappings of IPv4.
 */
final class PublicAddress {
  private PublicAddress() {}

  static boolean is(InetAddress address) {
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    int third = bytes[2] & 0xff;
    return address instanceof Inet4Address
        ? isPublic4(first, second, third)
        : isPublic6((first << 8) | second, (third << 8) | (bytes[3] & 0xff));
  }

  private static boolean isPublic4(int first, int second, int third) {
    return switch (first) {
      case 0, 10, 127 -> false;
      case 100 -> second < 64 || second > 127;
      case 169 -> second != 254;
      case 172 -> second < 16 || second > 31;
      case 192 ->
          !(second == 168
              || (second == 0 && (third == 0 || third == 2))
              || (second == 88 && third == 99));
      case 198 -> !(second == 18 || second == 19 || (second == 51 && third == 100));
      case 203 -> !(second == 0 && third == 113);
      default -> first < 224;
    };
  }

  /** Only 2000::/3 is in public use; within it Teredo, documentation and 6to4 are not. */
  private static boolean isPublic6(int first, int second) {
    return first >= 0x2000
        && first < 0x4000
        && first != 0x2002
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && !(first == 0x3fff && second < 0x1000);
  }
}
