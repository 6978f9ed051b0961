package dev.understudy.core.order;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.announce.StatusPage;
import dev.understudy.core.inputs.Checked;
import dev.understudy.core.inputs.Finding;
import dev.understudy.core.inputs.Inputs;
import dev.understudy.core.inputs.Pair;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Bucket.Content;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.TaskStore.Written;
import dev.understudy.core.request.Issue;
import dev.understudy.core.request.PerformanceRequest;
import dev.understudy.core.settings.Dollars;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.Ids;
import dev.understudy.core.task.OrderRef;
import dev.understudy.core.task.Task;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns an uploaded form into a task, once. It acts on what lies in the bucket now, never on the
 * event that called it, so events may come twice, late and in any order. Before anything is stored,
 * both inputs are checked and pinned; the task and the answered order are then one transaction.
 */
public final class OrderDesk {

  private static final Logger log = LoggerFactory.getLogger(OrderDesk.class);

  /** Orders by S3 belong to this tenant. */
  public static final String TENANT = "default";

  /** The folder that is reserved for the videos of API tasks. */
  private static final String RESERVED = "api";

  /**
   * An order that is being looked at is taken up again after this: the function has ended by then.
   */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(3);

  /** How often an order that waits for its files is looked at without an upload. */
  private static final Duration WAITING_LOOK = Duration.ofMinutes(5);

  private static final int TRIES = 10;
  private static final int LONGEST_KEY = 1024;

  /** What may follow a video's name: its take, a mark where something else lies, its ending. */
  private static final int LONGEST_ENDING = "__t9999__12345678.json".length();

  private final TaskStore store;
  private final Bucket bucket;
  private final FolderInputs folderInputs;
  private final Inputs inputs;
  private final Letters letters;
  private final Announcer announcer;
  private final StatusPage statusPage;
  private final Admission admission;
  private final Settings settings;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** Wires the desk to the table, the bucket, and what tells people. */
  public OrderDesk(
      TaskStore store,
      Bucket bucket,
      Announcer announcer,
      StatusPage statusPage,
      Admission admission,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {
    this.store = store;
    this.bucket = bucket;
    this.folderInputs = new FolderInputs(bucket);
    this.inputs = new Inputs(bucket);
    this.letters = new Letters(bucket, clock);
    this.announcer = announcer;
    this.statusPage = statusPage;
    this.admission = admission;
    this.settings = settings;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Something was stored or deleted below {@code incoming/}: the form itself, or a file that an
   * order above it may be waiting for.
   *
   * @param key the key that the event names
   */
  public void uploaded(String key) {
    if (Folders.isForm(key)) {
      look(key);
    }
    for (var formKey : Folders.formsAbove(key)) {
      if (!formKey.equals(key)
          && store.order(formKey).filter(o -> o.state() == Order.State.WAITING).isPresent()) {
        look(formKey);
      }
    }
  }

  /**
   * Looks at an order: answers its newest upload if it can be answered now and has not been.
   *
   * @param formKey the key of the form
   */
  public void look(String formKey) {
    for (int i = 0; i < TRIES; i++) {
      if (lookOnce(formKey, i > 0)) {
        return;
      }
    }
    log.warn("Order {} kept changing; reconcile looks at it again.", formKey);
  }

  /**
   * False when something changed under it and it has to begin anew.
   *
   * @param again whether it did before: then this call may have written or taken away the letter of
   *     an upload that was answered otherwise meanwhile, and the answer is repeated
   */
  private boolean lookOnce(String formKey, boolean again) {
    // The order before the form: were it read after, the form in hand could be one that is gone,
    // and the write below would still find the order that answered the form that replaced it.
    var stored = store.order(formKey).orElse(null);
    var form = bucket.read(formKey, OrderForm.LONGEST + 1);
    if (form.isEmpty()) {
      return stored == null || gone(stored);
    }
    var eTag = form.get().object().eTag();
    var modified = form.get().object().lastModified();
    var now = clock.instant();
    if (stored != null && stored.answers(eTag, modified)) {
      if (stored.state() == Order.State.ANSWERED && (again || stored.lookedAtInItsSecond())) {
        return answer(stored, form.get()); // its letter was taken away, or the form came once more
      }
      return (stored.dueAt() == null && !again) || afterwards(stored);
    }
    var order = stored;
    if (order == null || !order.looksAt(eTag, modified)) {
      var begun =
          Order.begin(
              stored,
              formKey,
              eTag,
              modified,
              Ids.uuid(random),
              random.nextLong(1L << 32),
              now,
              now.plus(LOOK_AGAIN));
      if (!store.write(stored, begun.written())) {
        return false;
      }
      order = begun.written();
    }
    return answer(order, form.get());
  }

  /** The form was deleted: what waits is withdrawn, and what was answered is finished. */
  private boolean gone(Order order) {
    if (order.state() != Order.State.WAITING) {
      return order.dueAt() == null || afterwards(order);
    }
    var withdrawn =
        order
            .withdrawn(
                clock.instant().plus(TaskStore.ANNOUNCE_GRACE),
                "The order was withdrawn: its form was deleted.")
            .written();
    return store.write(order, withdrawn) && afterwards(withdrawn);
  }

  private boolean answer(Order order, Content content) {
    var folder = Folders.of(order.formKey());
    var wrongFolder = folderProblem(folder);
    if (wrongFolder != null) {
      return refuse(order, List.of(Refusal.of(Issue.at("folder", wrongFolder))), false);
    }
    return switch (OrderForm.read(content.content(), folder)) {
      case OrderForm.Read.Wrong wrong ->
          refuse(order, wrong.issues().stream().map(Refusal::of).toList(), wrong.dryRun());
      case OrderForm.Read.Form read -> follow(order, folder, read.form());
    };
  }

  private static @Nullable String folderProblem(String folder) {
    if (Folders.badSegment(folder) != null) {
      return "The folder's name has an empty part, '.', '..' or a control character in it: give it a"
          + " plain name and upload the order there.";
    }
    if (folder.equals(RESERVED) || folder.startsWith(RESERVED + "/")) {
      return "The folder name 'api' is reserved for tasks of the HTTP API: use another name.";
    }
    int longest = bytes(Folders.outputs(folder)) + bytes("reference__character") + LONGEST_ENDING;
    if (longest > LONGEST_KEY) {
      return "The folder's name has %d bytes, so that the keys of its results would be longer than the 1,024 bytes of S3: use a name of at most %d bytes."
          .formatted(bytes(folder), LONGEST_KEY - longest + bytes(folder));
    }
    return null;
  }

  private boolean follow(Order order, String folder, OrderForm form) {
    return switch (folderInputs.find(folder, form)) {
      case FolderInputs.Found.Missing missing -> missing(order, missing, form.dryRun());
      case FolderInputs.Found.Wrong wrong -> refuse(order, wrong.refusals(), form.dryRun());
      case FolderInputs.Found.Both both -> check(order, folder, form, both.pair());
    };
  }

  private boolean missing(Order order, FolderInputs.Found.Missing missing, boolean dryRun) {
    var now = clock.instant();
    var until = order.since().plus(settings.orderWait());
    if (dryRun || !missing.mayCome() || !now.isBefore(until)) {
      return refuse(order, missing.refusals(), dryRun);
    }
    var next = now.plus(WAITING_LOOK);
    var note =
        "The order waits for its files: %s"
            .formatted(
                String.join(
                    " ", missing.refusals().stream().map(r -> r.issue().message()).toList()));
    if (!store.write(order, order.waiting(next.isBefore(until) ? next : until, note).written())) {
      return false;
    }
    statusPage.write(order.formKey());
    return true;
  }

  private boolean check(Order order, String folder, OrderForm form, Pair pair) {
    var checked = inputs.check(pair);
    if (!checked.findings().isEmpty()) {
      return refuse(order, checked.findings().stream().map(Refusal::of).toList(), form.dryRun());
    }
    var request = form.request().complete(checked.characterType(), order::seed);
    var identity = Identity.of(form.canonical(), pair);
    var earlier = order.takes().stream().filter(t -> t.identity().equals(identity)).findFirst();
    int take = order.nextTake();
    var name =
        (form.output() != null
                ? form.output()
                : pair.reference().stem() + "__" + pair.character().stem())
            + (take == 1 ? "" : "__t" + take)
            + ".mp4";
    var deliverTo = Folders.outputs(folder) + name;
    int most = LONGEST_KEY - LONGEST_ENDING;
    if (bytes(deliverTo) > most) {
      return refuse(
          order,
          List.of(
              Refusal.of(
                  Issue.at(
                      "output",
                      "The video's key would have %d bytes, more than the %,d that leave room for what is named after it: set a shorter \"output\" name."
                          .formatted(bytes(deliverTo), most)))),
          form.dryRun());
    }
    var warnings = checked.warnings(request);
    if (form.dryRun()) {
      letters.dryRun(
          folder,
          request,
          checked,
          warnings,
          deliverTo,
          take,
          settings.priceCents(),
          earlier.map(Order.Take::take).orElse(null));
      return answered(order, "The dry run was answered: see dryrun.json. Nothing was ordered.");
    }
    if (earlier.isPresent()) {
      letters.deleteError(folder);
      return answered(
          order,
          ("The form was uploaded again with the same content and the same files: it is take %d, and nothing new was started."
                  + " To order another take, change the form (for example its seed or a tag) or a file, and upload the form again.")
              .formatted(earlier.get().take()));
    }
    return accept(order, folder, form, checked, request, identity, take, deliverTo, warnings);
  }

  private boolean accept(
      Order order,
      String folder,
      OrderForm form,
      Checked checked,
      PerformanceRequest request,
      String identity,
      int take,
      String deliverTo,
      List<String> warnings) {
    var pinned = inputs.pin(order.taskId(), checked);
    if (pinned.isEmpty()) {
      return false;
    }
    var now = clock.instant();
    var task =
        Task.accepted(
            order.taskId(),
            TENANT,
            now,
            settings.priceCents(),
            request,
            pinned.get().character(),
            pinned.get().reference(),
            pinned.get().callerUris(),
            new OrderRef(order.formKey(), folder, take),
            deliverTo,
            warnings,
            form.tags());
    var accepted =
        order.accepted(
            identity,
            now.plus(TaskStore.ANNOUNCE_GRACE),
            "Take %d was ordered. To order another take, change the form or a file, and upload the form again."
                .formatted(take));
    var places = store.places();
    var entered =
        admission.enter(
            task,
            store.control(),
            places,
            change -> store.accept(change, order, accepted.written()));
    if (entered.written() == Written.CAP_REACHED) {
      var cap = capReached(now, places.tenant(TENANT).capCents());
      boolean refused = refuse(order, List.of(Refusal.of(Issue.at("cap", cap))), false);
      if (refused) { // only now is it certain that nobody else accepts it under this task's id
        inputs.unpin(pinned.get());
      }
      return refused;
    }
    if (entered.written() != Written.WON) {
      return false;
    }
    log.info("Task {} was accepted.", task.id());
    boolean told = announcer.announce(entered.task());
    admission.entered(entered);
    boolean pageIsNew = told && entered.task().place(); // who has none may have been given one now
    return pageIsNew ? settled(accepted.written()) : afterwards(accepted.written());
  }

  private String capReached(Instant now, @Nullable Integer capCents) {
    return "The monthly cap of $%s is reached, so that this order of $%s was not accepted: raise %s, or upload the form again next month (UTC; now %s)."
        .formatted(
            Dollars.of(capCents == null ? settings.capCents() : capCents),
            Dollars.of(settings.priceCents()),
            capCents == null ? "MonthlyCapUsd" : "the own cap of tenant " + TENANT,
            now.toString().substring(0, 7));
  }

  /** What follows an answer; repeated by reconcile until it was done. */
  private boolean afterwards(Order order) {
    statusPage.write(order.formKey());
    return settled(order);
  }

  private boolean settled(Order order) {
    if (order.state() == Order.State.ACCEPTED) {
      letters.deleteError(Folders.of(order.formKey()));
    }
    return store.write(order, order.settled().written());
  }

  private boolean refuse(Order order, List<Refusal> refusals, boolean dryRun) {
    var folder = Folders.of(order.formKey());
    if (dryRun) {
      letters.dryRunRefused(folder, refusals);
      return answered(order, "The dry run was answered: see dryrun.json. Nothing was ordered.");
    }
    letters.error(folder, refusals);
    log.info("Order {} was refused: {} findings.", order.formKey(), refusals.size());
    return answered(
        order,
        "The last upload of the form was refused: see error.json. Nothing was ordered or paid.");
  }

  /** The letter lies in the bucket; a crash before this line makes it be written again. */
  private boolean answered(Order order, String note) {
    var answered = order.answered(clock.instant().plus(TaskStore.ANNOUNCE_GRACE), note).written();
    return store.write(order, answered) && afterwards(answered);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * One reason why an order is refused.
   *
   * @param issue what is wrong and where
   * @param ffmpeg the line that would mend the footage, or null
   */
  record Refusal(Issue issue, @Nullable String ffmpeg) {
    static Refusal of(Issue issue) {
      return new Refusal(issue, null);
    }

    static Refusal of(Finding finding) {
      return new Refusal(Issue.at(finding.role(), finding.sentence()), finding.ffmpeg());
    }
  }
}
