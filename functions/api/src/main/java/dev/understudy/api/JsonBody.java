package dev.understudy.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads the JSON object that a POST carries. Everything a strict reader may refuse is refused with
 * a 400 and the place: what one reader takes for a limit and the next for a detail must not decide
 * what is paid for.
 */
final class JsonBody {

  /**
   * The longest body in bytes. Lambda takes events of 6 MB, in which a body may come in base64, so
   * that this is the most which always gets through.
   */
  static final int MOST_BYTES = 4_500_000;

  /** The deepest nesting of a body. */
  static final int DEEPEST = 20;

  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_NAME = 10_000;

  private static final ObjectMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(LONGEST_NUMBER)
                          .maxNameLength(LONGEST_NAME)
                          .maxStringLength(MOST_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonBody() {}

  /**
   * The object in the body.
   *
   * @throws Refused with 413 or 400
   */
  static ObjectNode object(Call call) {
    if (call.body().length > MOST_BYTES) {
      throw new Refused(
          413,
          "The body has %,d bytes, and %,d are the most: upload the files with POST /v1/uploads and name them by their runway:// address."
              .formatted(call.body().length, MOST_BYTES));
    }
    var node = read(text(call.body()));
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new Refused(
        400, "The body must be a JSON object, in braces, but is none: send one as documented.");
  }

  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(body))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Refused(400, "The body is not UTF-8 text: encode the JSON as UTF-8.");
    }
  }

  private static JsonNode read(String text) {
    JsonNode node;
    try {
      node = STRICT.readTree(text);
    } catch (StreamConstraintsException e) {
      throw new Refused(
          400,
          "The body is JSON beyond all measure: it may be nested %d deep, with numbers of %d characters and names of %,d."
              .formatted(DEEPEST, LONGEST_NUMBER, LONGEST_NAME));
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new Refused(
          400,
          "The body is not valid JSON, or names a field twice (line %d, column %d): mend it there and send it again."
              .formatted(at == null ? 1 : at.getLineNr(), at == null ? 1 : at.getColumnNr()));
    }
    if (hasHalfPair(node)) {
      throw new Refused(
          400,
          "The body holds half of a character (an unpaired surrogate escape such as \\ud83d): write the whole character.");
    }
    return node;
  }

  /** Such a text cannot be written as UTF-8 again, neither to the table nor to an answer. */
  private static boolean hasHalfPair(JsonNode node) {
    if (node.isTextual()) {
      return halfPair(node.textValue());
    }
    for (var field : node.properties()) {
      if (halfPair(field.getKey())) {
        return true;
      }
    }
    for (var child : node) {
      if (hasHalfPair(child)) {
        return true;
      }
    }
    return false;
  }

  private static boolean halfPair(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return true;
      }
    }
    return false;
  }
}
