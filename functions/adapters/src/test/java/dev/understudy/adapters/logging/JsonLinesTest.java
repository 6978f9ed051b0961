package dev.understudy.adapters.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class JsonLinesTest {

  private static final Logger OURS = LoggerFactory.getLogger("dev.understudy.submit.Submission");
  private static final Logger SDK = LoggerFactory.getLogger("software.amazon.awssdk.request");

  private final PrintStream standard = System.out;
  private final List<String> writes = new ArrayList<>();

  @BeforeEach
  void takeStandardOutput() {
    JsonLines.install();
    System.setOut(
        new PrintStream(
            new ByteArrayOutputStream() {
              @Override
              public synchronized void write(byte[] bytes, int offset, int length) {
                writes.add(new String(bytes, offset, length, UTF_8));
              }
            },
            true,
            UTF_8));
  }

  @AfterEach
  void giveItBack() {
    System.setOut(standard);
    LogManager.getLogManager().reset();
    MDC.clear();
  }

  @Test
  void line_shouldCarryTheTaskAndTheRequest_whenTheContextNamesThem() throws IOException {
    try (var _ = LogContext.ofInvocation("request-1")) {
      LogContext.task("0d9ee5c4", 3);
      OURS.info("Task {} was accepted as {}.", "0d9ee5c4", "p-1");
    }
    OURS.warn("After it.");

    var inside = line(0);
    assertThat(inside.remove("timestamp").textValue())
        .satisfies(text ->
            assertThat(Duration.between(Instant.parse(text), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1)));
    assertThat(inside)
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"level":"INFO","logger":"dev.understudy.submit.Submission","message":"Task 0d9ee5c4 was accepted as p-1.",
                 "requestId":"request-1","taskId":"0d9ee5c4","generation":"3"}
                """));
    assertThat(line(1).path("level").textValue()).isEqualTo("WARN");
    assertThat(line(1).has("taskId")).isFalse();
    assertThat(line(1).has("requestId")).isFalse();
  }

  @Test
  void line_shouldStayOneLineAndOneWrite_whenThereAreLineBreaksAndAFailure() throws IOException {
    OURS.error("two\nlines", new IllegalStateException("outer", new IOException("inner")));

    assertThat(writes).hasSize(1);
    assertThat(writes.getFirst()).endsWith("}\n").containsOnlyOnce("\n");
    assertThat(line(0).path("message").textValue()).isEqualTo("two\nlines");
    assertThat(line(0).path("error").path("name").textValue())
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(line(0).path("error").path("message").textValue()).isEqualTo("outer");
    assertThat(line(0).path("error").path("stack").textValue())
        .startsWith("java.lang.IllegalStateException: outer\n\tat ")
        .contains("\nCaused by: java.io.IOException: inner\n\tat ")
        .hasSizeLessThan(4_000);
  }

  @Test
  void line_shouldWithholdWhatSignsAnAddressAndEveryBearer() {
    OURS.error(
        "GET https://a.example/k.mp4?X-Amz-Signature=secret1&b=c failed for Bearer secret2, see https://a.example/docs",
        new IOException(
            "http://b.example?token=secret3", new IOException("authorization: bearer secret4")));

    assertThat(writes.getFirst())
        .doesNotContain("secret")
        .contains("GET https://a.example/k.mp4?[withheld] failed for Bearer [withheld]")
        .contains("see https://a.example/docs")
        .contains("http://b.example?[withheld]");
  }

  @Test
  void libraries_shouldBeSilentBelowWarn() {
    SDK.debug("Sending Request: GET https://...");
    SDK.info("info");
    OURS.debug("debug");
    assertThat(writes).isEmpty();

    SDK.warn("warn");
    OURS.info("info");

    assertThat(writes).hasSize(2);
    assertThat(SDK.isDebugEnabled()).isFalse();
  }

  private ObjectNode line(int number) throws IOException {
    JsonNode line = Json.MAPPER.readTree(writes.get(number));
    return (ObjectNode) line;
  }
}
