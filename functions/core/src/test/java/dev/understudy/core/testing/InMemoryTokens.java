package dev.understudy.core.testing;

import dev.understudy.core.ports.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The tokens in memory. */
public final class InMemoryTokens implements Tokens {

  private final InstantSource clock;
  private final Faults faults;
  private final Map<String, Token> tokens = new TreeMap<>();
  private int issued;

  /** No tokens yet. */
  public InMemoryTokens(InstantSource clock, Faults faults) {
    this.clock = clock;
    this.faults = faults;
  }

  /**
   * Issues one.
   *
   * @return the token itself, as a client sends it
   */
  public String issue(String tenant, boolean admin) {
    issued++;
    var token = "understudy_" + "%043d".formatted(issued);
    var hash = sha256(token);
    tokens.put(hash, new Token(hash, tenant, admin, clock.instant()));
    return token;
  }

  /** Takes one back. */
  public void revoke(String token) {
    tokens.remove(sha256(token));
  }

  @Override
  public Optional<Token> find(String sha256) {
    return faults.around("token", () -> Optional.ofNullable(tokens.get(sha256)));
  }

  private static String sha256(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
