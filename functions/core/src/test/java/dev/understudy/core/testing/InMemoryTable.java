package dev.understudy.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.json.Json;
import dev.understudy.core.order.Order;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.replay.Replay;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Control;
import dev.understudy.core.stack.Places;
import dev.understudy.core.task.Change;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table in memory: the same conditions as on DynamoDB, decided one write at a time. Tasks are
 * kept as their JSON would have them, so that what is not stored is not remembered.
 */
public final class InMemoryTable implements TaskStore, TaskIndex {

  private final Settings settings;
  private final Map<String, Task> tasks = new TreeMap<>();
  private final Map<String, Order> orders = new TreeMap<>();
  private final Map<String, Long> outbox = new TreeMap<>();
  private final Map<String, Instant> outboxDue = new TreeMap<>();
  private final Map<String, List<Task>> history = new TreeMap<>();
  private final Map<String, Change.Money> ledger = new TreeMap<>();
  private final Map<String, int[]> tenants = new TreeMap<>();
  private int inFlight;
  private Control control = Control.running();

  private final Map<String, Integer> limits = new TreeMap<>();
  private final Map<String, Integer> caps = new TreeMap<>();
  private final Map<String, Replay> replays = new TreeMap<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final Faults faults;
  private final Consumer<Change> won;

  /**
   * A table of a stack with these settings.
   *
   * @param won is told of every change of a task that is stored
   */
  public InMemoryTable(Settings settings, Faults faults, Consumer<Change> won) {
    this.settings = settings;
    this.faults = faults;
    this.won = won;
  }

  /** Gives a tenant a limit of its own. */
  public void limit(String tenant, int most) {
    limits.put(tenant, most);
  }

  /** Gives a tenant a monthly cap of its own. */
  public void cap(String tenant, int cents) {
    tenants.computeIfAbsent(tenant, t -> new int[2]);
    caps.put(tenant, cents);
  }

  @Override
  public Opening opening(@Nullable String replayKey) {
    return faults.around(
        "opening", () -> new Opening(replayKey == null ? null : replays.get(replayKey), control));
  }

  @Override
  public Written accept(Change change, @Nullable Replay before, Replay after) {
    return faults.around(
        "accept",
        () -> {
          if (!Objects.equals(replays.get(after.key()), before)) {
            return Written.STALE;
          }
          var written = decided(change);
          if (written == Written.WON) {
            put(before, after);
          }
          return written;
        });
  }

  @Override
  public boolean write(Replay before, Replay after) {
    return faults.around(
        "write replay",
        () -> {
          if (!Objects.equals(replays.get(after.key()), before)) {
            return false;
          }
          put(before, after);
          return true;
        });
  }

  /** Stored with the revision that a write gives it. */
  private void put(@Nullable Replay before, Replay after) {
    long rev = before == null ? 1 : before.rev() + 1;
    replays.put(
        after.key(), new Replay(after.key(), after.body(), after.made(), after.forgottenAt(), rev));
  }

  @Override
  public Optional<Task> find(String id) {
    return faults.around("find", () -> stored(id));
  }

  private Optional<Task> stored(String id) {
    return Optional.ofNullable(tasks.get(id));
  }

  /** What is not stored is not remembered. */
  private void put(Task task) {
    tasks.put(task.id(), Stored.of(task));
  }

  @Override
  public List<Task> findAll(List<String> ids) {
    return faults.around(
        "findAll",
        () -> {
          return ids.stream().flatMap(id -> stored(id).stream()).toList();
        });
  }

  @Override
  public Loaded findWithControl(String id) {
    return faults.around(
        "findWithControl",
        () -> {
          return new Loaded(stored(id).orElse(null), control);
        });
  }

  @Override
  public Written write(Change change) {
    return faults.around("write task", () -> decided(change));
  }

  private Written decided(Change change) {
    var after = change.after();
    var stored = stored(after.id()).orElse(null);
    if (change.before() == null
        ? stored != null
        : stored == null || stored.rev() != change.before().rev()) {
      return Written.STALE;
    }
    if (change.guard() == Change.Guard.MAY_SUBMIT && !control.maySubmit(after.id())) {
      return Written.MAY_NOT_SUBMIT;
    }
    for (var move : change.money().entrySet()) {
      var month = money(after.tenant(), move.getKey());
      if (move.getValue().asksCap()
          && month.committed() + move.getValue().committed()
              > Objects.requireNonNullElse(change.capCents(), settings.capCents())) {
        return Written.CAP_REACHED;
      }
    }
    var tenant = tenants.computeIfAbsent(after.tenant(), t -> new int[2]);
    if (change.places() > 0
        && (inFlight >= settings.maxInFlight()
            || tenant[0] >= limits.getOrDefault(after.tenant(), Integer.MAX_VALUE))) {
      return Written.NO_PLACE;
    }
    change
        .money()
        .forEach((month, move) ->
            ledger.merge(
                after.tenant() + "#" + month,
                move,
                (a, b) ->
                    new Change.Money(
                        a.reserved() + b.reserved(),
                        a.charged() + b.charged(),
                        a.unknown() + b.unknown())));
    inFlight += change.places();
    tenant[0] += change.places();
    tenant[1] += change.waiting();
    put(after);
    if (change.told()) {
      history.computeIfAbsent(after.id(), id -> new ArrayList<>()).add(after);
      outbox.put(after.id(), after.version());
      outboxDue.put(after.id(), change.at().plus(ANNOUNCE_GRACE));
    }
    won.accept(change);
    return Written.WON;
  }

  @Override
  public Written accept(Change change, Order before, Order after) {
    return faults.around(
        "accept",
        () -> {
          if (!Objects.equals(orders.get(before.formKey()), before)) {
            return Written.STALE;
          }
          var written = decided(change);
          if (written == Written.WON) {
            orders.put(after.formKey(), after);
          }
          return written;
        });
  }

  @Override
  public Claim claimTurn(
      String id, int generation, TaskStatus status, Instant now, Instant nextPollAt, String nonce) {
    return faults.around(
        "claim",
        () -> {
          var task = stored(id).orElse(null);
          if (task == null
              || task.generation() != generation
              || task.status() != status
              || task.nextPollAt() != null && task.nextPollAt().isAfter(now)) {
            return new Claim(false, task);
          }
          var claimed =
              Stored.with(
                  task,
                  Map.of(
                      "nextPollAt",
                      nextPollAt,
                      "rev",
                      task.rev() + 1,
                      "polls",
                      task.polls() + 1,
                      "writer",
                      nonce));
          tasks.put(id, claimed);
          return new Claim(true, claimed);
        });
  }

  @Override
  public void announced(String id, long version) {
    faults.around(
        "announced",
        () -> {
          if (outbox.getOrDefault(id, -1L) == version) {
            outbox.remove(id);
            outboxDue.remove(id);
          }
        });
  }

  @Override
  public Places places() {
    return faults.around(
        "places",
        () -> {
          return new Places(
              inFlight,
              tenants.entrySet().stream()
                  .map(t ->
                      new Places.Tenant(
                          t.getKey(),
                          t.getValue()[0],
                          t.getValue()[1],
                          limits.get(t.getKey()),
                          caps.get(t.getKey())))
                  .toList());
        });
  }

  @Override
  public List<Waiting> waiting(String tenant, int most) {
    return faults.around(
        "waiting",
        () -> {
          return tasks().stream()
              .filter(t -> t.waiting() && t.tenant().equals(tenant))
              .sorted(Comparator.comparing(Task::createdAt))
              .limit(most)
              .map(t -> new Waiting(t.id(), t.notBefore()))
              .toList();
        });
  }

  @Override
  public List<Due> due(Instant now, int most) {
    return faults.around(
        "due",
        () -> {
          var due = new HashMap<Due, Instant>();
          tasks().stream()
              .filter(t -> t.dueAt() != null && !t.dueAt().isAfter(now))
              .forEach(t -> due.put(new Due.OfTask(t.id()), Objects.requireNonNull(t.dueAt())));
          orders.values().stream()
              .filter(o -> o.dueAt() != null && !o.dueAt().isAfter(now))
              .forEach(
                  o -> due.put(new Due.OfOrder(o.formKey()), Objects.requireNonNull(o.dueAt())));
          outboxDue.forEach((id, at) -> {
            if (!at.isAfter(now)) {
              due.put(new Due.OfAnnouncement(id, Objects.requireNonNull(outbox.get(id))), at);
            }
          });
          return due.entrySet().stream()
              .sorted(
                  Map.Entry.<Due, Instant>comparingByValue()
                      .thenComparing(e -> e.getKey().toString()))
              .limit(most)
              .map(Map.Entry::getKey)
              .toList();
        });
  }

  @Override
  public Open open() {
    return faults.around(
        "open",
        () -> {
          var due =
              Stream.of(
                      tasks.values().stream().map(Task::dueAt),
                      orders.values().stream().map(Order::dueAt),
                      outboxDue.values().stream())
                  .flatMap(at -> at)
                  .filter(Objects::nonNull)
                  .min(Comparator.naturalOrder())
                  .orElse(null);
          var places = new TreeMap<String, Integer>();
          int unknown = 0;
          int stalled = 0;
          for (var task : tasks.values()) {
            if (task.place()) {
              places.merge(task.tenant(), 1, Integer::sum);
            }
            unknown += task.status() == TaskStatus.SUBMISSION_UNKNOWN ? 1 : 0;
            stalled += task.stall() != null ? 1 : 0;
          }
          return new Open(due, places, unknown, stalled, true);
        });
  }

  @Override
  public Map<String, Integer> committed(List<String> tenants, String month) {
    return faults.around(
        "committed",
        () -> {
          var found = new TreeMap<String, Integer>();
          tenants.forEach(tenant -> found.put(tenant, money(tenant, month).committed()));
          return found;
        });
  }

  @Override
  public Control control() {
    return faults.around(
        "control",
        () -> {
          return control;
        });
  }

  @Override
  public boolean write(Control before, Control after) {
    return faults.around(
        "write control",
        () -> {
          if (!control.equals(before)) {
            return false;
          }
          control = after;
          Decision.between(before, after).ifPresent(decisions::add);
          return true;
        });
  }

  @Override
  public Optional<Order> order(String formKey) {
    return faults.around(
        "order",
        () -> {
          return Optional.ofNullable(orders.get(formKey));
        });
  }

  @Override
  public boolean write(@Nullable Order before, Order after) {
    return faults.around(
        "write order",
        () -> {
          if (!Objects.equals(orders.get(after.formKey()), before)) {
            return false;
          }
          orders.put(after.formKey(), after);
          return true;
        });
  }

  @Override
  public Page list(String tenant, Filter filter, int most, @Nullable Position after) {
    return faults.around(
        "list",
        () -> {
          var wanted =
              tasks().stream()
                  .filter(t -> t.tenant().equals(tenant))
                  .filter(t -> t.hiddenAt() == null && t.status() != TaskStatus.CANCELLED)
                  .filter(
                      t -> filter.statuses().isEmpty() || filter.statuses().contains(t.status()))
                  .filter(t -> filter.tag() == null || t.tags().contains(filter.tag()))
                  .map(InMemoryTable::listed)
                  .filter(t ->
                      after == null
                          || order(t.createdAt(), t.id())
                                  .compareTo(order(after.createdAt(), after.id()))
                              < 0)
                  .sorted(
                      Comparator.comparing((Listed t) -> order(t.createdAt(), t.id())).reversed())
                  .toList();
          if (wanted.size() <= most) {
            return new Page(wanted, null);
          }
          var page = wanted.subList(0, most);
          return new Page(page, new Position(page.getLast().createdAt(), page.getLast().id()));
        });
  }

  private static String order(Instant createdAt, String id) {
    return Json.time(createdAt) + "#" + id;
  }

  private static Listed listed(Task task) {
    return new Listed(
        task.id(),
        task.createdAt(),
        task.updatedAt(),
        task.status(),
        task.place(),
        task.providerStatus(),
        task.sentence(),
        task.tags());
  }

  @Override
  public Timeline timeline(String id, long afterVersion, int most) {
    return faults.around(
        "timeline",
        () -> {
          var later = history(id).stream().filter(t -> t.version() > afterVersion).toList();
          return new Timeline(
              later.stream().limit(most).map(InMemoryTable::told).toList(), later.size() > most);
        });
  }

  private static Told told(Task task) {
    return new Told(
        task.version(),
        task.updatedAt(),
        task.status(),
        task.attempt(),
        task.generation(),
        task.sentence(),
        task.next());
  }

  @Override
  public Change.Money spent(String tenant, String month) {
    return faults.around("spent", () -> money(tenant, month));
  }

  @Override
  public List<Decision> decisions(int most) {
    return faults.around("decisions", () -> decisions.reversed().stream().limit(most).toList());
  }

  /** All tasks. */
  public List<Task> tasks() {
    return List.copyOf(tasks.values());
  }

  /** What people were told of a task, in order. */
  public List<Task> history(String id) {
    return history.getOrDefault(id, List.of());
  }

  /** A tenant's ledger of a month. */
  public Change.Money money(String tenant, String month) {
    return ledger.getOrDefault(tenant + "#" + month, Change.Money.NONE);
  }

  /** The ledger of the tenant of most tests, over all months. */
  public Change.Money money() {
    int reserved = 0;
    int charged = 0;
    int unknown = 0;
    for (var month : ledger.values()) {
      reserved += month.reserved();
      charged += month.charged();
      unknown += month.unknown();
    }
    return new Change.Money(reserved, charged, unknown);
  }

  /** What the counters must say, from the tasks themselves; fails where they do not. */
  public void assertCountersAreRight() {
    var all = tasks();
    assertThat(inFlight)
        .as("places of the stack")
        .isEqualTo((int) all.stream().filter(Task::place).count())
        .isLessThanOrEqualTo(settings.maxInFlight());
    tenants.forEach((tenant, counts) -> {
      var theirs = all.stream().filter(t -> t.tenant().equals(tenant)).toList();
      assertThat(counts)
          .as("places and waiting tasks of " + tenant)
          .containsExactly(
              (int) theirs.stream().filter(Task::place).count(),
              (int) theirs.stream().filter(Task::waiting).count());
    });
    var sums = new TreeMap<String, Change.Money>();
    for (var task : all) {
      for (var attempt : task.attempts()) {
        int cents = attempt.cents();
        var move =
            switch (attempt.charge()) {
              case RESERVED -> new Change.Money(cents, 0, 0);
              case CHARGED -> new Change.Money(0, cents, 0);
              case UNKNOWN -> new Change.Money(0, 0, cents);
              case RETURNED -> Change.Money.NONE;
            };
        sums.merge(
            task.tenant() + "#" + attempt.month(),
            move,
            (a, b) ->
                new Change.Money(
                    a.reserved() + b.reserved(),
                    a.charged() + b.charged(),
                    a.unknown() + b.unknown()));
      }
    }
    sums.values().removeIf(Change.Money.NONE::equals);
    var booked = new TreeMap<>(ledger);
    booked.values().removeIf(Change.Money.NONE::equals);
    assertThat(booked).as("the ledgers of all months").isEqualTo(sums);
  }

  /** All orders. */
  public List<Order> orders() {
    return List.copyOf(orders.values());
  }

  /** Announcements that were not made. */
  public int unannounced() {
    return outbox.size();
  }
}
