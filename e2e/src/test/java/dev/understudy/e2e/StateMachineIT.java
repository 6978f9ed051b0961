package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.statemachine.Execution;
import dev.understudy.core.statemachine.KnownPath;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.statemachine.ScriptedFunctions;
import dev.understudy.core.statemachine.StateMachine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.FunctionCode;
import software.amazon.awssdk.services.lambda.model.Runtime;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.DescribeExecutionResponse;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;

/**
 * Holds the walker against a running Step Functions: the definition is created there with one
 * scripted function per path in the place of all four, every path runs at the same time with its
 * real waits, and the states must be the walker's, in its order. Each function also compares what
 * it is sent with what the walker would have sent.
 *
 * <p>Clients take endpoint, region and credentials from the environment.
 */
@Needs(Needs.FUNCTIONS_HERE) // Lambda's own machines have no Python in a custom runtime
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StateMachineIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DEFINITION = Path.of("statemachine", "character-performance.asl.json");

  private static final String TRUST =
      """
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}}]}
      """;

  /** For the machines; the functions call nothing. */
  private static final String POLICY =
      """
      {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:*:*:function:RUN-*"}]}
      """;

  private static final ObjectNode INPUT =
      JsonNodeFactory.instance.objectNode().put("id", "7c9e6679").put("generation", 2);

  /**
   * A custom runtime, because only there a function can name its errors as Java functions do. It
   * takes the ends of its calls from SCRIPT, one after the other.
   */
  private static final String BOOTSTRAP =
      """
      #!/usr/bin/env python3
      import json, os, urllib.request

      invocations = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"

      def surprise(expected, event):
          cause = event.pop("cause", "-")
          if not isinstance(cause, str) or not 0 < len(cause) <= 400:
              return "cause: " + repr(cause)
          expected.pop("cause", None)
          return None if event == expected else json.dumps(event) + " instead of " + json.dumps(expected)

      script = json.loads(os.environ["SCRIPT"])
      while True:
          with urllib.request.urlopen(invocations + "next") as response:
              invocation, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.load(response)
          turn = script.pop(0) if script else {"payload": {}}
          unexpected = surprise(turn["payload"], event)
          if unexpected:
              turn = {"error": "UnexpectedPayload", "cause": unexpected}
          if "error" in turn:
              way, body = "/error", {"errorType": turn["error"], "errorMessage": turn["cause"]}
          else:
              way, body = "/response", turn["answer"]
          urllib.request.urlopen(urllib.request.Request(
              invocations + invocation + way, json.dumps(body).encode(), {"Content-Type": "application/json"})).close()
      """;

  private final SfnClient stepFunctions = SfnClient.create();
  private final LambdaClient lambda = LambdaClient.create();
  private final IamClient iam = IamClient.builder().region(Region.AWS_GLOBAL).build();
  private final String run = "it-" + Instant.now().toEpochMilli();
  private final Map<KnownPath, Started> started = new EnumMap<>(KnownPath.class);

  /** One path: how the walker went it, and the machine and the execution that go it for real. */
  private record Started(Execution walk, String machine, String execution) {}

  @BeforeAll
  void startEveryPath(@TempDir Path folder) throws IOException {
    String role = iam.createRole(r -> r.roleName(run).assumeRolePolicyDocument(TRUST)).role().arn();
    iam.putRolePolicy(
        p -> p.roleName(run).policyName("invoke").policyDocument(POLICY.replace("RUN", run)));
    StateMachine machine = StateMachine.read(DEFINITION);
    SdkBytes code = SdkBytes.fromByteArray(zip(folder.resolve("code.zip")));
    for (KnownPath path : KnownPath.values()) {
      ScriptedFunctions functions = new ScriptedFunctions(path.outcomes());
      Execution walk = machine.start(INPUT, functions.byName(), Instant.EPOCH).runToEnd();
      String real = createMachine(path, createFunction(path, functions.calls(), code, role), role);
      String execution =
          stepFunctions
              .startExecution(e -> e.stateMachineArn(real).input(INPUT.toString()))
              .executionArn();
      started.put(path, new Started(walk, real, execution));
    }
  }

  @AfterAll
  void removeEverything() {
    started.forEach((path, start) -> {
      stepFunctions.deleteStateMachine(m -> m.stateMachineArn(start.machine()));
      lambda.deleteFunction(f -> f.functionName(name(path)));
    });
    iam.deleteRolePolicy(p -> p.roleName(run).policyName("invoke"));
    iam.deleteRole(r -> r.roleName(run));
    stepFunctions.close();
    lambda.close();
    iam.close();
  }

  @ParameterizedTest
  @EnumSource
  void execution_shouldEnterTheStatesOfTheWalk_whenFunctionsAnswerTheSame(KnownPath path) {
    // given
    Started start = Objects.requireNonNull(started.get(path));

    // when
    DescribeExecutionResponse end =
        await()
            .atMost(Duration.ofSeconds(55))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> stepFunctions.describeExecution(e -> e.executionArn(start.execution())),
                description -> description.status() != ExecutionStatus.RUNNING);

    // then
    assertThat(statesEntered(start.execution())).isEqualTo(start.walk().states());
    assertThat(end.statusAsString()).isEqualTo(start.walk().status().name());
    assertThat(end.error()).isEqualTo(start.walk().error().isEmpty() ? null : start.walk().error());
  }

  private List<String> statesEntered(String execution) {
    return stepFunctions
        .getExecutionHistoryPaginator(h -> h.executionArn(execution))
        .events()
        .stream()
        .filter(event -> event.stateEnteredEventDetails() != null)
        .map(event -> event.stateEnteredEventDetails().name())
        .toList();
  }

  private String createMachine(KnownPath path, String function, String role) throws IOException {
    String definition = Files.readString(DEFINITION).replaceAll("\\$\\{\\w+FunctionArn}", function);
    return stepFunctions
        .createStateMachine(m -> m.name(name(path)).definition(definition).roleArn(role))
        .stateMachineArn();
  }

  private String createFunction(
      KnownPath path, List<ScriptedFunctions.Call> calls, SdkBytes code, String role) {
    ArrayNode script = JSON.createArrayNode();
    for (int i = 0; i < calls.size(); i++) {
      ObjectNode turn = script.addObject().set("payload", calls.get(i).payload());
      switch (path.outcomes().get(i)) {
        case Outcome.Answered(JsonNode answer, var _) -> turn.set("answer", answer);
        case Outcome.Failed(String error, String cause, var _) ->
            turn.put("error", error).put("cause", cause);
        case Outcome.UnderWay() ->
            throw new IllegalStateException("a known path has an answer for each call");
      }
    }
    return lambda
        .createFunction(f ->
            f.functionName(name(path))
                .runtime(Runtime.PROVIDED_AL2023)
                .handler("bootstrap")
                .role(role)
                .timeout(30)
                .code(FunctionCode.builder().zipFile(code).build())
                .environment(e -> e.variables(Map.of("SCRIPT", script.toString()))))
        .functionArn();
  }

  private String name(KnownPath path) {
    return run + "-" + path;
  }

  private static byte[] zip(Path file) throws IOException {
    try (var zip =
        FileSystems.newFileSystem(
            URI.create("jar:" + file.toUri()),
            Map.of("create", "true", "enablePosixFileAttributes", "true"))) {
      Path bootstrap = Files.writeString(zip.getPath("bootstrap"), BOOTSTRAP);
      Files.setPosixFilePermissions(bootstrap, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return Files.readAllBytes(file);
  }
}
