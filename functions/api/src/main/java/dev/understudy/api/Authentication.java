package dev.understudy.api;

import dev.understudy.core.ports.Tokens;
import dev.understudy.core.ports.Tokens.Token;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who calls, by the bearer token (RFC 6750). Tokens are compared by their SHA-256 only, which is
 * also what is stored. One that was found is not looked up again for {@link #REMEMBERED}: for so
 * long a revoked token still works. One that was not found is looked up each time, so that a new
 * token works at once.
 */
final class Authentication {

  /** How long a found token is not looked up again. */
  static final Duration REMEMBERED = Duration.ofSeconds(60);

  private static final int MOST_REMEMBERED = 1_000;

  /** 256 bits in base64url. Nothing else is looked up. */
  private static final Pattern BEARER =
      Pattern.compile("(?i:bearer) +(understudy_[A-Za-z0-9_-]{43})");

  private record Found(Token token, Instant until) {}

  private final Tokens tokens;
  private final InstantSource clock;
  private final Map<String, Found> found =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Found> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  Authentication(Tokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * The caller.
   *
   * @param authorization the header's value
   * @throws Refused with 401, the same whatever is wrong with it
   */
  Caller caller(Optional<String> authorization) {
    return authorization
        .map(String::strip)
        .map(BEARER::matcher)
        .filter(m -> m.matches())
        .flatMap(m -> token(sha256(m.group(1))))
        .map(token -> new Caller(token.tenant(), token.admin(), token.name()))
        .orElseThrow(() ->
            new Refused(
                401,
                "The token is missing or not valid: send the header Authorization: Bearer <token>, with a token that was made for this stack.",
                List.of(),
                Map.of("www-authenticate", "Bearer")));
  }

  private synchronized Optional<Token> token(String sha256) {
    var now = clock.instant();
    var remembered = found.get(sha256);
    if (remembered != null && now.isBefore(remembered.until())) {
      return Optional.of(remembered.token());
    }
    found.remove(sha256);
    var token = tokens.find(sha256);
    token.ifPresent(t -> found.put(sha256, new Found(t, now.plus(REMEMBERED))));
    return token;
  }

  private static String sha256(String token) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
