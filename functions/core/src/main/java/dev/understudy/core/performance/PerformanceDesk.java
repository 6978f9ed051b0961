package dev.understudy.core.performance;

import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.inputs.Address;
import dev.understudy.core.inputs.Checked;
import dev.understudy.core.inputs.Finding;
import dev.understudy.core.inputs.Inputs;
import dev.understudy.core.inputs.Pair;
import dev.understudy.core.inputs.Pinned;
import dev.understudy.core.inputs.Source;
import dev.understudy.core.inputs.There;
import dev.understudy.core.media.MediaKind;
import dev.understudy.core.performance.PerformanceOrder.Asset;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Opening;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.replay.Repeats;
import dev.understudy.core.replay.Send;
import dev.understudy.core.replay.Verdict;
import dev.understudy.core.request.Issue;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.settings.Dollars;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.stack.Admission.Entered;
import dev.understudy.core.stack.Admission.Entry;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.Input;
import dev.understudy.core.task.Task;
import java.time.Instant;
import java.time.InstantSource;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a request of the API into a task, once for each order of the client, however often it is
 * sent. Whether a send is a new order is decided from the record of the earlier ones, before its
 * files or the cap are looked at, and counts only if that record is unchanged when the task is
 * stored: both are one transaction. From then on it is accepted, whatever fails.
 */
public final class PerformanceDesk {

  private static final Logger log = LoggerFactory.getLogger(PerformanceDesk.class);

  /** Sends of the same order at once are faster than each other so often at the most. */
  private static final int TRIES = 60;

  /** Seeds are unsigned 32-bit numbers. */
  private static final long SEEDS = 1L << 32;

  private final TaskStore store;
  private final TaskIndex index;
  private final Bucket bucket;
  private final String bucketName;
  private final Inputs inputs;
  private final Repeats repeats;
  private final Admission admission;
  private final Settings settings;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * Wires the desk.
   *
   * @param bucketName the name by which callers know the bucket
   */
  public PerformanceDesk(
      TaskStore store,
      TaskIndex index,
      Bucket bucket,
      String bucketName,
      Admission admission,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.index = index;
    this.bucket = bucket;
    this.bucketName = bucketName;
    this.inputs = new Inputs(bucket);
    this.repeats = new Repeats(store::find);
    this.admission = admission;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Accepts an order, or says why not.
   *
   * @param tenant who orders
   * @param send which send of which order it is
   * @throws Unavailable when a service does not answer: the order may be stored or not
   */
  public Ordered order(String tenant, PerformanceOrder order, Send send) {
    return new Acceptance(tenant, order, send).run();
  }

  /**
   * Says what ordering would come to now; nothing is stored.
   *
   * @throws Unavailable when a service does not answer
   */
  public Ordered preview(String tenant, PerformanceOrder order, Send send) {
    return new Acceptance(tenant, order, send).preview();
  }

  /** One send on its way to an answer. */
  private final class Acceptance {

    private final String tenant;
    private final PerformanceOrder order;
    private final Send send;
    private final String id = Ids.uuid(random);

    /** What the task is made of, once its inputs have been checked and pinned. */
    private @Nullable Material material;

    Acceptance(String tenant, PerformanceOrder order, Send send) {
      this.tenant = tenant;
      this.order = order;
      this.send = send;
    }

    Ordered run() {
      for (int i = 0; i < TRIES; i++) {
        var opening = opening();
        Optional<Ordered> answer =
            switch (judged(opening)) {
              case Verdict.Order single -> accept(opening, store::write);
              case Verdict.Remembered r ->
                  accept(opening, change -> store.accept(change, r.before(), r.after()));
              case Verdict.Repeat repeat -> Optional.of(replayed(repeat.task()));
              case Verdict.CountedRepeat r ->
                  store.write(r.before(), r.after())
                      ? Optional.of(replayed(r.task()))
                      : Optional.empty();
              case Verdict.OtherBody other -> Optional.of(otherBody());
              case Verdict.TooMany tooMany -> Optional.of(tooMany());
            };
        if (answer.isPresent()) {
          return answer.get();
        }
      }
      unpin();
      throw new Unavailable("Too many sends of one order came at once: try again.");
    }

    Ordered preview() {
      var opening = opening();
      return switch (judged(opening)) {
        case Verdict.Order single -> wouldBe(opening);
        case Verdict.Remembered remembered -> wouldBe(opening);
        case Verdict.Repeat repeat -> wouldReplay(repeat.task());
        case Verdict.CountedRepeat repeat -> wouldReplay(repeat.task());
        case Verdict.OtherBody other -> otherBody();
        case Verdict.TooMany tooMany -> tooMany();
      };
    }

    private static Ordered wouldReplay(Task task) {
      return new Ordered.WouldReplay(
          task,
          "It would be answered with the task that this order made already, and cost nothing more.");
    }

    private Opening opening() {
      return store.opening(send.recordKey().orElse(null));
    }

    private Verdict judged(Opening opening) {
      return repeats.judge(send, opening.replay(), id, clock.instant());
    }

    /** Empty when another send was faster, and all is to be decided anew. */
    private Optional<Ordered> accept(Opening opening, Function<Change, Written> write) {
      var made = material;
      if (made == null) {
        switch (inspected()) {
          case Inspection.Unusable unusable -> {
            return Optional.of(new Ordered.Unusable(unusable.issues()));
          }
          case Inspection.Usable usable -> {
            var pinned = inputs.pin(id, usable.checked());
            if (pinned.isEmpty()) {
              return Optional.of(replacedMeanwhile());
            }
            made = new Material(pinned.get(), usable.request(), usable.warnings());
            material = made;
          }
        }
      }
      var places = store.places();
      var task = task(made);
      var entered = admission.enter(task, opening.control(), places, write);
      return switch (entered.written()) {
        case WON -> Optional.of(accepted(entered));
        case CAP_REACHED -> {
          unpin();
          yield Optional.of(overCap(places.tenant(tenant).capCents(), task.createdAt()));
        }
        case STALE, NO_PLACE, MAY_NOT_SUBMIT -> Optional.empty();
      };
    }

    private Ordered accepted(Entered entered) {
      log.info("Task {} was accepted.", entered.task().id());
      admission.entered(entered);
      return new Ordered.Accepted(entered.task());
    }

    private Ordered wouldBe(Opening opening) {
      return switch (inspected()) {
        case Inspection.Unusable unusable -> new Ordered.Unusable(unusable.issues());
        case Inspection.Usable usable -> wouldBe(opening, usable);
      };
    }

    private Ordered wouldBe(Opening opening, Inspection.Usable usable) {
      var now = clock.instant();
      var places = store.places();
      var capCents = places.tenant(tenant).capCents();
      if (spent(now) + settings.priceCents() > cap(capCents)) {
        return overCap(capCents, now);
      }
      var unpinned = new Input(null, There.CHARACTER, null);
      var task =
          task(
              new Material(
                  new Pinned(unpinned, unpinned, null), usable.request(), usable.warnings()));
      var price = Dollars.of(settings.priceCents());
      return switch (admission.entry(task, opening.control(), places)) {
        case Entry.WithPlace placed ->
            new Ordered.WouldStart(
                "It would be accepted for $%s and started at once.".formatted(price),
                usable.warnings());
        case Entry.BehindOthers behind ->
            new Ordered.WouldWait(
                "It would be accepted for $%s and wait, because others wait before it."
                    .formatted(price),
                usable.warnings());
        case Entry.Waits waits ->
            new Ordered.WouldWait(
                "It would be accepted for $%s and wait, because %s.".formatted(price, waits.why()),
                usable.warnings());
      };
    }

    private Inspection inspected() {
      var issues = new ArrayList<Issue>();
      var character = there(order.character(), issues);
      var reference = there(order.reference(), issues);
      if (character == null || reference == null) {
        return new Inspection.Unusable(issues);
      }
      var checked = inputs.check(new Pair(character, reference));
      if (!checked.findings().isEmpty()) {
        return new Inspection.Unusable(
            checked.findings().stream().map(PerformanceDesk::issue).toList());
      }
      var request = order.request().complete(checked.characterType(), () -> random.nextLong(SEEDS));
      return new Inspection.Usable(checked, request, checked.warnings(request));
    }

    private @Nullable There there(Asset asset, List<Issue> issues) {
      return switch (Address.of(asset.uri(), tenant, bucketName)) {
        case Address.Https https ->
            there(asset, new Source.Elsewhere(https.uri(), asset.kind() == MediaKind.VIDEO));
        case Address.Data data -> there(asset, new Source.Inline(data.content()));
        case Address.Key key -> {
          var stored = bucket.head(key.key());
          if (stored.isEmpty()) {
            issues.add(wrong(asset.role(), Address.NOTHING_THERE));
          }
          yield stored.map(object -> there(asset, new Source.InBucket(object))).orElse(null);
        }
        case Address.Nothing nothing -> {
          issues.add(wrong(asset.role(), Address.NOTHING_THERE));
          yield null;
        }
        case Address.Malformed malformed -> {
          issues.add(wrong(asset.role(), malformed.why()));
          yield null;
        }
      };
    }

    private static There there(Asset asset, Source source) {
      return new There(asset.role(), source, asset.kind());
    }

    private Task task(Material made) {
      return Task.accepted(
          id,
          tenant,
          clock.instant(),
          settings.priceCents(),
          made.request(),
          made.pinned().character(),
          made.pinned().reference(),
          made.pinned().callerUris(),
          null,
          deliverTo(made.pinned()),
          made.warnings(),
          order.tags());
    }

    private String deliverTo(Pinned pinned) {
      return "outputs/api/%s/%s/%s__%s.mp4"
          .formatted(
              tenant,
              id,
              FileStem.of(pinned.reference().name(), There.REFERENCE),
              FileStem.of(pinned.character().name(), There.CHARACTER));
    }

    private Ordered replayed(Task task) {
      unpin();
      log.info("A send of an earlier order is answered with its task {}.", task.id());
      return new Ordered.Replayed(task);
    }

    private Ordered otherBody() {
      unpin();
      return new Ordered.Conflict(
          "This Idempotency-Key was used for another request within the last 24 hours: use a new key, or send the same request.");
    }

    private Ordered tooMany() {
      unpin();
      return new Ordered.Conflict(
          "More than %d orders of this very request came within %d minutes, so that a repeat could not be told from a new one: give each order a seed or an Idempotency-Key of its own."
              .formatted(Repeats.MOST, Repeats.CALL_LIFE.toMinutes()));
    }

    private Ordered overCap(@Nullable Integer capCents, Instant now) {
      return new Ordered.OverCap(
          "The monthly cap of $%s is reached: $%s of it are reserved or spent, and this task would cost $%s; have %s raised, or order again next month (UTC)."
              .formatted(
                  Dollars.of(cap(capCents)),
                  Dollars.of(spent(now)),
                  Dollars.of(settings.priceCents()),
                  capCents == null ? "the setting MonthlyCapUsd" : "the cap of this tenant"));
    }

    private int cap(@Nullable Integer capCents) {
      return capCents == null ? settings.capCents() : capCents;
    }

    private int spent(Instant now) {
      var month = YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString();
      return index.spent(tenant, month).committed();
    }

    /** What was pinned for a task that is certainly not stored; the bucket forgets the rest. */
    private void unpin() {
      var made = material;
      material = null;
      if (made == null) {
        return;
      }
      try {
        inputs.unpin(made.pinned());
      } catch (UnderstudyException e) {
        log.warn("Copies of inputs that no task needs were not deleted. {}", e.sentence());
      }
    }
  }

  /** What a task is made of besides what is known from the start. */
  private record Material(Pinned pinned, PerformanceRequest request, List<String> warnings) {}

  /** What looking at the inputs comes to. */
  private sealed interface Inspection {
    record Usable(Checked checked, PerformanceRequest request, List<String> warnings)
        implements Inspection {}

    record Unusable(List<Issue> issues) implements Inspection {}
  }

  private static Ordered replacedMeanwhile() {
    return new Ordered.Unusable(
        List.of(
            wrong(
                There.CHARACTER,
                "or that of the reference was replaced while it was read: order again once its upload is finished.")));
  }

  private static Issue wrong(String role, String why) {
    return new Issue(List.of(role, "uri"), "%s.uri %s".formatted(role, why));
  }

  private static Issue issue(Finding finding) {
    return new Issue(
        List.of(finding.role(), "uri"),
        finding.ffmpeg() == null
            ? finding.sentence()
            : "%s This line does it: %s".formatted(finding.sentence(), finding.ffmpeg()));
  }
}
