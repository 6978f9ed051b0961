package dev.understudy.api;

import java.util.Map;

/**
 * A request as the gateway hands it over.
 *
 * @param method as it came
 * @param path the whole path, decoded, without the stage
 * @param query the parameters, decoded; values of one name joined by commas
 * @param headers by name in lower case; values of one name joined by commas
 * @param body its bytes; empty where there is none
 * @param gateway the gateway's own address with the stage; blank where the request did not come by
 *     it
 */
@SuppressWarnings("ArrayRecordComponent")
record Request(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body,
    String gateway) {

  Request {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }

  @Override
  public String toString() {
    return "Request[withheld]";
  }
}
