package dev.understudy.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * A realistic mistake: small changes of the real code or definition, each a piece of text that must
 * be found exactly once, so that a mutant cannot outlive the code that it is made from unnoticed.
 *
 * @param name what somebody got wrong
 * @param edits all of them together; more than one where a second guard stands behind the first
 * @param killer a test class that kills it below the ports, where no history can; empty for seeds
 */
record Mutant(String name, List<Edit> edits, String killer) {

  /** A change of one file. */
  record Edit(String file, String find, String replace) {}

  private static final String CORE = "functions/core/src/main/java/dev/understudy/core/";
  private static final String SUBMISSION =
      "functions/submit/src/main/java/dev/understudy/submit/Submission.java";
  private static final String POLLING =
      "functions/poll/src/main/java/dev/understudy/poll/Polling.java";
  private static final String DELIVERY =
      "functions/persist/src/main/java/dev/understudy/persist/Delivery.java";
  private static final String RECONCILIATION =
      "functions/reconcile/src/main/java/dev/understudy/reconcile/Reconciliation.java";
  private static final String CHANGES = CORE + "task/Changes.java";
  private static final String TABLE =
      "functions/adapters/src/main/java/dev/understudy/adapters/dynamodb/";
  private static final String DOUBT = "dev.understudy.adapters.dynamodb.DynamoDbTaskStoreDoubtTest";

  private static final String RE_ENTRY =
      """
                || task.status() != TaskStatus.QUEUED
                || !task.place()) {\
      """;

  private static final String LEASE_OVER =
      "Changes.unknown(\n                    task, now, \"the function that sent it ended without writing down an answer.\")";

  /** All of them. */
  static List<Mutant> all() {
    var all = new ArrayList<Mutant>();
    all.add(
        of(
            "the POST is retried once on a timeout",
            SUBMISSION,
            "    return switch (outcome) {\n      case PostOutcome.Accepted accepted ->",
            """
            if (outcome instanceof PostOutcome.Unknown) {
              outcome =
                  PostOutcome.of(provider.submit(ready.body(), ready.key(), settings.submitTimeout()));
            }
            return switch (outcome) {
              case PostOutcome.Accepted accepted ->\
            """));
    all.add(
        of(
            "the id is written after the next call",
            SUBMISSION,
            "    Optional<TaskWriter.Updated> recorded;\n",
            "    told(task);\n    Optional<TaskWriter.Updated> recorded;\n"));
    all.add(
        of(
            "the id is written only while the task is SUBMITTING",
            CHANGES,
            "    var edit = task.edit().attempt(posted.accepted(providerTaskId));\n",
            """
                if (task.status() != TaskStatus.SUBMITTING) {
                  return Optional.empty();
                }
                var edit = task.edit().attempt(posted.accepted(providerTaskId));
            """));
    all.add(
        of(
            "the id of an old attempt is dropped",
            CHANGES,
            "    var edit = task.edit().attempt(posted.accepted(providerTaskId));\n",
            """
                if (task.attempt() != attempt) {
                  return Optional.empty();
                }
                var edit = task.edit().attempt(posted.accepted(providerTaskId));
            """));
    all.add(
        of(
            "the place is not given back on a stall",
            CHANGES,
            "        .place(false)\n        .stall(stall)",
            "        .stall(stall)"));
    all.add(
        of(
            "the pause is not checked in the submitting transaction",
            SUBMISSION,
            "Change.Guard.MAY_SUBMIT, nonce)",
            "Change.Guard.NONE, nonce)"));
    all.add(
        of(
            "the upload is completed before the checks",
            DELIVERY,
            "      return switch (check.finish(length == null ? -1 : length)) {",
            "      upload.complete();\n      return switch (check.finish(length == null ? -1 : length)) {"));
    all.add(
        of(
            "the status is written before the video",
            DELIVERY,
            "          if (!upload.complete()) {",
            "          if (task.version() < 0) {"));
    all.add(
        of(
            "there is no lease",
            CHANGES,
            ".dueAt(due(task, leaseUntil, leaseUntil.plus(LITTLE_LATER), leaseUntil))",
            ".dueAt(null)"));
    all.add(
        of(
            "the lease is shorter than the timeout",
            CORE + "settings/TimeLimits.java",
            "return submitTimeout.plus(LEASE_SLACK);",
            "return submitTimeout.minus(LEASE_SLACK);"));
    all.add(
        new Mutant(
            "the loser stops without comparing the nonce",
            List.of(
                new Edit(
                    TABLE + "ChangeTransaction.java",
                    "boolean mine = i == 0 && Items.writtenBy(Items.writer(change), reasons.get(i).item());",
                    "boolean mine = false;")),
            DOUBT));
    all.add(
        new Mutant(
            "the client token is derived from the task",
            List.of(
                new Edit(
                    TABLE + "DynamoDbTaskStore.java",
                    "var request = transaction.request(Ids.uuid(random));",
                    "var request = transaction.request(change.after().id());")),
            DOUBT));
    all.add(
        new Mutant(
            "Step Functions retries Submit on all errors (with the re-entry guard gone)",
            List.of(
                new Edit(
                    "statemachine/character-performance.asl.json",
                    "\"ErrorEquals\": [\"dev.understudy.core.errors.NotSubmitted\"]",
                    "\"ErrorEquals\": [\"States.ALL\"]"),
                new Edit(
                    SUBMISSION,
                    RE_ENTRY,
                    """
                          || (task.status() != TaskStatus.QUEUED
                              && task.status() != TaskStatus.SUBMITTING)
                          || !task.place()) {\
                    """
                        .indent(2)
                        .stripTrailing())),
            ""));
    all.add(
        new Mutant(
            "in progress expires: an old SUBMITTING is sent again",
            List.of(
                new Edit(
                    SUBMISSION,
                    RE_ENTRY,
                    """
                                || (task.status() != TaskStatus.QUEUED
                                    && !(task.status() == TaskStatus.SUBMITTING
                                        && clock
                                            .instant()
                                            .isAfter(
                                                java.util.Objects.requireNonNull(
                                                    task.currentAttempt().leaseUntil()))))
                                || !task.place()) {\
                    """),
                new Edit(
                    RECONCILIATION, LEASE_OVER, "Changes.nextGeneration(task, now, settings)")),
            ""));
    all.add(
        of(
            "a 500 counts as rejected",
            CORE + "provider/DefiniteRefusal.java",
            "      500,\n      \"invalid_request\",",
            "      500,\n      null,"));
    all.add(
        of(
            "the counter is released twice",
            CORE + "task/Change.java",
            "    return count(after.place()) - (before == null ? 0 : count(before.place()));",
            """
                return (after.status() == TaskStatus.SUCCEEDED ? -1 : count(after.place()))
                    - (before == null ? 0 : count(before.place()));\
            """));
    all.add(
        of(
            "reconcile submits again",
            RECONCILIATION,
            LEASE_OVER,
            "Changes.returned(task, now, \"it took too long\")"));
    all.add(
        new Mutant(
            "an end is overwritten: a late id revives a failed task (with its edge allowed)",
            List.of(
                new Edit(
                    CHANGES,
                    "            && (task.status() == TaskStatus.SUBMITTING\n                || task.status() == TaskStatus.SUBMISSION_UNKNOWN);\n    boolean nextNotSentYet",
                    "            && task.status() != TaskStatus.SUBMITTED;\n    boolean nextNotSentYet"),
                new Edit(
                    CORE + "task/Edge.java",
                    "SAME_ATTEMPT.put(FAILED, EnumSet.noneOf(TaskStatus.class));",
                    "SAME_ATTEMPT.put(FAILED, EnumSet.of(SUBMITTED));")),
            ""));
    all.add(
        of(
            "the generation is not checked",
            CORE + "task/Turn.java",
            "        || task.generation() != generation\n",
            ""));
    all.add(
        of(
            "the replay record is written outside of the transaction",
            CORE + "performance/PerformanceDesk.java",
            "accept(opening, change -> store.accept(change, r.before(), r.after()));",
            """
            accept(
                opening,
                change -> {
                  var won = store.write(change);
                  if (won == Written.WON) {
                    store.write(r.before(), r.after());
                  }
                  return won;
                });\
            """));
    all.add(
        of(
            "the event goes out before the status is written",
            POLLING,
            "    var stored = writer.replace(task, after);\n",
            """
                if (after.version() > task.version()) {
                  announcer.announce(after);
                }
                var stored = writer.replace(task, after);
            """));
    // and some that are not in anybody's list
    all.add(
        of(
            "an unknown submission is given back like a refused one",
            SUBMISSION,
            "Optional.of(Changes.unknown(t, clock.instant(), unknown.reason()))",
            "Optional.of(Changes.refused(t, clock.instant(), unknown.reason(), false))"));
    all.add(
        of(
            "an id that could not be written is forgotten",
            SUBMISSION,
            "      return Turn.record(attempt, providerTaskId);",
            "      return Turn.end();"));
    all.add(
        of(
            "a stalled task is not due any more",
            CHANGES,
            ".dueAt(person ? null : now.plus(stall.pause(settings.stallRetry())))",
            ".dueAt(null)"));
    all.add(
        of(
            "what expired in the lease is charged nothing",
            CHANGES,
            ".attempt(task.currentAttempt().with(Charge.UNKNOWN, why))",
            ".attempt(task.currentAttempt().with(Charge.RETURNED, why))"));
    all.add(
        of(
            "a new task goes past those who wait",
            CORE + "stack/Admission.java",
            "    if (places.next(Set.of(), random).isPresent()) {\n",
            "    if (places.next(Set.of(), random).isPresent() && control.paused()) {\n"));
    all.add(
        of(
            "a new attempt is not held to the cap",
            "functions/api/src/main/java/dev/understudy/api/ResolveTask.java",
            "change = change.within(store.places().tenant(before.tenant()).capCents());",
            "log.info(\"ordered\");"));
    all.add(
        of(
            "what the provider says is told as it says it",
            CORE + "provider/ProviderText.java",
            "    text = URL.matcher(text).replaceAll(\"$1$2/…\");\n",
            ""));
    all.add(
        of(
            "a caller's addresses stay with the ended task",
            CHANGES,
            "\n        .callerUris(null);",
            ";"));
    all.add(
        of(
            "an order that was begun is not looked at again",
            CORE + "order/OrderDesk.java",
            "now.plus(LOOK_AGAIN)",
            "now.plus(LOOK_AGAIN.multipliedBy(1_000_000))"));
    all.add(
        of(
            "persist asks without a turn of its own",
            "functions/persist/src/main/java/dev/understudy/persist/Persistence.java",
            "            now.plus(settings.pollMin()).plus(TimeLimits.CLAIM_TO_GET),\n",
            "            now,\n"));
    return all;
  }

  private static Mutant of(String name, String file, String find, String replace) {
    return new Mutant(name, List.of(new Edit(file, find, replace)), "");
  }
}
