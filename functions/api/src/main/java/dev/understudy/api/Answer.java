package dev.understudy.api;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param status the HTTP status
 * @param headers besides the content type
 * @param body what becomes JSON; null for none
 */
record Answer(int status, Map<String, String> headers, @Nullable Object body) {

  Answer {
    headers = Map.copyOf(headers);
  }

  static Answer ok(Object body) {
    return new Answer(200, Map.of(), body);
  }

  static Answer empty(int status) {
    return new Answer(status, Map.of(), null);
  }

  Answer with(String header, String value) {
    var more = new HashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, body);
  }
}
