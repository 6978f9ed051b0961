package dev.understudy.core.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.core.settings.TimeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the definition must agree with: the template, our classes, the time limits, the picture. */
class DefinitionTest {
  private static final Path FOLDER = Path.of("statemachine");

  private static String text;
  private static JsonNode definition;
  private static Map<String, JsonNode> states;

  @BeforeAll
  static void readDefinition() throws IOException {
    text = Files.readString(FOLDER.resolve("character-performance.asl.json"));
    definition = StateMachine.parse(text).definition();
    states = new LinkedHashMap<>();
    definition.get("States").forEachEntry(states::put);
  }

  @Test
  void substitutions_shouldBeTheTemplates_inBothDirections() throws IOException {
    assertThat(substitutions().keySet())
        .isEqualTo(new TreeSet<>(matches("\\$\\{(\\w+)}", text)))
        .isNotEmpty();
  }

  @Test
  void substitutions_shouldBeTheAliasOfTheFunctionTheyAreCalledAfter() throws IOException {
    assertThat(substitutions())
        .allSatisfy((name, value) ->
            assertThat(value).isEqualTo("!Ref " + name.replaceAll("Arn$", "") + ".Alias"));
  }

  @Test
  void names_shouldNotBeWrittenInTheDefinition_butSubstituted() {
    assertThat(matches("arn:[^\"]*", text)).containsOnly("arn:aws:states:::lambda:invoke");
  }

  @Test
  void errors_shouldBeClassesOfOurs_orNamesOfStepFunctionsAndLambda() {
    Set<String> names = new TreeSet<>();
    states.values().forEach(state -> names.addAll(state.findValuesAsText("Error")));
    Set<String> caught =
        states.values().stream()
            .flatMap(state -> state.findValues("ErrorEquals").stream())
            .flatMap(list -> list.valueStream())
            .map(JsonNode::textValue)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(caught)
        .allSatisfy(name -> {
          if (name.startsWith("dev.understudy.")) {
            assertThatCode(() -> Class.forName(name)).doesNotThrowAnyException();
            assertThat(Class.forName(name)).isAssignableTo(RuntimeException.class);
          } else {
            assertThat(name).matches("(States|Lambda)\\.[A-Za-z]+");
          }
        });
    assertThat(names).containsExactly("NotRepaired");
  }

  @Test
  void submit_shouldBeRetriedOnlyForWhatCannotHaveReachedTheProvider() {
    List<String> retried =
        state("Submit").get("Retry").findValues("ErrorEquals").stream()
            .flatMap(JsonNode::valueStream)
            .map(JsonNode::textValue)
            .toList();

    assertThat(retried)
        .containsExactlyInAnyOrder(
            "Lambda.TooManyRequestsException",
            "Lambda.SnapStartNotReadyException",
            "dev.understudy.core.errors.NotSubmitted");
  }

  @Test
  void tasks_shouldHaveALimitARetryAndACatchOfEverything() {
    assertThat(ofType("Task"))
        .hasSize(4)
        .allSatisfy((name, state) -> {
          assertThat(state.get("TimeoutSeconds").isIntegralNumber()).isTrue();
          assertThat(state.get("Retry")).isNotEmpty();
          assertThat(state.get("Catch").get(0).get("ErrorEquals").toString())
              .isEqualTo("[\"States.ALL\"]");
          assertThat(state.get("Catch").get(0).get("Next").textValue())
              .isEqualTo(name.equals("Repair") ? "NotRepaired" : "Repair");
        });
  }

  @Test
  void tasks_shouldAllWaitForASnapshot_whenLambdaTakesItAnew() {
    assertThat(ofType("Task"))
        .allSatisfy((name, state) ->
            assertThat(
                    state
                        .get("Retry")
                        .valueStream()
                        .filter(retry ->
                            retry.get("ErrorEquals").toString().contains("SnapStartNotReady"))
                        .map(JsonNode::toString))
                .containsExactly(
                    "{\"ErrorEquals\":[\"Lambda.SnapStartNotReadyException\"],"
                        + "\"IntervalSeconds\":5,\"BackoffRate\":2,\"MaxAttempts\":6}"));
  }

  @Test
  void choices_shouldEndInRepair_whenNoRuleMatches() {
    assertThat(ofType("Choice"))
        .hasSize(2)
        .allSatisfy(
            (name, state) -> assertThat(state.get("Default").textValue()).isEqualTo("Repair"));
  }

  @Test
  void choices_shouldHaveTheSameRules() {
    assertThat(ofType("Choice").values().stream().map(state -> state.get("Choices")).distinct())
        .hasSize(1);
  }

  @Test
  void limits_shouldBeLongerThanTheFunctions() throws IOException {
    Map<String, Duration> functions = functionTimeouts();

    assertThat(functions).containsOnlyKeys("Submit", "Poll", "Persist", "Reconcile");
    assertThat(functions).containsEntry("Submit", TimeLimits.SUBMIT_FUNCTION);
    assertThat(functions).containsEntry("Persist", TimeLimits.PERSIST_FUNCTION);
    assertThat(limit("Submit")).isEqualTo(TimeLimits.SUBMIT_STATE);
    assertThat(limit("Submit")).isGreaterThan(functions.get("Submit"));
    assertThat(limit("Poll")).isGreaterThan(functions.get("Poll"));
    assertThat(limit("Persist")).isGreaterThan(functions.get("Persist"));
    assertThat(limit("Repair")).isGreaterThan(functions.get("Reconcile"));
  }

  @Test
  void readme_shouldHaveAParagraph_forEveryState() throws IOException {
    assertThat(matches("(?m)^### (\\w+)$", readme())).hasSameElementsAs(states.keySet());
  }

  @Test
  void picture_shouldHaveTheArrowsOfTheDefinition() throws IOException {
    Set<String> arrows = new TreeSet<>();
    arrows.add("start " + definition.get("StartAt").textValue());
    states.forEach((name, state) ->
        Stream.of("Next", "Default")
            .flatMap(field -> state.findValuesAsText(field).stream())
            .forEach(next -> arrows.add(name + " " + next)));

    assertThat(arrowsOfThePicture()).isEqualTo(arrows);
  }

  @Test
  void comments_shouldStandOnTheMachineAndOnEveryState() {
    assertThat(definition.get("Comment").textValue()).isNotBlank();
    assertThat(states.values())
        .allSatisfy(s -> assertThat(s.path("Comment").asText()).isNotBlank());
  }

  private static JsonNode state(String name) {
    return definition.get("States").required(name);
  }

  private static Map<String, JsonNode> ofType(String type) {
    Map<String, JsonNode> found = new LinkedHashMap<>(states);
    found.values().removeIf(state -> !state.get("Type").textValue().equals(type));
    return found;
  }

  private static Duration limit(String name) {
    return Duration.ofSeconds(state(name).get("TimeoutSeconds").intValue());
  }

  /** By name, the template's DefinitionSubstitutions with their values as written. */
  private static Map<String, String> substitutions() throws IOException {
    String block = matches("\n +DefinitionSubstitutions:\n((?: {8,}.*\n)+)", template()).getFirst();
    return Pattern.compile("^ +(\\w+): (.+)$", Pattern.MULTILINE)
        .matcher(block)
        .results()
        .collect(
            Collectors.toMap(
                m -> m.group(1), m -> m.group(2), (one, other) -> other, TreeMap::new));
  }

  /** The timeouts of the functions that the definition calls, by their short names. */
  private static Map<String, Duration> functionTimeouts() throws IOException {
    Pattern function =
        Pattern.compile(
            "^  (Submit|Poll|Persist|Reconcile)Function:\n(?:    .*\n|\n)*?      Timeout: (\\d+)$",
            Pattern.MULTILINE);
    return function
        .matcher(template())
        .results()
        .collect(
            Collectors.toMap(
                m -> m.group(1), m -> Duration.ofSeconds(Integer.parseInt(m.group(2)))));
  }

  /** Each arrow of the picture as the names of the states at its ends. */
  private static Set<String> arrowsOfThePicture() throws IOException {
    String picture = matches("```mermaid\n((?s:.*?))```", readme()).getFirst();
    String withoutShapes = picture.replaceAll("\\(\\(.*?\\)\\)|\\{.*?}", "");
    Set<String> arrows = new TreeSet<>();
    Pattern.compile("^ *([\\w &]+?) (?:-->|-- .+ -->|-\\. .+ \\.->) (\\w+)$", Pattern.MULTILINE)
        .matcher(withoutShapes)
        .results()
        .forEach(m ->
            Stream.of(m.group(1).split(" & "))
                .forEach(from -> arrows.add(from + " " + m.group(2))));
    return arrows;
  }

  private static String readme() throws IOException {
    return Files.readString(FOLDER.resolve("README.md"));
  }

  private static String template() throws IOException {
    return Files.readString(Path.of("template.yaml"));
  }

  private static List<String> matches(String pattern, String in) {
    return Pattern.compile(pattern).matcher(in).results().map(DefinitionTest::found).toList();
  }

  private static String found(MatchResult match) {
    return match.group(match.groupCount());
  }
}
