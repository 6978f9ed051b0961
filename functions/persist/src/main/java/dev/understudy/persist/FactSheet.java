package dev.understudy.persist;

import dev.understudy.core.json.Json;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code <video>.json} beside a video: what it is, what it was made from, and what it cost. */
final class FactSheet {

  private final Bucket bucket;

  FactSheet(Bucket bucket) {
    this.bucket = bucket;
  }

  void write(Task task, Output output, List<String> unexpected) {
    var sheet = new LinkedHashMap<String, Object>();
    sheet.put("taskId", task.id());
    sheet.put("take", task.order() == null ? null : task.order().take());
    sheet.put("video", output.key());
    sheet.put("bytes", output.bytes());
    sheet.put("sha256", output.sha256());
    var facts = output.facts();
    if (facts != null) {
      sheet.put("width", facts.width());
      sheet.put("height", facts.height());
      sheet.put("fps", facts.fps());
      sheet.put(
          "durationSeconds",
          facts.duration() == null ? null : facts.duration().toMillis() / 1000.0);
      sheet.put("audio", facts.audio());
    }
    sheet.put("charged", task.charged());
    var warnings = new ArrayList<>(task.warnings());
    warnings.addAll(unexpected);
    sheet.put("warnings", warnings);
    sheet.put("request", task.request());
    sheet.put("character", task.character());
    sheet.put("reference", task.reference());
    sheet.put("tags", task.tags());
    sheet.put("providerTaskId", task.providerTaskId());
    sheet.put("polls", task.polls());
    sheet.put("createdAt", task.createdAt());
    sheet.put("submittedAt", task.submittedAt());
    sheet.put("doneAt", task.doneAt());
    var key = output.key().substring(0, output.key().length() - ".mp4".length()) + ".json";
    bucket.put(key, Json.document(sheet), "application/json");
  }
}
