package dev.understudy.core.inputs;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads what a caller wrote as an address, and which keys a tenant may name. */
final class AddressReader {

  private static final String SCHEMES =
      "must be an https address, s3://<the stack's bucket>/<key>, a runway:// URI of POST /v1/uploads, or a data URI.";

  private static final Pattern UPLOAD =
      Pattern.compile(
          "://([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([A-Za-z0-9._-]{1,100})");

  /** Dots and slashes in a disguise that some tool on the way might take off. */
  private static final Pattern DISGUISED = Pattern.compile("(?i)%(2e|2f|5c|00|25)|\\\\");

  private static final int LONGEST_KEY = 1024;

  /** The tenant of orders by S3, whose folders lie beside those of the API's tenants. */
  private static final String DEFAULT_TENANT = "default";

  /** Where each tenant has a folder of its own. */
  private static final List<String> AREAS = List.of("uploads/", "outputs/api/", "incoming/api/");

  private AddressReader() {}

  static Address read(String uri, String tenant, String bucket) {
    int colon = uri.indexOf(':');
    var scheme = colon < 0 ? "" : uri.substring(0, colon).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "https" -> {
        var problem = HttpsAddress.problem(uri, SCHEMES);
        yield problem == null ? new Address.Https(uri) : new Address.Malformed(problem);
      }
      case "s3" -> inBucket(uri.substring(colon), tenant, bucket);
      case "runway" -> upload(uri.substring(colon), tenant);
      case "data" -> data(uri);
      default -> new Address.Malformed(SCHEMES);
    };
  }

  private static Address inBucket(String rest, String tenant, String bucket) {
    var prefix = "://" + bucket + "/";
    if (!rest.startsWith(prefix)) {
      return new Address.Nothing();
    }
    var key = rest.substring(prefix.length());
    return plain(key) && mayRead(tenant, key) ? new Address.Key(key) : new Address.Nothing();
  }

  private static Address upload(String rest, String tenant) {
    var upload = UPLOAD.matcher(rest);
    if (!upload.matches() || !plain(upload.group(2))) {
      return new Address.Nothing();
    }
    return new Address.Key("uploads/%s/%s/%s".formatted(tenant, upload.group(1), upload.group(2)));
  }

  private static Address data(String uri) {
    if (uri.length() > Address.LONGEST_DATA) {
      return new Address.Malformed(
          "has %,d characters, and a data URI may have %,d: upload the file with POST /v1/uploads instead."
              .formatted(uri.length(), Address.LONGEST_DATA));
    }
    int comma = uri.indexOf(',');
    if (comma < 0 || !uri.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")) {
      return new Address.Malformed("must be written as data:<type>;base64,<content>.");
    }
    var content = uri.substring(comma + 1);
    try {
      if (content.length() % 4 == 0) {
        return new Address.Data(Base64.getDecoder().decode(content));
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    return new Address.Malformed(
        "holds what is not base64: encode it with A-Z, a-z, 0-9, + and /, padded with =, without line breaks.");
  }

  private static boolean plain(String key) {
    if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY
        || DISGUISED.matcher(key).find()) {
      return false;
    }
    for (var segment : key.split("/", -1)) {
      if (segment.isEmpty()
          || segment.equals(".")
          || segment.equals("..")
          || segment.chars().anyMatch(Character::isISOControl)) {
        return false;
      }
    }
    return true;
  }

  private static boolean mayRead(String tenant, String key) {
    if (AREAS.stream().anyMatch(area -> key.startsWith(area + tenant + "/"))) {
      return true;
    }
    return tenant.equals(DEFAULT_TENANT)
        && (key.startsWith("incoming/") || key.startsWith("outputs/"))
        && AREAS.stream().noneMatch(key::startsWith);
  }
}
