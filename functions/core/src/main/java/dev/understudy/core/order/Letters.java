package dev.understudy.core.order;

import dev.understudy.core.inputs.Checked;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.OrderDesk.Refusal;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.settings.Dollars;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The files that answer an order beside a video: {@code error.json} and {@code dryrun.json}. */
final class Letters {

  private final Bucket bucket;
  private final InstantSource clock;

  Letters(Bucket bucket, InstantSource clock) {
    this.bucket = bucket;
    this.clock = clock;
  }

  void error(String folder, List<Refusal> refusals) {
    put(folder, "error.json", wrong(refusals));
  }

  void deleteError(String folder) {
    bucket.delete(Folders.outputs(folder) + "error.json");
  }

  void dryRunRefused(String folder, List<Refusal> refusals) {
    var letter = new LinkedHashMap<String, Object>();
    letter.put("ok", false);
    letter.putAll(wrong(refusals));
    put(folder, "dryrun.json", letter);
  }

  void dryRun(
      String folder,
      PerformanceRequest request,
      Checked checked,
      List<String> warnings,
      String deliverTo,
      int take,
      int priceCents,
      @Nullable Integer repeats) {
    var letter = new LinkedHashMap<String, Object>();
    letter.put("ok", true);
    letter.put(
        "sentence",
        repeats == null
            ? "This order would become take %d and cost $%s; nothing was ordered."
                .formatted(take, Dollars.of(priceCents))
            : "This order is the same as take %d, so that it would start nothing and cost nothing."
                .formatted(repeats));
    letter.put("costUsd", Dollars.of(repeats == null ? priceCents : 0));
    letter.put("output", deliverTo);
    letter.put("request", request);
    letter.put("character", checked.characterFacts());
    letter.put("reference", checked.referenceFacts());
    letter.put("warnings", warnings);
    letter.put("at", clock.instant().toString());
    put(folder, "dryrun.json", letter);
  }

  private Map<String, Object> wrong(List<Refusal> refusals) {
    var letter = new LinkedHashMap<String, Object>();
    letter.put(
        "error", refusals.stream().map(r -> r.issue().message()).collect(Collectors.joining(" ")));
    letter.put(
        "issues",
        refusals.stream()
            .map(r -> {
              var issue = new LinkedHashMap<String, Object>();
              issue.put("path", r.issue().where());
              issue.put("message", r.issue().message());
              if (r.ffmpeg() != null) {
                issue.put("ffmpeg", r.ffmpeg());
              }
              return issue;
            })
            .toList());
    var lines = refusals.stream().map(Refusal::ffmpeg).filter(Objects::nonNull).toList();
    letter.put(
        "mend",
        lines.isEmpty()
            ? "Mend what is named above, and upload task.json again. Nothing was ordered or paid."
            : "Run the ffmpeg line, upload the mended file in place of the old one, and upload task.json again. Nothing was ordered or paid.");
    letter.put("at", clock.instant().toString());
    return letter;
  }

  private void put(String folder, String name, Map<String, Object> letter) {
    bucket.put(Folders.outputs(folder) + name, Json.document(letter), "application/json");
  }
}
