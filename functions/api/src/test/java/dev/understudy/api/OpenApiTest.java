package dev.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OpenApiTest {

  private final TestApi api = new TestApi();

  private Set<Route> routes() {
    return Set.copyOf(Routes.of(api.parts));
  }

  private static String documentedAs(Route route) {
    var prefix = route.access() == Route.Access.ANYONE ? "" : "/v1";
    return route.method() + " " + prefix + route.pattern();
  }

  private static JsonNode operation(Route route) {
    var named = documentedAs(route).split(" ", 2);
    return Documented.DOCUMENT.path("paths").path(named[1]).path(named[0].toLowerCase(Locale.ROOT));
  }

  @Test
  void document_shouldDescribeTheTableOfRoutes_whenBothAreCompared() {
    assertThat(routes().stream().map(OpenApiTest::documentedAs).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(Documented.routes());
  }

  @Test
  void document_shouldNameWhatEveryRouteMayAnswer_whenItIsRead() {
    for (var route : routes()) {
      var statuses = new TreeSet<String>();
      operation(route).path("responses").fieldNames().forEachRemaining(statuses::add);

      var expected = new TreeSet<>(Set.of("429", "500"));
      if (route.access() != Route.Access.ANYONE) {
        expected.addAll(Set.of("401", "503"));
      }
      if (route.access() == Route.Access.ADMIN) {
        expected.add("403");
      }
      if (route.pattern().contains("{id}")) {
        expected.add("404");
      }
      if (route.takesBody()) {
        expected.addAll(Set.of("400", "413", "415"));
      }
      assertThat(statuses).as(documentedAs(route)).containsAll(expected);
      assertThat(operation(route).has("security"))
          .as("%s needs no token", documentedAs(route))
          .isEqualTo(route.access() == Route.Access.ANYONE);
      assertThat(operation(route).has("requestBody")).isEqualTo(route.takesBody());
    }
  }

  @Test
  void document_shouldShowExamplesThatFit_whenTheyAreValidated() {
    for (var described : Documented.routes()) {
      var named = described.split(" ", 2);
      Documented.DOCUMENT
          .path("paths")
          .path(named[1])
          .path(named[0].toLowerCase(Locale.ROOT))
          .path("responses")
          .properties()
          .forEach(response -> checkExamples(named, response.getKey(), response.getValue()));
    }
  }

  private static void checkExamples(String[] named, String status, JsonNode response) {
    var link = response.path("$ref").asText();
    var described = link.isEmpty() ? response : Documented.DOCUMENT.at(link.substring(1));
    for (var example : described.path("content").path("application/json").path("examples")) {
      var answer = Documented.response(Integer.parseInt(status), example.path("value"), Map.of());
      assertThat(Documented.validated(named[0], named[1], answer).getMessages())
          .as("%s %s %s", named[0], named[1], status)
          .isEmpty();
    }
  }

  @Test
  void answer_shouldNameTheAddressThatWasCalled_whenTheGatewayIsKnown() {
    assertThat(servers("/openapi.json", "$default"))
        .containsExactly(
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/runwayml");
    assertThat(servers("/prod/v1/openapi.json", "prod"))
        .contains("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod");
  }

  @Test
  void answer_shouldNameTheAddressRelatively_whenTheCallCameAnotherWay() {
    assertThat(serversBehindAnotherHost("/openapi.json")).containsExactly(".", "./runwayml");
    assertThat(serversBehindAnotherHost("/v1/openapi.json")).containsExactly("..", "../runwayml");
    assertThat(serversBehindAnotherHost("/runwayml/v1/openapi.json"))
        .containsExactly("../..", "../../runwayml");
  }

  private List<String> servers(String path, String stage) {
    var event = api.request("GET", path, "");
    ((ObjectNode) event.path("requestContext")).put("stage", stage);
    return api.send(event.toString().getBytes(StandardCharsets.UTF_8))
        .json()
        .path("servers")
        .findValuesAsText("url");
  }

  private List<String> serversBehindAnotherHost(String path) {
    var event = api.request("GET", path, "");
    ((ObjectNode) event.path("headers")).put("host", "127.0.0.1:4566");
    return api.send(event).json().path("servers").findValuesAsText("url");
  }
}
