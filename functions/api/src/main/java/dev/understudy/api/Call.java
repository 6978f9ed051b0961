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
 */
@SuppressWarnings("ArrayRecordComponent")
record Call(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body) {

  Call {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  /** The value of a header, by its name in lower case. */
  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  @Override
  public String toString() {
    return "Call[%s %s]".formatted(method, path);
  }
}
