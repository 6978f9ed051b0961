package dev.understudy.simulator.provider;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Enum constants written in kebab case outside the program: {@code RATE_LIMIT} is rate-limit. */
final class Named {
  private Named() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static <E extends Enum<E>> E find(Class<E> type, String name) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> of(constant).equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"%s\" is not one of %s."
                    .formatted(
                        name,
                        Arrays.stream(type.getEnumConstants())
                            .map(Named::of)
                            .collect(Collectors.joining(", ")))));
  }
}
