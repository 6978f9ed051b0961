package dev.understudy.adapters.dynamodb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.core.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Records as items and back. What is null is absent; what a newer version has added is passed over
 * when read.
 */
final class Attributes {

  private Attributes() {}

  static AttributeValue of(String text) {
    return AttributeValue.fromS(text);
  }

  static AttributeValue of(long number) {
    return AttributeValue.fromN(Long.toString(number));
  }

  static AttributeValue of(boolean flag) {
    return AttributeValue.fromBool(flag);
  }

  static AttributeValue of(Instant time) {
    return of(Json.time(time));
  }

  /** The attributes of a record, in a map of its own that the caller may add to. */
  static Map<String, AttributeValue> of(Record value) {
    return map(Json.MAPPER.valueToTree(value));
  }

  /**
   * The record in an item.
   *
   * @throws IllegalStateException when the item cannot be one
   */
  static <T extends Record> T read(Map<String, AttributeValue> item, Class<T> type) {
    try {
      return Json.MAPPER.treeToValue(tree(item), type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "The item %s cannot be read as %s: it was written by another version or by hand."
              .formatted(Key.of(item), type.getSimpleName()),
          e);
    }
  }

  static String text(Map<String, AttributeValue> item, String name) {
    return optionalText(item, name)
        .orElseThrow(() -> new IllegalStateException("An item has no text '" + name + "'."));
  }

  static Optional<String> optionalText(Map<String, AttributeValue> item, String name) {
    return Optional.ofNullable(item.get(name)).map(AttributeValue::s);
  }

  static Optional<Long> optionalNumber(Map<String, AttributeValue> item, String name) {
    return Optional.ofNullable(item.get(name)).map(AttributeValue::n).map(Long::valueOf);
  }

  /** A counter; one that was never written is 0. */
  static int count(Map<String, AttributeValue> item, String name) {
    return optionalNumber(item, name).map(Math::toIntExact).orElse(0);
  }

  private static Map<String, AttributeValue> map(JsonNode object) {
    var attributes = new HashMap<String, AttributeValue>();
    object
        .properties()
        .forEach(field -> {
          if (!field.getValue().isNull()) {
            attributes.put(field.getKey(), value(field.getValue()));
          }
        });
    return attributes;
  }

  private static AttributeValue value(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> of(node.textValue());
      case NUMBER -> AttributeValue.fromN(node.asText());
      case BOOLEAN -> of(node.booleanValue());
      case OBJECT -> AttributeValue.fromM(map(node));
      case ARRAY -> AttributeValue.fromL(node.valueStream().map(Attributes::value).toList());
      case NULL -> AttributeValue.fromNul(true);
      case BINARY, MISSING, POJO ->
          throw new IllegalStateException("No attribute can hold a " + node.getNodeType());
    };
  }

  private static JsonNode tree(Map<String, AttributeValue> item) {
    var object = JsonNodeFactory.instance.objectNode();
    item.forEach((name, value) -> {
      var node = tree(value);
      if (node != null) {
        object.set(name, node);
      }
    });
    return object;
  }

  /** Null for what no record of ours is stored as. */
  private static @Nullable JsonNode tree(AttributeValue value) {
    var nodes = JsonNodeFactory.instance;
    return switch (value.type()) {
      case S -> nodes.textNode(value.s());
      case N -> nodes.numberNode(new BigDecimal(value.n()));
      case BOOL -> nodes.booleanNode(value.bool());
      case M -> tree(value.m());
      case L -> {
        var array = nodes.arrayNode();
        value.l().stream().map(Attributes::tree).forEach(array::add);
        yield array;
      }
      case NUL -> nodes.nullNode();
      case B, SS, NS, BS, UNKNOWN_TO_SDK_VERSION -> null;
    };
  }
}
