package dev.understudy.core.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;

/**
 * The body of {@code POST /runwayml/v1/character_performance}. Every field is always sent, because
 * CometAPI's page calls all of them required and its defaults differ from Runway's; nothing else
 * is, because Runway refuses unknown properties.
 */
public final class ProviderBody {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ProviderBody() {}

  /**
   * The exact bytes to send, UTF-8. They hold the inputs' signed URLs: never log or store them.
   *
   * @param modelName the name the provider knows the model by, {@code act_two} unless configured
   *     otherwise
   */
  public static byte[] json(
      PerformanceRequest request, URI characterUri, URI referenceUri, String modelName) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("character")
        .put("type", request.characterType().wire())
        .put("uri", characterUri.toString());
    body.putObject("reference").put("type", "video").put("uri", referenceUri.toString());
    body.put("bodyControl", request.bodyControl())
        .put("expressionIntensity", request.expressionIntensity())
        .put("seed", request.seed())
        .put("model", modelName)
        .put("ratio", request.ratio().wire());
    body.putObject("contentModeration")
        .put("publicFigureThreshold", request.publicFigureThreshold().wire());
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      // its message could quote a signed URL
      throw new IllegalStateException("a tree of texts and numbers can always be written");
    }
  }
}
