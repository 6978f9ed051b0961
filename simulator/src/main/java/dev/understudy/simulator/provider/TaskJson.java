package dev.understudy.simulator.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A task as a GET shows it. */
final class TaskJson {
  private TaskJson() {}

  /**
   * What is to be shown, which with some faults is not the truth.
   *
   * @param status in Runway's words; any other word for an unknown one
   * @param wrapperStatus in the gateway's words
   * @param progress 0 to 1
   * @param outputUrl null: none is shown
   * @param form where the URL is put
   */
  record Shown(
      String status,
      String wrapperStatus,
      double progress,
      @Nullable String outputUrl,
      OutputForm form) {}

  static ObjectNode bare(Task task, Shown shown) {
    return runway(task, task.id, shown, task.acceptedAt.truncatedTo(ChronoUnit.MILLIS).toString());
  }

  /** The gateway's envelope. Inside, the task has the id of the gateway's own provider. */
  static ObjectNode wrapped(Task task, Shown shown, Instant now) {
    Instant finish = task.finishesAt();
    boolean ended =
        shown.wrapperStatus().equals("SUCCESS") || shown.wrapperStatus().equals("FAILURE");
    ObjectNode envelope = Json.object().put("code", "success").put("message", "");
    ObjectNode data =
        envelope
            .putObject("data")
            .put("created_at", task.acceptedAt.getEpochSecond())
            .put("updated_at", now.getEpochSecond())
            .put("task_id", task.id)
            .put("platform", "runwayml")
            .put("user_id", 1)
            .put("group", "default")
            .put("channel_id", 7)
            .put("quota", 200_000)
            .put("action", "CHARACTER_PERFORMANCE")
            .put("status", shown.wrapperStatus())
            .put("fail_reason", failReason(task, shown))
            .put("submit_time", task.acceptedAt.getEpochSecond())
            .put("start_time", task.startedAt == null ? 0 : task.startedAt.getEpochSecond())
            .put("finish_time", ended && finish != null ? finish.getEpochSecond() : 0)
            .put("progress", Math.round(shown.progress() * 100) + "%");
    data.putObject("properties")
        .put("input", "")
        .put("upstream_model_name", RequestRules.MODEL)
        .put("origin_model_name", "runwayml-character-performance");
    String url = shown.outputUrl();
    if (url != null && shown.form() == OutputForm.RESULT_URL) {
      data.put("result_url", url);
    }
    if (url != null && shown.form() == OutputForm.VIDEO_URL) {
      data.put("video_url", url);
    }
    boolean nested =
        switch (shown.form()) {
          case LIST, STRING, OBJECTS -> true;
          case RESULT_URL, VIDEO_URL, FAIL_REASON -> !shown.wrapperStatus().equals("SUCCESS");
        };
    if (nested && !(ended && task.fate.end() instanceof Fate.End.Failure f && !f.nested())) {
      data.set(
          "data",
          runway(
              task,
              UUID.nameUUIDFromBytes(task.id.getBytes(StandardCharsets.UTF_8)).toString(),
              shown,
              OffsetDateTime.ofInstant(
                      task.acceptedAt.truncatedTo(ChronoUnit.MILLIS), ZoneOffset.ofHours(8))
                  .toString()));
    } else {
      data.putNull("data");
    }
    return envelope;
  }

  private static ObjectNode runway(Task task, String id, Shown shown, String createdAt) {
    ObjectNode node =
        Json.object().put("id", id).put("status", shown.status()).put("createdAt", createdAt);
    switch (shown.status()) {
      case "RUNNING" -> node.put("progress", shown.progress());
      case "SUCCEEDED" -> {
        String url = shown.outputUrl();
        if (url == null) {
          node.putArray("output");
        } else {
          output(node, url, shown.form());
        }
      }
      case "FAILED" -> {
        if (task.fate.end() instanceof Fate.End.Failure failure) {
          node.put("failure", failure.message());
          if (failure.code() != null) {
            node.put("failureCode", failure.code());
          }
        }
      }
      default -> {}
    }
    return node;
  }

  private static void output(ObjectNode node, String url, OutputForm form) {
    switch (form) {
      case LIST -> node.putArray("output").add(url);
      case STRING -> node.put("output", url);
      case OBJECTS -> node.putArray("output").addObject().put("url", url);
      case RESULT_URL -> node.put("result_url", url);
      case VIDEO_URL -> node.put("video_url", url);
      case FAIL_REASON -> node.put("fail_reason", url);
    }
  }

  private static String failReason(Task task, Shown shown) {
    String url = shown.outputUrl();
    if (url != null && shown.form() == OutputForm.FAIL_REASON) {
      return url;
    }
    if (shown.wrapperStatus().equals("FAILURE")) {
      return switch (task.fate.end()) {
        case Fate.End.Failure failure ->
            failure.nested() || failure.code() == null
                ? failure.message()
                : failure.message() + " (" + failure.code() + ")";
        case Fate.End.Cancelled _ -> "cancelled";
        case Fate.End.Success _ -> "";
      };
    }
    return "";
  }
}
