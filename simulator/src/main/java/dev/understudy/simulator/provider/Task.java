package dev.understudy.simulator.provider;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An accepted task. Not safe for threads: the provider locks. */
final class Task {
  /** A progress shown at a moment. */
  record State(ProviderStatus status, double progress) {}

  final String id;
  final PerformanceRequest request;
  final Inputs.Footage reference;
  final Fate fate;
  final Instant acceptedAt;
  final List<Instant> gets = new ArrayList<>();
  final List<Instant> downloads = new ArrayList<>();
  @Nullable Instant startedAt;
  @Nullable String firstUrl;

  Task(
      String id,
      PerformanceRequest request,
      Inputs.Footage reference,
      Fate fate,
      Instant acceptedAt) {
    this.id = id;
    this.request = request;
    this.reference = reference;
    this.fate = fate;
    this.acceptedAt = acceptedAt;
  }

  Instant startableAt() {
    return acceptedAt.plus(fate.earliestStart());
  }

  @Nullable Instant finishesAt() {
    return startedAt == null ? null : startedAt.plus(fate.render());
  }

  State at(Instant now) {
    if (startedAt == null) {
      return new State(ProviderStatus.THROTTLED, 0);
    }
    Instant finish = startedAt.plus(fate.render());
    if (!now.isBefore(finish)) {
      return new State(
          switch (fate.end()) {
            case Fate.End.Success _ -> ProviderStatus.SUCCEEDED;
            case Fate.End.Failure _ -> ProviderStatus.FAILED;
            case Fate.End.Cancelled _ -> ProviderStatus.CANCELLED;
          },
          1);
    }
    double done =
        (double) Duration.between(startedAt, now).toMillis()
            / Math.max(1, fate.render().toMillis());
    // The first tenth passes before the work proper: Runway's PENDING.
    return done < 0.1
        ? new State(ProviderStatus.PENDING, 0)
        : new State(ProviderStatus.RUNNING, Math.min(0.99, Math.floor(done * 100) / 100));
  }

  boolean isVisible(Instant now) {
    return !now.isBefore(acceptedAt.plus(fate.notVisible()));
  }

  boolean showsOutput(Instant now) {
    Instant finish = finishesAt();
    return finish != null
        && fate.end() instanceof Fate.End.Success
        && !now.isBefore(finish.plus(fate.lateOutput()));
  }

  Ledger.TaskEntry entry(Instant now) {
    Instant finish = finishesAt();
    return new Ledger.TaskEntry(
        id,
        request.seed(),
        at(now).status(),
        request.ratio().label(),
        request.model(),
        withoutQuery(request.character()),
        withoutQuery(request.reference()),
        acceptedAt,
        startedAt,
        finish == null || now.isBefore(finish) ? null : finish,
        fate.end() instanceof Fate.End.Failure failure && at(now).status().isTerminal()
            ? failure.code()
            : null,
        gets,
        downloads);
  }

  private static String withoutQuery(URI uri) {
    String text = uri.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }
}
