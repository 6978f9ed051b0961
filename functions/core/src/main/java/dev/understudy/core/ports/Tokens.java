package dev.understudy.core.ports;

import java.time.Instant;
import java.util.Optional;

/** The bearer tokens of the API, of which only the SHA-256 is stored. */
public interface Tokens {

  /**
   * A token.
   *
   * @param sha256 the hash of the token, 64 hexadecimal digits in lower case
   * @param tenant whose it is
   * @param admin whether it may decide for the stack: resolve, pause and resume
   * @param createdAt when it was made
   */
  record Token(String sha256, String tenant, boolean admin, Instant createdAt) {

    /** How a token is named where it must not be shown: the first 8 digits of its hash. */
    public String name() {
      return sha256.substring(0, 8);
    }
  }

  /**
   * The token with this hash.
   *
   * @throws dev.understudy.core.errors.Unavailable when the table does not answer
   */
  Optional<Token> find(String sha256);
}
