package dev.understudy.core.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Changes JSON in the ways in which what comes from outside is wrong: values of other types, fields
 * that are missing, twice or elsewhere, other envelopes, huge numbers and texts, deep nesting; and
 * now and then bytes instead of structure. All of it follows from the generator that is given.
 */
public final class Mutations {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "0",
          "-1",
          "1e999999999",
          "NaN",
          "null",
          "success",
          "SUCCEEDED",
          "Failed",
          "error",
          "..",
          "/",
          "a/../b",
          "%zz",
          "%00",
          "\u0000",
          "\u001b[31m",
          "\r\n\r\n",
          "\ud83d",
          "\ude00x",
          "😀",
          "data:,",
          "https://",
          "https://[::1",
          "http://user:pass@127.0.0.1:99999/%zz",
          "x".repeat(10_000),
          "é".repeat(3_000),
          "9".repeat(1_000));

  private final RandomGenerator random;
  private final List<String> words;

  /**
   * @param random every choice is its
   * @param words texts that mean something to the reader under test, as names and as values
   */
  public Mutations(RandomGenerator random, List<String> words) {
    this.random = random;
    this.words = words;
  }

  /** The document with one to six changes, as UTF-8 or as what was UTF-8. */
  public byte[] of(byte[] document) {
    byte[] bytes = document;
    if (random.nextInt(8) > 0) {
      bytes = structure(bytes);
    }
    return random.nextInt(3) == 0 ? bytes(bytes) : bytes;
  }

  private byte[] structure(byte[] document) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(document);
    } catch (IOException e) {
      return document; // some documents are broken to begin with
    }
    for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
      root = changed(root);
    }
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode changed(JsonNode root) {
    var places = new ArrayList<ContainerNode<?>>();
    collect(root, places);
    if (places.isEmpty() || random.nextInt(12) == 0) {
      return wrapped(root);
    }
    switch (one(places)) {
      case ObjectNode object -> change(object);
      case ArrayNode array -> change(array);
      default -> throw new IllegalStateException("objects and arrays are all there is");
    }
    return root;
  }

  private void change(ObjectNode object) {
    var names = new ArrayList<String>();
    object.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty() || random.nextInt(5) == 0) {
      object.set(one(words), value());
      return;
    }
    String name = one(names);
    switch (random.nextInt(5)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(one(words), object.remove(name));
      case 2 -> object.set(name, wrapped(object.get(name)));
      default -> object.set(name, value());
    }
  }

  private void change(ArrayNode array) {
    if (array.isEmpty() || random.nextInt(3) == 0) {
      array.add(value());
    } else if (random.nextBoolean()) {
      array.remove(random.nextInt(array.size()));
    } else {
      array.set(random.nextInt(array.size()), value());
    }
  }

  private JsonNode value() {
    return switch (random.nextInt(12)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(random.nextInt(-2, 1_000));
      case 3 -> JSON.numberNode(random.nextDouble(-1, 101));
      case 4 -> JSON.numberNode(new BigInteger(256, new Random(random.nextLong())));
      case 5 -> JSON.numberNode(new BigDecimal("1e-4000"));
      case 6 -> JSON.objectNode();
      case 7 -> JSON.arrayNode().add(one(words));
      case 8, 9 -> JSON.textNode(one(words));
      default -> JSON.textNode(one(TEXTS));
    };
  }

  private JsonNode wrapped(JsonNode node) {
    int depth = random.nextInt(20) == 0 ? 150 : 1;
    JsonNode wrapped = node;
    for (int i = 0; i < depth; i++) {
      wrapped =
          random.nextBoolean()
              ? JSON.arrayNode().add(wrapped)
              : JSON.objectNode().set(one(words), wrapped);
    }
    return wrapped;
  }

  private byte[] bytes(byte[] document) {
    if (document.length == 0) {
      return document;
    }
    byte[] bytes = document.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, 1 + at);
        default -> {
          byte[] twice = Arrays.copyOf(bytes, bytes.length + at);
          System.arraycopy(bytes, 0, twice, bytes.length, at);
          bytes = twice;
        }
      }
    }
    return bytes;
  }

  private static void collect(JsonNode node, List<ContainerNode<?>> into) {
    if (node instanceof ContainerNode<?> container && into.size() < 200) {
      into.add(container);
      container.forEach(child -> collect(child, into));
    }
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
