package dev.understudy.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Items of the table as JSON, by no code of the product. */
final class Items {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Items() {}

  static ObjectNode json(Map<String, AttributeValue> item) {
    ObjectNode object = NODES.objectNode();
    item.forEach((name, value) -> object.set(name, json(value)));
    return object;
  }

  private static JsonNode json(AttributeValue value) {
    return switch (value.type()) {
      case S -> NODES.textNode(value.s());
      case N -> NODES.numberNode(new BigDecimal(value.n()));
      case BOOL -> NODES.booleanNode(value.bool());
      case M -> json(value.m());
      case L -> {
        ArrayNode list = NODES.arrayNode();
        value.l().forEach(one -> list.add(json(one)));
        yield list;
      }
      case NUL -> NODES.nullNode();
      case B, SS, NS, BS, UNKNOWN_TO_SDK_VERSION ->
          throw new AssertionError("The table holds no " + value.type() + ".");
    };
  }
}
