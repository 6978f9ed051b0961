package dev.understudy.simulator.http;

import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.simulator.provider.Json;
import dev.understudy.simulator.provider.Ledger;
import dev.understudy.simulator.provider.Reply;
import dev.understudy.simulator.provider.Settings;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;

/** The page for people at {@code GET /}: what was accepted and what was paid. */
final class LedgerPage {
  private LedgerPage() {}

  static Reply.Answer of(Ledger ledger, Settings settings, List<Fault> faults) {
    BigDecimal paid =
        ledger.charges().stream()
            .filter(charge -> !charge.refunded())
            .map(Ledger.Charge::amountUsd)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    StringBuilder page = new StringBuilder();
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
        <title>Understudy: the simulated provider</title>
        <style>
          body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
          table { border-collapse: collapse; margin-bottom: 1.5rem } th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #ddd }
          code { font-size: 13px }
        </style></head><body>
        <h1>The simulated provider</h1>
        """);
    page.append(
        "<p>%d tasks, %d charges, $%s in all; %d POSTs; at most %d tasks at once; answers in the %s shape.</p>\n"
            .formatted(
                ledger.tasks().size(),
                ledger.charges().size(),
                paid.toPlainString(),
                ledger.submits().size(),
                ledger.maxConcurrent(),
                settings.shape().label()));
    row(
        page.append("<h2>Tasks</h2>\n<table>"),
        "th",
        "Task",
        "Seed",
        "Status",
        "Ratio",
        "Accepted",
        "Ended",
        "Failure",
        "GETs",
        "Downloads");
    for (Ledger.TaskEntry task : ledger.tasks().reversed()) {
      row(
          page,
          "td",
          task.id(),
          shown(task.seed()),
          task.status().name(),
          task.ratio(),
          task.acceptedAt().toString(),
          shown(task.finishedAt()),
          shown(task.failureCode()),
          Integer.toString(task.gets().size()),
          Integer.toString(task.downloads().size()));
    }
    row(
        page.append("</table>\n<h2>Charges</h2>\n<table>"),
        "th",
        "Task",
        "Seed",
        "At",
        "US dollars",
        "Refunded");
    for (Ledger.Charge charge : ledger.charges().reversed()) {
      row(
          page,
          "td",
          charge.providerTaskId(),
          shown(charge.seed()),
          charge.at().toString(),
          charge.amountUsd().toPlainString(),
          charge.refunded() ? "yes" : "no");
    }
    row(page.append("</table>\n<h2>POSTs</h2>\n<table>"), "th", "At", "Seed", "Outcome", "Task");
    for (Ledger.Submit submit : ledger.submits().reversed()) {
      row(
          page,
          "td",
          submit.at().toString(),
          shown(submit.seed()),
          submit.outcome(),
          shown(submit.providerTaskId()));
    }
    page.append("</table>\n<h2>Faults still to happen</h2>\n");
    if (faults.isEmpty()) {
      page.append("<p>None.</p>\n");
    }
    for (Fault fault : faults) {
      page.append("<p><code>").append(escaped(Json.write(fault))).append("</code></p>\n");
    }
    page.append("</body></html>\n");
    return Reply.Answer.of(200, "text/html; charset=utf-8", Content.of(page.toString()));
  }

  private static void row(StringBuilder page, String cell, String... texts) {
    page.append("<tr>");
    for (String text : texts) {
      page.append("<%1$s>%2$s</%1$s>".formatted(cell, escaped(text)));
    }
    page.append("</tr>\n");
  }

  private static String shown(@org.jspecify.annotations.Nullable Object value) {
    return Objects.toString(value, "");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
