package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The process in which the local AWS runs a function, found by what Linux tells of it: its
 * environment names the function and the stack's endpoint, and its sockets tell that it is the one
 * that is talking to the provider.
 *
 * @param pid its id
 * @param connection the socket, by its inode
 */
record FunctionProcess(long pid, String connection) {
  private static final Path PROC = Path.of("/proc");

  /**
   * Waits for a process of the function that has had one and the same connection to the provider
   * for a while: longer than any exchange takes that the provider does not hold up.
   */
  static FunctionProcess awaitTalking(String function, int providerPort, Duration held) {
    AtomicReference<@Nullable FunctionProcess> found = new AtomicReference<>();
    Folder.patiently("a process of %s talks to the provider".formatted(function))
        .during(held)
        .until(() -> {
          Set<FunctionProcess> talking = talking(function, providerPort);
          FunctionProcess same = found.get();
          if (same == null || !talking.contains(same)) {
            found.set(talking.stream().findAny().orElse(null));
            return false;
          }
          return true;
        });
    return Objects.requireNonNull(found.get());
  }

  /** Ends it as {@code kill -9} does: it cannot write down another word. */
  void kill() {
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::destroyForcibly)).isPresent();
  }

  private static Set<FunctionProcess> talking(String function, int providerPort) {
    try (Stream<Path> processes = Files.list(PROC)) {
      return processes
          .filter(process -> process.getFileName().toString().chars().allMatch(Character::isDigit))
          .filter(process -> runs(process, function))
          .flatMap(process ->
              connection(process, providerPort).stream()
                  .map(socket ->
                      new FunctionProcess(
                          Long.parseLong(process.getFileName().toString()), socket)))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      return Set.of();
    }
  }

  private static boolean runs(Path process, String function) {
    try {
      List<String> environment =
          List.of(
              Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
                  .split("\0"));
      return environment.contains("AWS_LAMBDA_FUNCTION_NAME=" + function)
          && environment.contains("AWS_ENDPOINT_URL=" + Stack.variable("AWS_ENDPOINT_URL"));
    } catch (IOException e) {
      return false; // it has ended, or is somebody else's
    }
  }

  private static Optional<String> connection(Path process, int port) {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      Set<String> toProvider =
          Stream.of("tcp", "tcp6")
              .flatMap(table -> established(process.resolve("net").resolve(table), port))
              .collect(Collectors.toSet());
      return files.map(FunctionProcess::target).filter(toProvider::contains).findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Established connections to this port, as a file descriptor names them (proc(5), net/tcp). */
  private static Stream<String> established(Path table, int port) {
    try {
      String remote = String.format(Locale.ROOT, ":%04X", port);
      return Files.readAllLines(table).stream()
          .map(line -> line.trim().split(" +"))
          .filter(
              fields -> fields.length > 9 && fields[2].endsWith(remote) && fields[3].equals("01"))
          .map(fields -> "socket:[" + fields[9] + "]");
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
