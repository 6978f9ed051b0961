package dev.understudy.core.testing;

import dev.understudy.core.provider.Exchange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the provider answers, as it goes over the wire. */
public final class Answers {

  /** The address of a finished video; its query is a secret. */
  public static final String VIDEO = "https://cdn.example.com/video.mp4?_jwt=SIGNED";

  private Answers() {}

  /** Any answer. */
  public static Exchange of(int status, String body) {
    return Exchange.Answered.of(status, "application/json", body);
  }

  /** An answer that asks to come back later. */
  public static Exchange later(int status, @Nullable Duration retryAfter) {
    return new Exchange.Answered(
        status, "application/json", retryAfter, "{\"error\":\"Too many requests\"}", false);
  }

  /** The POST was accepted. */
  public static Exchange accepted(String id) {
    return of(200, "{\"id\":\"%s\"}".formatted(id));
  }

  /** The provider is at work. */
  public static Exchange running(double progress) {
    return of(200, "{\"id\":\"x\",\"status\":\"RUNNING\",\"progress\":%s}".formatted(progress));
  }

  /** The provider is done, and here is the video. */
  public static Exchange done() {
    return of(200, "{\"id\":\"x\",\"status\":\"SUCCEEDED\",\"output\":[\"%s\"]}".formatted(VIDEO));
  }

  /** The provider is done and names no video. */
  public static Exchange doneWithoutOutput() {
    return of(200, "{\"id\":\"x\",\"status\":\"SUCCEEDED\",\"output\":[]}");
  }

  /** The provider gave up on the task. */
  public static Exchange failed(String code) {
    return of(
        200,
        "{\"id\":\"x\",\"status\":\"FAILED\",\"failure\":\"It went wrong\",\"failureCode\":\"%s\"}"
            .formatted(code));
  }

  /** The provider does not know the id. */
  public static Exchange notExist() {
    return of(400, "{\"code\":\"task_not_exist\",\"message\":\"task_not_exist\",\"data\":null}");
  }
}
