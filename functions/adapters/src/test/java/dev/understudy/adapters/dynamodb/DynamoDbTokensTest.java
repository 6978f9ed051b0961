package dev.understudy.adapters.dynamodb;

import static dev.understudy.adapters.dynamodb.ScriptedDynamoDb.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.ports.Tokens.Token;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;

class DynamoDbTokensTest {

  private static final String HASH = "0a1b2c3d".repeat(8);

  private final ScriptedDynamoDb dynamo = new ScriptedDynamoDb();
  private final DynamoDbTokens tokens =
      new DynamoDbTokens(dynamo, "t", new Resending(() -> Samples.NOW, new Random(1), p -> {}));

  @Test
  void find_shouldReadConsistently_soThatANewTokenWorksAtOnce() {
    dynamo.answering(
        GetItemResponse.builder()
            .item(
                attributes(
                    "pk",
                    "TOKEN",
                    "sk",
                    HASH,
                    "tenant",
                    "studio",
                    "admin",
                    true,
                    "createdAt",
                    "2026-03-01T12:00:00Z",
                    "addedLater",
                    "x"))
            .build());

    var token = tokens.find(HASH).orElseThrow();

    assertThat(token).isEqualTo(new Token(HASH, "studio", true, Samples.NOW));
    assertThat(token.name()).isEqualTo("0a1b2c3d");
    assertThat(dynamo.onlyRequest())
        .isEqualTo(
            GetItemRequest.builder()
                .tableName("t")
                .key(attributes("pk", "TOKEN", "sk", HASH))
                .consistentRead(true)
                .build());
  }

  @Test
  void find_shouldBeEmpty_whenThereIsNoSuchToken() {
    dynamo.answering(GetItemResponse.builder().build());

    assertThat(tokens.find(HASH)).isEmpty();
  }

  @Test
  void find_shouldBeUnavailable_whenTheTableCannotBeRead() {
    dynamo.answering(DynamoDbException.builder().statusCode(400).message("no").build());

    assertThatThrownBy(() -> tokens.find(HASH))
        .isInstanceOf(Unavailable.class)
        .hasMessageStartingWith("DynamoDB refused to read TOKEN (");
  }
}
