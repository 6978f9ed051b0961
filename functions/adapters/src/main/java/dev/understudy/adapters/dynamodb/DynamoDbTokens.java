package dev.understudy.adapters.dynamodb;

import dev.understudy.core.ports.Tokens;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The tokens in the table, read consistently: one that was just made works at once, and one that
 * was revoked is not found again.
 */
public final class DynamoDbTokens implements Tokens {

  private final ConsistentReads reads;

  /**
   * @param client reaches the table; its own retries and timeouts apply to each call
   * @param table the table's name
   * @param clock bounds how long a call is sent again
   * @param random draws pauses
   */
  public DynamoDbTokens(
      DynamoDbClient client, String table, InstantSource clock, RandomGenerator random) {
    this(client, table, new Resending(clock, random, Thread::sleep));
  }

  DynamoDbTokens(DynamoDbClient client, String table, Resending resending) {
    this.reads = new ConsistentReads(client, table, resending);
  }

  @Override
  public Optional<Token> find(String sha256) {
    return reads.item(Key.token(sha256)).map(item -> token(sha256, item));
  }

  private static Token token(String sha256, Map<String, AttributeValue> item) {
    return Attributes.read(Items.with(item, Map.of("sha256", Attributes.of(sha256))), Token.class);
  }
}
