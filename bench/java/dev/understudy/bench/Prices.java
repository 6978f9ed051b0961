package dev.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** bench/prices.json: what everything costs, and what is assumed of AWS and the provider. */
record Prices(JsonNode file) {

  static Prices read() throws IOException {
    return new Prices(Json.MAPPER.readTree(Files.readAllBytes(Path.of("bench", "prices.json"))));
  }

  /** US dollars of one of these. */
  double usd(String what) {
    return file.required("usd").required(what).doubleValue();
  }

  /** What the provider takes for a task, in US dollars. */
  double task() {
    return file.required("task").required("usd").doubleValue();
  }

  /** How long an invocation of this function lasts on AWS. */
  Duration lasts(String function) {
    return Duration.ofMillis(assumed("milliseconds").required(function).longValue());
  }

  /** What an invocation of this function is charged for: seconds times GB, as in the template. */
  double gigabyteSeconds(String function) {
    var memory = assumed("memoryMb");
    double megabytes = memory.path(function).asDouble(memory.required("usual").doubleValue());
    return lasts(function).toMillis() / 1000.0 * megabytes / 1024;
  }

  double logGigabytes() {
    return assumed("logBytesPerInvocation").doubleValue() / 1e9;
  }

  private JsonNode assumed(String what) {
    return file.required("assumed").required(what);
  }
}
