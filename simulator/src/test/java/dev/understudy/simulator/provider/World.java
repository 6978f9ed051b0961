package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A provider with a clock that stands still, inputs from nowhere and videos of a few bytes. */
final class World implements Inputs, Studio {
  static final String BODY =
      """
      {"character":{"type":"image","uri":"https://media.example.com/puppet.png?X-Amz-Signature=abc"},
       "reference":{"type":"video","uri":"https://media.example.com/acting.mp4?X-Amz-Signature=def"},
       "bodyControl":true,"expressionIntensity":3,"seed":%d,"model":"act_two","ratio":"1280:720",
       "contentModeration":{"publicFigureThreshold":"auto"}}
      """;

  Instant now = Instant.parse("2026-11-21T08:00:00Z");
  Optional<Duration> length = Optional.of(Duration.ofSeconds(4));
  final List<URI> fetched = new ArrayList<>();
  final Map<String, String> refusedInputs = new HashMap<>();
  final List<Order> rendered = new ArrayList<>();
  final Provider provider;

  World() {
    this("{}");
  }

  World(String settings) {
    provider = new Provider(() -> now, new Random(7), this, this, Settings.usual());
    provider.change(settings);
  }

  static Call call(String body) {
    return new Call(
        Map.of("Authorization", "Bearer simulated-key", "X-Runway-Version", "2024-11-06"),
        body,
        "http://provider");
  }

  Reply submit(long seed) {
    return provider.submit(call(BODY.formatted(seed)));
  }

  /** Submits and gives the id, which the ledger knows even if the caller was not told. */
  String accepted(long seed) {
    var _ = submit(seed);
    return provider.ledger(seed).tasks().getLast().id();
  }

  Reply get(String id) {
    return provider.task(id, call(""));
  }

  JsonNode getJson(String id) {
    return json(get(id));
  }

  void pass(double seconds) {
    now = now.plusMillis(Math.round(seconds * 1000));
  }

  void fault(String json) {
    provider.add(Json.read(json, Fault.class));
  }

  static Reply.Answer answer(Reply reply) {
    if (reply instanceof Reply.Answer answer) {
      return answer;
    }
    throw new AssertionError("Expected an answer, got " + reply);
  }

  static String text(Content content) {
    try (var in = content.open()) {
      return new String(in.readNBytes(8 << 20), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(Reply reply) {
    String text = text(answer(reply).body());
    return Json.parse(text).orElseThrow(() -> new AssertionError("This is no JSON: " + text));
  }

  /** The token in an output URL. */
  static String token(@Nullable JsonNode url) {
    if (url == null) {
      throw new AssertionError("There is no output URL.");
    }
    String text = url.asText();
    return text.substring(text.indexOf("_jwt=") + 5);
  }

  @Override
  public Fetched fetch(URI uri, MediaKind kind, Settings settings) {
    fetched.add(uri);
    String reason = refusedInputs.get(uri.getPath());
    return reason == null ? new Fetched.Kept(new Nothing(length)) : new Fetched.Refused(reason);
  }

  private record Nothing(Optional<Duration> length) implements Footage {
    @Override
    public void discard() {}
  }

  @Override
  public Content render(Order order) {
    rendered.add(order);
    return Content.of("a video of " + order.taskId());
  }

  @Override
  public void clear() {
    rendered.clear();
  }
}
