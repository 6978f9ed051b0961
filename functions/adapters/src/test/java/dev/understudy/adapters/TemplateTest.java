package dev.understudy.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.core.settings.Setting;
import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the template and the handlers must agree about: classes, and environment variables. */
class TemplateTest {

  /** Read by the JVM, Lambda's runtime and the SDK, or by a library: not by us. */
  private static final Pattern OF_OTHERS =
      Pattern.compile("JAVA_TOOL_OPTIONS|(AWS|POWERTOOLS)_\\w+");

  /** A function of the template: its Handler and its own variables with their values as written. */
  private record Function(String name, String handler, Map<String, String> variables) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Map<String, String> globals = Map.of();
  private static Map<String, Function> functions = Map.of();

  @BeforeAll
  static void readTemplate() throws IOException {
    var template = Files.readString(Path.of("template.yaml"));
    globals = variables(section(template, "(?m)^Globals:\n((?: .*\n|\n)+)"));
    functions = new LinkedHashMap<>();
    Pattern.compile(
            "^  (\\w+):\n    Type: AWS::Serverless::Function\n((?:    .*\n|\n)+)",
            Pattern.MULTILINE)
        .matcher(template)
        .results()
        .forEach(block -> {
          var handler = section(block.group(2), "(?m)^      Handler: (\\S+)$");
          functions.put(
              block.group(1), new Function(block.group(1), handler, variables(block.group(2))));
        });
  }

  static Stream<Function> functions() {
    return functions.values().stream();
  }

  @Test
  void handlers_shouldBeOurs_inBothDirections() throws IOException {
    try (var sources = Files.walk(Path.of("functions"))) {
      var ours =
          sources
              .map(Path::toString)
              .filter(file -> file.contains("/src/main/java/") && file.endsWith("Handler.java"))
              .map(file -> file.replaceAll(".*/src/main/java/|\\.java$", "").replace('/', '.'))
              .collect(Collectors.toCollection(TreeSet::new));

      assertThat(functions().map(Function::handler).toList())
          .containsExactlyInAnyOrderElementsOf(ours)
          .isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void function_shouldHaveEveryVariableThatItReads(Function function) {
    assertThat(read(function)).isSubsetOf(allOf(function).keySet());
  }

  @ParameterizedTest
  @MethodSource("functions")
  void function_shouldReadEveryVariableOfItsOwn(Function function) {
    assertThat(ours(function.variables())).isSubsetOf(read(function));
  }

  @Test
  void globals_shouldBeReadBySomeFunction() {
    var read = functions().flatMap(function -> read(function).stream()).collect(Collectors.toSet());

    assertThat(ours(globals)).isSubsetOf(read).isNotEmpty();
  }

  @Test
  void settings_shouldBeHandedOn_underTheirVariables() {
    assertThat(globals)
        .containsAllEntriesOf(
            Arrays.stream(Setting.values())
                .collect(Collectors.toMap(Setting::variable, setting -> "!Ref " + setting)));
  }

  /** The variables that the handler asks for when Lambda makes it, all being set. */
  private static Set<String> read(Function function) {
    var values = allOf(function);
    var read = new TreeSet<String>();
    make(
        function,
        new Wiring(
            name -> {
              if (name.startsWith("AWS_")) {
                return name.equals("AWS_REGION") ? "eu-west-1" : null;
              }
              read.add(name);
              return values.get(name);
            },
            InstantSource.system(),
            new Random(1)));
    return read;
  }

  /** What the handler's constructor for Lambda does, with this wiring instead of the real one. */
  private static void make(Function function, Wiring wiring) {
    try {
      var type = Class.forName(function.handler());
      assertThat(RequestStreamHandler.class).isAssignableFrom(type);
      for (var constructor : type.getDeclaredConstructors()) {
        if (takesOnlyWiring(constructor, constructor.getParameterTypes())) {
          constructor.newInstance(wiring);
          return;
        }
      }
      for (var method : type.getDeclaredMethods()) {
        if (Modifier.isStatic(method.getModifiers())
            && takesOnlyWiring(method, method.getParameterTypes())) {
          var made = method.invoke(null, wiring);
          // ingest learns the name of its bucket from its event
          if (made instanceof java.util.function.Function<?, ?> ofBucket) {
            assertThat(invoke(ofBucket, "shots")).isNotNull();
          }
          return;
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(
          function + " cannot be made with the variables that the template gives it.", e);
    }
    fail("%s has neither a constructor nor a method that makes its parts of a Wiring.", function);
  }

  @SuppressWarnings("unchecked")
  private static Object invoke(java.util.function.Function<?, ?> ofBucket, String bucket) {
    return ((java.util.function.Function<String, ?>) ofBucket).apply(bucket);
  }

  private static boolean takesOnlyWiring(AccessibleObject member, Class<?>[] parameters) {
    return Arrays.equals(parameters, new Class<?>[] {Wiring.class}) && member.trySetAccessible();
  }

  /** All variables of a function, with values that can be read. */
  private static Map<String, String> allOf(Function function) {
    var values = new TreeMap<String, String>();
    Stream.of(globals, function.variables())
        .flatMap(variables -> variables.keySet().stream())
        .forEach(name -> values.put(name, "https://example.com/" + name));
    for (var setting : Setting.values()) {
      values.computeIfPresent(setting.variable(), (_, _) -> setting.byDefault());
    }
    return values;
  }

  private static Set<String> ours(Map<String, String> variables) {
    return variables.keySet().stream()
        .filter(name -> !OF_OTHERS.matcher(name).matches())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, String> variables(String block) {
    var found = new TreeMap<String, String>();
    var lines = section(block, "(?m)^ +Variables:\n((?: {8,}.*\n)+)");
    Pattern.compile("^ +([A-Z][A-Z0-9_]*): (.+)$", Pattern.MULTILINE)
        .matcher(lines)
        .results()
        .forEach(line -> found.put(line.group(1), line.group(2)));
    return found;
  }

  private static String section(String text, String pattern) {
    var matcher = Pattern.compile(pattern).matcher(text);
    @Nullable String found = matcher.find() ? matcher.group(1) : null;
    return found == null ? "" : found;
  }
}
