package dev.understudy.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.statemachine.Execution;
import dev.understudy.core.statemachine.Outcome;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.testing.InMemoryBucket;
import dev.understudy.core.watch.Measurement;
import dev.understudy.core.watch.Metric;
import dev.understudy.core.watch.Observation;
import dev.understudy.simulation.Invocation.Function;
import dev.understudy.webhook.WebhookFunction;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must hold, whatever goes wrong: each a named method with its sentence, called where it can
 * first be broken, after every step, or at the end. The first breach ends the history.
 */
final class Invariants {

  /** A promise that was not kept. */
  record Broken(String invariant, String sentence, String detail) {}

  /** An id that the provider answered with, to a process that could still write it down. */
  private record InHand(Invocation by, String task, int attempt) {}

  private final World world;
  private final Watch watch;
  private final ProviderSide provider;
  private final TaskStore table;
  private final TaskIndex index;
  private final InMemoryBucket bucket;
  private final Settings settings;
  private final Map<String, Instant> lastGet = new HashMap<>();
  private final Map<String, InHand> inHand = new LinkedHashMap<>();
  private final Set<String> lostWithProcess = new HashSet<>();
  private final Map<String, Map<Long, TaskStatus>> versions = new HashMap<>();

  /** Uploads that were begun when their task had ended. */
  private int late;

  private final List<Invocation> uploaders = new ArrayList<>();

  /** New attempts of each task that a person has ordered. */
  final Map<String, Integer> newAttempts = new HashMap<>();

  /** Charges of each task. */
  private final Map<String, Integer> charges = new HashMap<>();

  private @Nullable Machine machine;
  private @Nullable Broken broken;

  Invariants(
      World world,
      Watch watch,
      ProviderSide provider,
      TaskStore table,
      TaskIndex index,
      InMemoryBucket bucket,
      Settings settings) {
    this.world = world;
    this.watch = watch;
    this.provider = provider;
    this.table = table;
    this.index = index;
    this.bucket = bucket;
    this.settings = settings;
  }

  void machine(Machine machineUsed) {
    this.machine = machineUsed;
  }

  /** The first promise that was broken, or null. */
  @Nullable Broken broken() {
    return broken;
  }

  private void hold(boolean holds, String invariant, String sentence, Supplier<String> detail) {
    if (!holds && broken == null) {
      broken = new Broken(invariant, sentence, detail.get());
      world.say(() -> "BROKEN %s %s %s".formatted(invariant, sentence, detail.get()));
    }
  }

  // I1: no fault makes a task be charged twice; only a person who orders again can

  /** A charge was made. */
  void charged(ProviderSide.Post post) {
    paidOnce(post);
  }

  private void paidOnce(ProviderSide.Post post) {
    int sum = charges.merge(post.task(), 1, Integer::sum);
    hold(
        sum <= 1 + newAttempts.getOrDefault(post.task(), 0),
        "I1 paidOnce",
        "A task is charged once, and once more for each new attempt that a person orders.",
        () -> "task %s was charged %d times".formatted(post.task(), sum));
  }

  /** A POST begins. */
  void posted(ProviderSide.Post post, String body) {
    onePostPerAttempt(post);
    postIsMadeByTheClaimant(post);
    whatIsCheckedIsWhatIsSent(post, body);
  }

  private void onePostPerAttempt(ProviderSide.Post post) {
    long same =
        provider.posts.stream()
            .filter(p -> p.task().equals(post.task()) && p.attempt() == post.attempt())
            .count();
    hold(
        same == 1,
        "I1 onePostPerAttempt",
        "An attempt is sent once.",
        () -> "task %s attempt %d was sent %d times".formatted(post.task(), post.attempt(), same));
  }

  private void postIsMadeByTheClaimant(ProviderSide.Post post) {
    hold(
        post.by().claimed > 0,
        "I1 postIsMadeByTheClaimant",
        "Only who has claimed an attempt sends it.",
        () -> "%s sent task %s without a claim".formatted(post.by(), post.task()));
  }

  private void whatIsCheckedIsWhatIsSent(ProviderSide.Post post, String body) {
    var task = watch.tasks.get(post.task());
    if (task == null) {
      return;
    }
    for (var input : List.of(task.character(), task.reference())) {
      hold(
          input.key() == null
              || (body.contains(input.key()) && bucket.keys().contains(input.key())),
          "I1 whatIsCheckedIsWhatIsSent",
          "The provider is given the copies that were checked.",
          () -> "task %s was sent without %s".formatted(task.id(), input.key()));
    }
  }

  private void leaseOutlivesThePost(@Nullable Invocation by, Task before, Task after) {
    if (before.status() != TaskStatus.SUBMITTING
        || after.status() != TaskStatus.SUBMISSION_UNKNOWN) {
      return;
    }
    for (var other : world.standing) {
      boolean posting =
          other != by
              && !other.dead
              && other.postingAttempt == before.attempt()
              && before.id().equals(other.task)
              && Duration.between(other.began, world.now()).compareTo(Function.SUBMIT.timeout) < 0;
      hold(
          !posting,
          "I1 leaseOutlivesThePost",
          "No submission is called unknown while its POST may still be under way.",
          () -> "task %s became unknown while %s was in its POST".formatted(after.id(), other));
    }
  }

  private void pausedMeansPaused(@Nullable Task before, Task after) {
    if (after.status() == TaskStatus.SUBMITTING
        && (before == null || before.status() != TaskStatus.SUBMITTING)) {
      var control = table.control();
      hold(
          control.maySubmit(after.id()),
          "I1 pausedMeansPaused",
          "While the stack is paused nothing but its probe is sent.",
          () ->
              "task %s was claimed although the stack is paused: %s"
                  .formatted(after.id(), control.reason()));
    }
  }

  /**
   * What became of an order in the end.
   *
   * @param forms how many different forms its user uploaded
   * @param tasks how many tasks it became
   */
  void oneTaskPerOrder(Order order, int forms, long tasks) {
    hold(
        tasks <= forms && tasks == order.takes().size(),
        "I1 oneTaskPerOrder",
        "The same order, told any number of times, is one task.",
        () ->
            "%s: %d forms, %d takes, %d tasks"
                .formatted(order.formKey(), forms, order.takes().size(), tasks));
  }

  /**
   * What became of the calls with one tag in the end.
   *
   * @param calls how many were made, each of them sent up to three times
   * @param tasks how many tasks they became
   */
  void oneTaskPerCall(String tag, int calls, long tasks) {
    hold(
        tasks <= calls,
        "I1 oneTaskPerCall",
        "However often an SDK sends a call, it is one task.",
        () -> "%s: %d calls, %d tasks".formatted(tag, calls, tasks));
  }

  // I2: no accepted task is lost

  private void whoClaimsResolves(Invocation by, Outcome outcome) {
    if (by.dead || by.claimed == 0 || !(outcome instanceof Outcome.Answered(var answer, var _))) {
      return;
    }
    var task = by.task == null ? null : watch.tasks.get(by.task);
    hold(
        task == null
            || task.status() != TaskStatus.SUBMITTING
            || task.attempt() != by.claimed
            || answer.has("unrecorded"),
        "I2 whoClaimsResolves",
        "A submission that ends by itself leaves no claim behind.",
        () -> "%s ended and left task %s in SUBMITTING".formatted(by, by.task));
  }

  private void nothingIsLost() {
    for (var task : watch.tasks.values()) {
      boolean person =
          task.status() == TaskStatus.SUBMISSION_UNKNOWN
              || (task.stall() != null && task.dueAt() == null);
      hold(
          task.status().ended() || person,
          "I2 nothingIsLost",
          "Once faults stop, every accepted task ends or waits for a person.",
          () ->
              "task %s is %s, place %s, due %s, not before %s, stall %s, control %s"
                  .formatted(
                      task.id(),
                      task.status(),
                      task.place(),
                      task.dueAt(),
                      task.notBefore(),
                      task.stall(),
                      watch.control));
    }
  }

  private void everyOrderIsAnswered() {
    for (var order : watch.orders.values()) {
      hold(
          order.state() != Order.State.WAITING && order.dueAt() == null,
          "I2 everyOrderIsAnswered",
          "Once faults stop, every order that was begun is answered.",
          () -> order.toString());
    }
  }

  /** The forms that lie in the bucket in the end, against what is known of them. */
  void everyOrderIsAnswered(Order order) {
    hold(
        !bucket.keys().contains(order.formKey())
            || order.state() == Order.State.ACCEPTED
            || order.state() == Order.State.ANSWERED,
        "I2 everyOrderIsAnswered",
        "Once faults stop, every form that lies in the bucket has been answered.",
        () -> order.toString());
  }

  /** A call was answered with a task's id. */
  void whatIsAnsweredIsStored(String call, String id) {
    hold(
        table.find(id).isPresent(),
        "I2 whatIsAnsweredIsStored",
        "A task whose id was answered is in the table.",
        () -> "%s was answered %s".formatted(call, id));
  }

  private void aStallIsTriedAgain(Task after) {
    var stall = after.stall();
    hold(
        stall == null
            || after.dueAt() != null
            || !world.now().plus(History.MOST_SKEW).isBefore(stall.since().plus(Stall.SELF_HELP)),
        "I2 aStallIsTriedAgain",
        "A stalled task is due again by itself for a day before it waits for a person.",
        () -> after.toString());
  }

  /** A new task got a place at once. One who read before another began to wait is forgiven. */
  private void nobodyIsPassedOver(Task after) {
    var since = world.now().minus(Function.API.timeout).minus(History.MOST_SKEW);
    for (var other : watch.tasks.values()) {
      hold(
          !other.waiting()
              || other.updatedAt().isAfter(since)
              || (other.notBefore() != null && other.notBefore().isAfter(since)),
          "I2 nobodyIsPassedOver",
          "A new task goes past nobody who waits and may be sent, of whatever tenant.",
          () -> "task %s got a place at once while %s waited".formatted(after.id(), other));
    }
  }

  private void everyChangeIsTold() {
    hold(
        watch.outbox.isEmpty(),
        "I2 everyChangeIsTold",
        "Once faults stop, the last change of every task has been announced.",
        () -> "not announced: " + watch.outbox);
    for (var task : watch.tasks.values()) {
      hold(
          watch.published.getOrDefault(task.id(), -1L) == task.version(),
          "I2 everyChangeIsTold",
          "Once faults stop, the last change of every task has been announced.",
          () ->
              "task %s is at version %d, and %s was published"
                  .formatted(task.id(), task.version(), watch.published.get(task.id())));
      statusPageIsRight(task);
    }
  }

  private void statusPageIsRight(Task task) {
    if (task.order() == null) {
      return;
    }
    var page = "outputs/%s/status.json".formatted(task.order().folder());
    var text = bucket.keys().contains(page) ? bucket.text(page) : "";
    hold(
        text.contains(task.id()) && text.contains("\"" + task.status() + "\""),
        "I2 statusPageIsRight",
        "Once faults stop, a folder's status.json says where its tasks are.",
        () -> "task %s is %s, and status.json says %s".formatted(task.id(), task.status(), text));
  }

  // I3: SUCCEEDED means that the bytes are in the bucket and match

  private void succeededMeansDelivered(Task after) {
    if (after.status() != TaskStatus.SUCCEEDED) {
      return;
    }
    var output = after.output();
    var found = output == null ? Optional.<byte[]>empty() : whole(after, output.key());
    hold(
        output != null && found.isPresent() && found.get().length == output.bytes(),
        "I3 succeededMeansDelivered",
        "SUCCEEDED means that the whole video of this very task lies in the bucket.",
        () -> "task %s succeeded with %s".formatted(after.id(), output));
  }

  /** A video became visible. */
  void uploaded(@Nullable Invocation by) {
    onlyWholeVideosAreVisible(by);
  }

  private void onlyWholeVideosAreVisible(@Nullable Invocation by) {
    var task = by == null || by.task == null ? null : watch.tasks.get(by.task);
    if (task == null || !bucket.keys().contains(task.deliverTo())) {
      return;
    }
    hold(
        whole(task, task.deliverTo()).isPresent(),
        "I3 onlyWholeVideosAreVisible",
        "What lies under a video's key is always a whole video of its task.",
        () -> "task %s, %s".formatted(task.id(), task.deliverTo()));
  }

  /** The object, if it is a whole video that the provider rendered for this task. */
  private Optional<byte[]> whole(Task task, String at) {
    return bucket
        .read(at, 1 << 20)
        .map(content -> content.content())
        .filter(bytes ->
            ProviderSide.silent(bytes)
                || task.attempts().stream()
                    .map(Attempt::providerTaskId)
                    .anyMatch(id -> id != null && Arrays.equals(ProviderSide.video(id), bytes)));
  }

  // I4: every end says why, and whether it was charged

  private void everyChangeSaysWhereItIs(Task after) {
    hold(
        !after.sentence().isBlank() && !after.next().isBlank(),
        "I4 everyChangeSaysWhereItIs",
        "Every change says where the task is and what comes next.",
        () -> after.toString());
  }

  private void endsSayWhy(Task after) {
    hold(
        after.status() != TaskStatus.FAILED
            || (after.failure() != null
                && !after.failure().code().isBlank()
                && !after.failure().sentence().isBlank()),
        "I4 endsSayWhy",
        "A task that failed says why.",
        () -> after.toString());
  }

  private void endsSayWhetherTheyWereCharged() {
    provider.charges.forEach((id, post) -> {
      var task = watch.tasks.get(post.task());
      var charge =
          task == null
              ? Optional.<Charge>empty()
              : task.attemptNumber(post.attempt()).map(Attempt::charge);
      hold(
          charge.filter(c -> c == Charge.CHARGED || c == Charge.UNKNOWN).isPresent(),
          "I4 endsSayWhetherTheyWereCharged",
          "What the provider charged is never called free.",
          () -> "charge %s of attempt %d: %s".formatted(id, post.attempt(), task));
    });
    for (var task : watch.tasks.values()) {
      for (var attempt : task.attempts()) {
        hold(
            attempt.charge() != Charge.CHARGED
                || provider.charges.entrySet().stream()
                    .anyMatch(c ->
                        c.getValue().task().equals(task.id())
                            && (attempt.providerTaskId() == null
                                ? c.getValue().attempt() == attempt.number()
                                : c.getKey().equals(attempt.providerTaskId()))),
            "I4 endsSayWhetherTheyWereCharged",
            "What is called charged was charged.",
            () -> task.toString());
      }
    }
  }

  // I5: every charge is traceable to a task

  /** A POST was answered. */
  void answered(ProviderSide.Post post, Exchange exchange) {
    if (exchange instanceof Exchange.Answered answer && answer.status() == 200 && !answer.cut()) {
      try {
        var id = Json.MAPPER.readTree(answer.body()).path("id").asText("");
        if (!id.isEmpty()) {
          post.by().inHand = id;
          inHand.put(id, new InHand(post.by(), post.task(), post.attempt()));
        }
      } catch (IOException e) {
        world.say(() -> "no JSON");
      }
    }
  }

  /** A call is about to be made. */
  void calls(@Nullable Invocation by, String service, String method, Object[] args) {
    if (by != null && by.inHand != null) {
      anIdIsWrittenBeforeAnythingElse(by, by.inHand, service, method, args);
    }
  }

  private void anIdIsWrittenBeforeAnythingElse(
      Invocation by, String id, String service, String method, Object[] args) {
    if (onRecord(id)) {
      by.inHand = null;
      return;
    }
    boolean writingIt =
        service.equals("table")
            && (method.startsWith("find") || (method.equals("write") && args[0] instanceof Change));
    hold(
        writingIt,
        "I5 anIdIsWrittenBeforeAnythingElse",
        "With the provider's id in hand, nothing is called but the table, to write it.",
        () -> "%s called %s.%s with %s in hand".formatted(by, service, method, id));
  }

  private boolean onRecord(String id) {
    var had = inHand.get(id);
    var task = had == null ? null : watch.tasks.get(had.task());
    return task != null && task.attempts().stream().anyMatch(a -> id.equals(a.providerTaskId()));
  }

  private void anIdInHandIsHandedOn(Invocation by, Outcome outcome) {
    var id = by.inHand;
    if (id == null || onRecord(id)) {
      return;
    }
    boolean handed =
        outcome instanceof Outcome.Answered(var answer, var _)
            && id.equals(answer.path("unrecorded").path("providerTaskId").asText());
    if (by.dead || (handed && by.answered)) {
      lostWithProcess.add(id);
      return;
    }
    hold(
        handed,
        "I5 anIdInHandIsHandedOn",
        "An id that could not be written is given to the next state.",
        () -> "%s ended as %s with %s in hand".formatted(by, outcome, id));
  }

  private void idsAreOnRecord() {
    inHand.forEach((id, had) ->
        hold(
            onRecord(id)
                || lostWithProcess.contains(id)
                || (machine != null && machine.lostWithItsExecution(id)),
            "I5 idsAreOnRecord",
            "An id that reached a process which lived is on record, whatever became of its task.",
            () -> "%s of task %s attempt %d".formatted(id, had.task(), had.attempt())));
  }

  private void chargesAreTraceable() {
    provider.charges.forEach((id, post) -> {
      var task = watch.tasks.get(post.task());
      var attempt = task == null ? Optional.<Attempt>empty() : task.attemptNumber(post.attempt());
      hold(
          (task != null && task.attempts().stream().anyMatch(a -> id.equals(a.providerTaskId())))
              || attempt
                  .filter(a ->
                      a.charge() == Charge.UNKNOWN
                          // a person said that it was paid
                          || (a.charge() == Charge.CHARGED && a.providerTaskId() == null))
                  .isPresent(),
          "I5 chargesAreTraceable",
          "Every charge stands on its task by its id, or its attempt says that it may be charged.",
          () ->
              "charge %s of task %s attempt %d: %s"
                  .formatted(id, post.task(), post.attempt(), task));
    });
  }

  // I6: (attempt, rank of the status) only grows

  private void onlyGrows(Task before, Task after) {
    boolean grows =
        after.attempt() > before.attempt()
            || (after.attempt() == before.attempt() && rank(after) >= rank(before));
    hold(
        grows
            && after.rev() > before.rev()
            && after.version() >= before.version()
            && after.generation() >= before.generation(),
        "I6 onlyGrows",
        "Attempt and status, generation, version and revision of a task only grow.",
        () -> "%s -> %s".formatted(before, after));
  }

  private void anEndIsFinal(Task before, Task after) {
    hold(
        !before.status().ended() || before.status() == after.status(),
        "I6 anEndIsFinal",
        "SUCCEEDED, FAILED and CANCELLED never change.",
        () -> "%s -> %s".formatted(before, after));
  }

  private static int rank(Task task) {
    return switch (task.status()) {
      case QUEUED -> 0;
      case SUBMITTING -> 1;
      case SUBMISSION_UNKNOWN -> 2;
      case SUBMITTED -> 3;
      case PERSISTING -> 4;
      case SUCCEEDED, FAILED, CANCELLED -> 5;
    };
  }

  private void bystandersEnd(Invocation by, Outcome outcome) {
    if (by.fiber != null
        || by.generation < 0
        || by.task == null
        || !(outcome instanceof Outcome.Answered(var answer, var _))) {
      return;
    }
    var task = watch.tasks.get(by.task);
    hold(
        task == null
            || task.generation() == by.generation
            || answer.has("unrecorded")
            || answer.path("next").asText("END").equals("END"),
        "I6 bystandersEnd",
        "An execution of an older generation ends at its next step.",
        () ->
            "%s of generation %d goes on with %s; the task is at %s"
                .formatted(by, by.generation, answer, task));
  }

  // I7: nothing is left behind

  /** Something was written: counters and money against the tasks. */
  void written() {
    countersAgree();
    moneyAgrees();
  }

  private void countersAgree() {
    var places = new TreeMap<String, int[]>();
    int all = 0;
    for (var task : watch.tasks.values()) {
      var tenant = places.computeIfAbsent(task.tenant(), t -> new int[2]);
      all += task.place() ? 1 : 0;
      tenant[0] += task.place() ? 1 : 0;
      tenant[1] += task.waiting() ? 1 : 0;
    }
    int heldInAll = all;
    var stored = table.places();
    hold(
        stored.inFlight() == heldInAll && heldInAll <= settings.maxInFlight(),
        "I7 countersAgree",
        "The places that are counted are those that tasks hold, and no more than there are.",
        () ->
            "%d counted, %d held of %d"
                .formatted(stored.inFlight(), heldInAll, settings.maxInFlight()));
    places.forEach((tenant, held) -> {
      var counted = stored.tenant(tenant);
      hold(
          counted.inFlight() == held[0]
              && counted.waiting() == held[1]
              && (counted.limit() == null || held[0] <= counted.limit()),
          "I7 countersAgree",
          "A tenant's places and waiting tasks are counted right, and its limit is kept.",
          () -> "%s: %s, held %s".formatted(tenant, counted, Arrays.toString(held)));
    });
  }

  /** A gauge of reconcile, which reads the table by itself. */
  void countersAgree(Measurement gauge) {
    hold(
        gauge.metric() != Metric.COUNTERS_DIFFER || gauge.value() == 0,
        "I7 countersAgree",
        "The gauges see no difference between counters and tasks.",
        gauge::toString);
  }

  private void moneyAgrees() {
    var money = new TreeMap<String, Map<String, int[]>>();
    for (var task : watch.tasks.values()) {
      for (var attempt : task.attempts()) {
        var sums =
            money
                .computeIfAbsent(task.tenant(), t -> new TreeMap<>())
                .computeIfAbsent(attempt.month(), m -> new int[3]);
        switch (attempt.charge()) {
          case RESERVED -> sums[0] += attempt.cents();
          case CHARGED -> sums[1] += attempt.cents();
          case UNKNOWN -> sums[2] += attempt.cents();
          case RETURNED -> {}
        }
      }
    }
    money.forEach((tenant, months) ->
        months.forEach((month, sums) -> {
          var spent = index.spent(tenant, month);
          hold(
              spent.reserved() == sums[0]
                  && spent.charged() == sums[1]
                  && spent.unknown() == sums[2],
              "I7 moneyAgrees",
              "The money of a month is what its tasks say.",
              () ->
                  "%s %s: %s, tasks say %s".formatted(tenant, month, spent, Arrays.toString(sums)));
        }));
  }

  /** A task was accepted, or a person ordered a new attempt. */
  private void theCapIsKept(Task after) {
    var month = after.currentAttempt().month();
    var spent = index.spent(after.tenant(), month);
    var own = table.places().tenant(after.tenant()).capCents();
    int cap = own == null ? settings.capCents() : own;
    hold(
        spent.reserved() + spent.charged() + spent.unknown() <= cap,
        "I7 theCapIsKept",
        "Nothing is accepted that would go over the month's cap.",
        () -> "%s in %s: %s of %d cents".formatted(after.id(), month, spent, cap));
  }

  private void placesAreHeldByWorkOnly(Task after) {
    boolean mayHold =
        after.stall() == null
            && (after.status() == TaskStatus.QUEUED
                || after.status() == TaskStatus.SUBMITTING
                || after.status() == TaskStatus.SUBMITTED);
    hold(
        !after.place() || mayHold,
        "I7 placesAreHeldByWorkOnly",
        "What is persisting, stalled, unknown or ended holds no place.",
        () -> after.toString());
  }

  /** An upload is begun. */
  void opensUpload(Invocation by) {
    uploaders.add(by);
    var status = watch.statusOf(by.task);
    late += status != null && status.ended() ? 1 : 0;
  }

  private void nothingIsLeftBehind() {
    // begun behind the back of whoever delivered, by one that had stood still and was then killed
    // or heard no answer: the bucket's own rule aborts such an upload after a day
    long left = late + uploaders.stream().filter(by -> by.dead && by.fiber != null).count();
    hold(
        bucket.openUploads() <= left,
        "I7 nothingIsLeftBehind",
        "Once faults stop, no upload is left open.",
        () -> bucket.openUploads() + " are");
    for (var task : watch.tasks.values()) {
      boolean reserved = task.attempts().stream().anyMatch(a -> a.charge() == Charge.RESERVED);
      hold(
          !task.place() && !(task.status().ended() && reserved),
          "I7 nothingIsLeftBehind",
          "Once faults stop, no place is held and no ended task has money set aside.",
          () -> task.toString());
    }
  }

  // I8: no key, token or signed address in anything that is kept or sent

  private void secretsStaySecret(String where, String text) {
    hold(
        !Canaries.in(text),
        "I8 secretsStaySecret",
        "No key, token or signed address is in any event, history, document, metric or item.",
        () -> where + ": " + text);
  }

  private void callersAddressesGoWithTheEnd() {
    for (var task : watch.tasks.values()) {
      hold(
          !task.status().ended() || task.callerUris() == null,
          "I8 callersAddressesGoWithTheEnd",
          "A caller's address is kept no longer than its task is open.",
          () -> task.id());
    }
  }

  private void secretsStaySecretInTheBucket() {
    for (var name : bucket.keys()) {
      if (name.startsWith("outputs/") && name.endsWith(".json")) {
        secretsStaySecret(name, bucket.text(name));
      }
    }
    for (var task : watch.tasks.values()) {
      var item = Json.MAPPER.<ObjectNode>valueToTree(task);
      item.remove("callerUris"); // the one attribute that may have it
      secretsStaySecret("item", item.toString());
    }
  }

  /** A document is put into the bucket, perhaps over another one. */
  void puts(String documentKey, byte[] content) {
    secretsStaySecret(documentKey, new String(content, StandardCharsets.UTF_8));
  }

  /** A record other than a task's is written: an order, the control item, what is replayed. */
  void writes(Object item) {
    secretsStaySecret("item", item.toString());
  }

  /** Something is counted or measured. */
  void measured(Observation observation) {
    secretsStaySecret("metric", observation.toString());
  }

  /** A function fails: Lambda's answer has the words of the exception and of all its causes. */
  void threw(RuntimeException exception) {
    secretsStaySecret("exception", Canaries.told(exception));
  }

  // I9: two GETs of one task are at least PollMinSeconds apart

  /** The provider is asked about a task. */
  void asked(Invocation by, String providerTaskId) {
    getsKeepTheirDistance(by, providerTaskId);
  }

  private void getsKeepTheirDistance(Invocation by, String providerTaskId) {
    // a process that was frozen after its last look at the clock asks late, and nothing can help it
    var last = by.stood ? lastGet.remove(providerTaskId) : lastGet.put(providerTaskId, world.now());
    if (last == null || by.stood) {
      return;
    }
    var apart = Duration.between(last, world.now());
    hold(
        apart.compareTo(settings.pollMin().minus(History.MOST_SKEW)) >= 0,
        "I9 getsKeepTheirDistance",
        "Two GETs of one task are at least PollMinSeconds apart, as far as clocks agree.",
        () -> "%s between two GETs of %s".formatted(apart, providerTaskId));
  }

  // I10: we connect only to the configured provider, to AWS and to what the provider names

  /** An output's address is opened. */
  void opened(URI output) {
    onlyWhatTheProviderNamesIsOpened(output);
  }

  private void onlyWhatTheProviderNamesIsOpened(URI output) {
    hold(
        output.toString().startsWith(ProviderSide.HOST + "/outputs/"),
        "I10 onlyWhatTheProviderNamesIsOpened",
        "Only the address that the provider named for its output is opened.",
        () -> String.valueOf(output.getHost()));
  }

  // What is looked at when

  /** A task was written. */
  void changed(@Nullable Invocation by, Optional<Task> was, Task after) {
    var before = was.orElse(null);
    versions.computeIfAbsent(after.id(), i -> new HashMap<>()).put(after.version(), after.status());
    if (by != null
        && by.function == Function.SUBMIT
        && after.status() == TaskStatus.SUBMITTING
        && before != null
        && before.status() == TaskStatus.QUEUED) {
      by.claimed = after.attempt();
    }
    if (by != null
        && by.function == Function.API
        && before != null
        && before.status() == TaskStatus.SUBMISSION_UNKNOWN
        && after.attempt() > before.attempt()) {
      newAttempts.merge(after.id(), 1, Integer::sum);
      theCapIsKept(after);
    }
    if (before == null) {
      theCapIsKept(after);
    }
    if (before == null && after.place()) {
      nobodyIsPassedOver(after);
    }
    pausedMeansPaused(before, after);
    everyChangeSaysWhereItIs(after);
    endsSayWhy(after);
    secretsStaySecret("item", after.toString());
    placesAreHeldByWorkOnly(after);
    aStallIsTriedAgain(after);
    if (before == null || before.status() != after.status()) {
      succeededMeansDelivered(after);
    }
    if (before != null) {
      onlyGrows(before, after);
      anEndIsFinal(before, after);
      leaseOutlivesThePost(by, before, after);
    }
  }

  /** An event went out. */
  void told(@Nullable Invocation by, TaskEvent event) {
    whatIsToldIsStored(event);
    secretsStaySecret("event", event.toString());
    secretsStaySecret("webhook", WebhookFunction.body(event));
  }

  private void whatIsToldIsStored(TaskEvent event) {
    var stored = versions.getOrDefault(event.taskId(), Map.of()).get(event.version());
    hold(
        stored == event.status(),
        "I4 whatIsToldIsStored",
        "An event tells of nothing that is not stored.",
        () -> "%s, stored then: %s".formatted(event, stored));
  }

  /** An invocation has ended. */
  void ended(Invocation by, Outcome outcome) {
    whoClaimsResolves(by, outcome);
    anIdInHandIsHandedOn(by, outcome);
    bystandersEnd(by, outcome);
    switch (outcome) {
      case Outcome.Answered(var answer, var _) ->
          secretsStaySecret(
              "answer", by.function == Function.API ? beyondItsLink(answer) : answer.toString());
      case Outcome.Failed(var error, var cause, var _) -> {
        secretsStaySecret("error", cause);
        onlyOurErrors(by, error, cause);
      }
      case Outcome.UnderWay() -> {}
    }
  }

  private void onlyOurErrors(Invocation by, String error, String cause) {
    hold(
        error.startsWith("dev.understudy.core.errors.") || error.startsWith("Runtime."),
        "I2 onlyOurErrors",
        "No function fails by a slip of ours.",
        () -> "%s failed with %s: %s".formatted(by, error, cause));
  }

  private void theDefinitionFits(Machine.Run run) {
    hold(
        !run.walk.error().equals("States.QueryEvaluationError")
            && !run.walk.error().equals("States.Runtime"),
        "I2 theDefinitionFits",
        "No execution fails by its definition.",
        () -> "%s: %s %s".formatted(run.name, run.walk.error(), run.walk.cause()));
  }

  /** An answer of the API without what it is asked for: a link to a video, or an upload's form. */
  private static String beyondItsLink(JsonNode answer) {
    int status = answer.path("statusCode").asInt();
    return status == 200 || status == 302
        ? answer
            .toString()
            .replace(Canaries.SIGNED + Canaries.OUTPUT, "")
            .replace(Canaries.SIGNED + Canaries.UPLOAD, "")
        : answer.toString();
  }

  /** An execution has ended. */
  void walked(Machine.Run run) {
    theDefinitionFits(run);
    for (Execution.Visit visit : run.walk.trace()) {
      secretsStaySecret("execution", visit.input().toString());
    }
    secretsStaySecret("execution", run.walk.output().toString());
    secretsStaySecret("execution", run.walk.cause());
  }

  /** The metrics that follow from changes, against the tasks. */
  private void changesAreCountedOnce(Map<Metric, Double> counts) {
    var tasks = watch.tasks.values();
    var expected = new EnumMap<Metric, Long>(Metric.class);
    expected.put(Metric.ACCEPTED, (long) tasks.size());
    expected.put(
        Metric.SUCCEEDED, tasks.stream().filter(t -> t.status() == TaskStatus.SUCCEEDED).count());
    expected.put(
        Metric.FAILED, tasks.stream().filter(t -> t.status() == TaskStatus.FAILED).count());
    expected.put(
        Metric.SECOND_CHARGES,
        tasks.stream()
            .flatMap(task ->
                task.providerTaskId() == null && !task.status().ended()
                    ? Stream.<String>empty()
                    : task.attempts().stream()
                        .map(Attempt::providerTaskId)
                        .filter(id -> id != null && !id.equals(task.providerTaskId())))
            .count());
    expected.forEach((metric, number) ->
        hold(
            counts.getOrDefault(metric, 0.0) == number.doubleValue(),
            "I5 changesAreCountedOnce",
            "What is counted is what happened.",
            () -> "%s: %s counted, %d happened".formatted(metric, counts.get(metric), number)));
  }

  /** Faults have stopped long ago and nothing happens any more. */
  void atTheEnd(Map<Metric, Double> counts) {
    written();
    changesAreCountedOnce(counts);
    nothingIsLost();
    everyOrderIsAnswered();
    everyChangeIsTold();
    endsSayWhetherTheyWereCharged();
    idsAreOnRecord();
    chargesAreTraceable();
    nothingIsLeftBehind();
    secretsStaySecretInTheBucket();
    callersAddressesGoWithTheEnd();
  }
}
