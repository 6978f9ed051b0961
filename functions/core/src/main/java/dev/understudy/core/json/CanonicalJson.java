package dev.understudy.core.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.TreeMap;

/**
 * JSON such that two documents which mean the same are the same text: no white space, fields in the
 * order of their names, numbers by their value ({@code 3}, {@code 3.0} and {@code 30e-1} are one).
 */
public final class CanonicalJson {

  private CanonicalJson() {}

  /** The text of a document. */
  public static String of(JsonNode document) {
    return sorted(document).toString();
  }

  private static JsonNode sorted(JsonNode node) {
    var nodes = JsonNodeFactory.instance;
    return switch (node.getNodeType()) {
      case OBJECT -> {
        var fields = new TreeMap<String, JsonNode>();
        node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
        var object = nodes.objectNode();
        fields.forEach(object::set);
        yield object;
      }
      case ARRAY -> {
        var array = nodes.arrayNode();
        node.forEach(element -> array.add(sorted(element)));
        yield array;
      }
      case NUMBER -> nodes.textNode("number " + value(node));
      case STRING -> nodes.textNode("text " + node.textValue());
      case BINARY, BOOLEAN, MISSING, NULL, POJO -> node;
    };
  }

  /** With an exponent, so that a number as long as a novel stays as short as it was sent. */
  private static String value(JsonNode number) {
    if (number.isDouble() && !Double.isFinite(number.doubleValue())) {
      return number.asText(); // 1e999 is read so
    }
    var value = number.decimalValue();
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toString();
  }
}
