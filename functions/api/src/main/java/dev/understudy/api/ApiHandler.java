package dev.understudy.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** The api function: requests of API Gateway's HTTP API, payload format 2.0. */
public final class ApiHandler implements RequestStreamHandler {

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Json.MAPPER.writeValue(output, Map.of("statusCode", 404, "body", "{}"));
  }
}
