package dev.understudy.adapters.dynamodb;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A condition with what it names.
 *
 * @param text the expression; every name in it is an alias, because DynamoDB reserves some 570
 *     words
 * @param names the aliases
 * @param values the values; null where there are none, because DynamoDB refuses an empty map
 */
record Condition(
    String text, Map<String, String> names, @Nullable Map<String, AttributeValue> values) {

  private static final Map<String, String> REV = Map.of("#rev", "rev");

  /**
   * That what is stored still is what was read.
   *
   * @param rev the revision that was read; 0 where nothing was stored
   */
  static Condition still(long rev) {
    return rev == 0
        ? new Condition("attribute_not_exists(#rev)", REV, null)
        : new Condition("#rev = :rev", REV, Map.of(":rev", Attributes.of(rev)));
  }
}
