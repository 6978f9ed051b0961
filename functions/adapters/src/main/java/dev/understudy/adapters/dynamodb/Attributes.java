package dev.understudy.adapters.dynamodb;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Records as items and back. Times are text of one width, so that they sort as they follow each
 * other ({@link Instant#toString} leaves out zeros and would not); what is null is absent; what a
 * newer version has added is passed over when read.
 */
final class Attributes {

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .addModule(new SimpleModule("times of one width").addSerializer(new Times()))
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

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
    return of(MILLIS.format(time));
  }

  /** The attributes of a record, in a map of its own that the caller may add to. */
  static Map<String, AttributeValue> of(Record value) {
    return map(JSON.valueToTree(value));
  }

  /**
   * The record in an item.
   *
   * @throws IllegalStateException when the item cannot be one
   */
  static <T extends Record> T read(Map<String, AttributeValue> item, Class<T> type) {
    try {
      return JSON.treeToValue(tree(item), type);
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

  private static final class Times extends StdSerializer<Instant> {

    Times() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant time, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(MILLIS.format(time));
    }
  }
}
