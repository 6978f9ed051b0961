package dev.understudy.simulator.provider;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A request as the provider's rules see it.
 *
 * @param headers by lower-case name
 * @param body the text sent, empty if none
 * @param baseUrl what output URLs begin with, without a slash at the end
 */
public record Call(Map<String, String> headers, String body, String baseUrl) {
  /** Lower-cases the header names. */
  public Call {
    headers =
        headers.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    e -> e.getKey().toLowerCase(Locale.ROOT),
                    Map.Entry::getValue,
                    (first, second) -> first));
  }

  Optional<String> header(String lowerCaseName) {
    return Optional.ofNullable(headers.get(lowerCaseName));
  }
}
