package dev.understudy.api;

import java.util.Map;
import java.util.Optional;

/**
 * A request as it came.
 *
 * @param method in upper case
 * @param path below {@code /v1}, decoded, without a trailing slash; {@code /tasks/1}
 * @param query the parameters, decoded
 * @param headers by name in lower case; they carry the token and are never logged
 * @param body its bytes; empty where there is none
 * @param base where {@code /v1} lies, as the caller sees it: absolute where the gateway names its
 *     address, else relative to the request's own address
 */
@SuppressWarnings("ArrayRecordComponent")
record Call(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body,
    String base) {

  Call {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  Call(
      String method,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      byte[] body) {
    this(method, path, query, headers, body, ".");
  }

  /** The value of a header, by its name in lower case. */
  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** The value of a query parameter. */
  Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }

  @Override
  public String toString() {
    return "Call[%s %s]".formatted(method, path);
  }
}
