package dev.understudy.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Exchange;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.Changes;
import dev.understudy.core.task.Charge;
import dev.understudy.core.task.Stall;
import dev.understudy.core.task.Task;
import dev.understudy.core.task.TaskStatus;
import dev.understudy.core.task.Turn;
import dev.understudy.core.task.Verdict;
import dev.understudy.core.testing.Answers;
import dev.understudy.core.testing.Clips;
import dev.understudy.core.testing.Faults.Crash;
import dev.understudy.core.testing.Faults.Moment;
import dev.understudy.core.testing.TestStack;
import dev.understudy.persist.Delivery;
import dev.understudy.persist.Persistence;
import dev.understudy.poll.Polling;
import dev.understudy.submit.Submission;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All five functions under one virtual clock, with processes that die and services that do not
 * answer at any call, answers that are lost, and a provider of every mood. Then the faults stop,
 * and the promises are counted: submitted once, paid once, never lost.
 */
class SimulationTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyOrder_shouldBePaidOnceAndEndOrWaitForAPerson_onceFaultsStop(long seed) {
    new Simulation(seed, false).simulate();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void everyCharge_shouldStayKnown_whenPeopleDeleteAndDecideInBetween(long seed) {
    new Simulation(seed, true).simulate();
  }

  private static final class Simulation {

    static final Duration PLENTY = Duration.ofSeconds(200);
    static final byte[] VIDEO = Clips.mp4(Duration.ofSeconds(4));

    /** An execution as the state machine keeps it. */
    private static final class Execution {
      final String id;
      final int generation;
      Turn.@Nullable Next next; // null: Submit
      Instant at;
      Turn.@Nullable Unrecorded unrecorded;
      int retries;

      Execution(String id, int generation, Instant at) {
        this.id = id;
        this.generation = generation;
        this.at = at;
      }
    }

    private final TestStack stack;
    private final Random fate;
    private final Submission submission;
    private final Polling polling;
    private final Persistence persistence;
    private final Reconciliation reconciliation;
    private final List<Execution> executions = new ArrayList<>();
    private boolean faulty = true;

    private final boolean people;
    private int decisions;

    private Simulation(long seed, boolean people) {
      this.people = people;
      this.stack =
          new TestStack(
              Map.of("MAX_IN_FLIGHT", "3", "MONTHLY_CAP_USD", "1000", "MAX_WAIT_SECONDS", "604800"),
              seed);
      this.fate = new Random(seed * 31 + 7);
      this.submission =
          new Submission(
              stack.table,
              stack.writer,
              stack.provider,
              stack.signer,
              stack.apiKey,
              stack.admission,
              stack.announcer,
              stack.settings,
              stack.clock);
      this.polling =
          new Polling(
              stack.table,
              stack.writer,
              stack.provider,
              stack.apiKey,
              stack.admission,
              stack.announcer,
              stack.settings,
              stack.clock,
              stack.random);
      this.persistence =
          new Persistence(
              stack.table,
              stack.writer,
              stack.provider,
              stack.apiKey,
              new Delivery(stack.bucket, uri -> download()),
              stack.announcer,
              stack.settings,
              stack.clock);
      this.reconciliation =
          new Reconciliation(
              stack.table,
              stack.writer,
              stack.executions,
              stack.admission,
              stack.announcer,
              stack.desk,
              stack.settings,
              stack.clock);
    }

    private boolean chance(int oneIn) {
      return faulty && fate.nextInt(oneIn) == 0;
    }

    private Download download() {
      if (chance(4)) {
        return fate.nextBoolean()
            ? new Download.NotThere(403)
            : new Download.Opened(
                new ByteArrayInputStream(VIDEO, 0, 5000), (long) VIDEO.length, null);
      }
      return new Download.Opened(new ByteArrayInputStream(VIDEO), (long) VIDEO.length, null);
    }

    private void provideMood() {
      if (faulty) {
        switch (fate.nextInt(14)) {
          case 0 -> stack.provider.onPost(Answers.later(429, null));
          case 1 -> stack.provider.onPost(new Exchange.NotSent("connection refused"));
          case 2 -> stack.provider.acceptsAndBreaks();
          case 3 -> stack.provider.onPost(new Exchange.Broken("reset before the request was read"));
          case 4 -> stack.provider.onPost(Answers.of(401, "{}"));
          case 5 -> stack.provider.onPost(Answers.of(403, "{}"));
          case 6 -> stack.provider.onPost(Answers.of(400, "{\"error\":\"bad\"}"));
          default -> stack.provider.onPost(stack.provider.accepts());
        }
      } else {
        stack.provider.onPost(stack.provider.accepts());
      }
    }

    private Exchange answer() {
      return switch (fate.nextInt(faulty ? 12 : 3)) {
        case 0, 1 -> Answers.done();
        case 2, 3, 4, 5 -> Answers.running(0.5);
        case 6 -> Answers.notExist();
        case 7 -> Answers.doneWithoutOutput();
        case 8 -> Answers.of(500, "{}");
        case 9 -> new Exchange.Broken("no answer");
        case 10 -> fate.nextInt(6) == 0 ? Answers.failed("INTERNAL") : Answers.running(0.7);
        default -> Answers.of(200, "<html>");
      };
    }

    /** Runs one invocation, which may be killed or meet a service that does not answer. */
    private @Nullable Turn invoke(Execution execution) {
      stack.faults.reset();
      if (chance(4)) {
        var moment = fate.nextBoolean() ? Moment.BEFORE : Moment.AFTER;
        int call = 1 + fate.nextInt(18);
        if (fate.nextBoolean()) {
          stack.faults.crashAt(moment, call);
        } else {
          stack.faults.at(moment, call, dev.understudy.core.testing.Faults::unavailable);
        }
      }
      try {
        var next = execution.next;
        if (next == null) {
          provideMoodOnce();
          return submission.submit(execution.id, execution.generation, () -> PLENTY);
        }
        return switch (next) {
          case POLL -> polling.poll(execution.id, execution.generation, execution.unrecorded);
          case PERSIST -> persistence.persist(execution.id, execution.generation);
          case END -> Turn.end();
        };
      } catch (NotSubmitted e) {
        return execution.retries++ < 3 ? null : failed(execution);
      } catch (UnderstudyException | Crash e) {
        boolean retried = execution.next != null && execution.retries++ < 3;
        return retried ? null : failed(execution);
      } finally {
        stack.faults.reset();
      }
    }

    private int moods;

    private void provideMoodOnce() {
      while (moods <= stack.provider.posts().size()) {
        moods++;
        provideMood();
      }
    }

    /** The execution fails: Repair, unless that fails, too. */
    private Turn failed(Execution execution) {
      stack.faults.reset();
      if (!chance(3)) {
        reconciliation.repair(
            execution.id, execution.generation, execution.unrecorded, "Runtime.ExitError");
      } else if (execution.unrecorded != null) {
        // Repair is tried again by the state machine; here it succeeds at last
        reconciliation.repair(
            execution.id, execution.generation, execution.unrecorded, "Runtime.ExitError");
      }
      return Turn.end();
    }

    private void step(Execution execution) {
      var turn = invoke(execution);
      if (turn == null) {
        execution.at = stack.clock.instant().plusSeconds(5); // the state machine's Retry
        return;
      }
      if (turn.next() == Turn.Next.END) {
        executions.remove(execution);
        return;
      }
      execution.retries = 0;
      execution.next = turn.next();
      execution.unrecorded = turn.unrecorded();
      execution.at = stack.clock.instant().plusSeconds(turn.seconds());
      if (chance(12)) {
        executions.remove(execution); // stopped by hand
        if (execution.unrecorded != null) {
          executions.add(execution);
        }
      }
    }

    private void order(int number) {
      var folder = "incoming/shot" + number;
      stack.bucket.upload(folder + "/character.png", Clips.png());
      stack.bucket.upload(folder + "/reference.mp4", VIDEO);
      stack.bucket.upload(folder + "/task.json", "{}".getBytes(StandardCharsets.UTF_8));
      for (int tries = 0; tries < 3; tries++) {
        stack.faults.reset();
        if (chance(3)) {
          stack.faults.crashAt(
              fate.nextBoolean() ? Moment.BEFORE : Moment.AFTER, 1 + fate.nextInt(20));
        }
        try {
          stack.desk.uploaded(folder + "/task.json");
          break;
        } catch (Crash e) {
          // Lambda tries an event twice more
        }
      }
      stack.faults.reset();
    }

    private void reconcile() {
      stack.faults.reset();
      if (chance(5)) {
        stack.faults.crashAt(
            fate.nextBoolean() ? Moment.BEFORE : Moment.AFTER, 1 + fate.nextInt(30));
      }
      try {
        reconciliation.run(() -> Duration.ofMinutes(5));
      } catch (UnderstudyException | Crash e) {
        // the next minute's run goes on
      }
      stack.faults.reset();
    }

    /**
     * A user deletes a task now and then, and an admin looks at the provider's books and decides.
     */
    private void decide() {
      var tasks = stack.table.tasks();
      if (!people || tasks.isEmpty() || !chance(8)) {
        return;
      }
      var id = tasks.get(fate.nextInt(tasks.size())).id();
      var decided =
          stack.writer.update(
              id, task -> fate.nextInt(4) == 0 ? Changes.deleted(task, now()) : decided(task));
      if (decided.orElseThrow().changed()) {
        decisions++;
        stack.admission.admitSome();
      }
    }

    private Optional<Task> decided(Task task) {
      var verdict = new Verdict("an admin", "The books say so.");
      if (task.stall() != null) {
        return Optional.of(Changes.triedAgain(task, now(), verdict));
      }
      if (task.status() != TaskStatus.SUBMISSION_UNKNOWN) {
        return Optional.empty();
      }
      if (task.hiddenAt() == null && fate.nextInt(3) == 0) {
        return Optional.of(Changes.attemptOrdered(task, now(), 40, verdict));
      }
      return Optional.of(
          stack.provider.ledger().entrySet().stream()
              .filter(e -> e.getValue().task().equals(task.id()))
              .filter(e -> e.getValue().attempt() == task.attempt())
              .map(e -> Changes.attached(task, e.getKey(), now(), verdict))
              .findFirst()
              .orElseGet(() -> Changes.givenUp(task, now(), Charge.UNKNOWN, verdict)));
    }

    private Instant now() {
      return stack.clock.instant();
    }

    private void run(Duration time) {
      var end = stack.clock.instant().plus(time);
      var minute = stack.clock.instant();
      while (stack.clock.instant().isBefore(end)) {
        while (!stack.started.isEmpty()) {
          var started = stack.started.remove();
          executions.add(new Execution(started.id(), started.generation(), stack.clock.instant()));
          if (chance(10)) { // started twice, or slow
            executions.add(
                new Execution(
                    started.id(),
                    started.generation(),
                    stack.clock.instant().plusSeconds(fate.nextInt(400))));
          }
        }
        var next =
            executions.stream().min(Comparator.comparing((Execution e) -> e.at)).orElse(null);
        var now = stack.clock.instant();
        if (next != null && next.at.isBefore(minute)) {
          if (next.at.isAfter(now)) {
            stack.clock.advance(Duration.between(now, next.at));
          }
          step(next);
        } else {
          if (minute.isAfter(now)) {
            stack.clock.advance(Duration.between(now, minute));
          }
          decide();
          reconcile();
          minute = minute.plusSeconds(60);
          stack.table.assertCountersAreRight();
        }
      }
    }

    /** Answers GETs by chance, once and for all. */
    private void provideAnswers() {
      for (int i = 0; i < 20_000; i++) {
        stack.provider.onAsk(this::answer);
      }
    }

    private void simulate() {
      provideAnswers();
      for (int i = 0; i < 12; i++) {
        order(i);
        run(Duration.ofMinutes(fate.nextInt(8)));
      }
      run(Duration.ofHours(6));
      faulty = false;
      run(Duration.ofHours(40));

      assertPromises();
    }

    private void assertPromises() {
      var tasks = stack.table.tasks();
      assertThat(tasks).as("every order became one task").hasSize(12);
      assertThat(tasks)
          .allSatisfy(task ->
              assertThat(
                      task.status().ended()
                          || task.status() == TaskStatus.SUBMISSION_UNKNOWN
                          || person(task))
                  .as("it ended, or waits for a person: " + task)
                  .isTrue());
      // once per attempt is held by the provider itself; a charge per task at the most
      for (var task : tasks) {
        long accepted =
            stack.provider.ledger().values().stream()
                .filter(p -> p.task().equals(task.id()))
                .count();
        assertThat(accepted)
            .as("charges of " + task)
            .isLessThanOrEqualTo(1 + orderedByPeople(task));
        if (accepted == 0) {
          assertThat(task.attempts()).extracting(Attempt::charge).doesNotContain(Charge.CHARGED);
        } else {
          assertThat(task.charged()).as(task.toString()).isIn("yes", "unknown");
        }
      }
      if (people) {
        assertThat(decisions).as("people did something").isPositive();
        assertEveryChargeIsOnItsAttempt();
      } else {
        stack.provider.assertEveryChargeIsKnown();
      }
      stack.provider.assertDistance(stack.settings.pollMin());
      assertThat(tasks)
          .filteredOn(t -> t.status() == TaskStatus.SUCCEEDED)
          .isNotEmpty()
          .allSatisfy(task -> {
            var output = TestStack.there(task.output());
            assertThat(stack.bucket.read(output.key(), 1 << 20).orElseThrow().content())
                .isEqualTo(VIDEO);
          });
      assertThat(stack.bucket.openUploads()).isZero();
      assertThat(stack.table.unannounced()).isZero();
      assertThat(tasks).noneMatch(Task::place);
      stack.table.assertCountersAreRight();
      assertThat(stack.events)
          .allSatisfy(e -> assertThat(e.toString()).doesNotContain("SIGNED", "sk-secret"));
    }

    /** How many attempts a person has ordered after one that may have been charged. */
    private long orderedByPeople(Task task) {
      return stack.table.history(task.id()).stream()
          .filter(t -> t.sentence().startsWith("A new attempt was ordered by an admin"))
          .count();
    }

    /** Even where a person has given up or ordered anew: with its id, or as possibly charged. */
    private void assertEveryChargeIsOnItsAttempt() {
      stack
          .provider
          .ledger()
          .forEach((id, post) -> {
            var task = stack.task(post.task());
            var attempt = task.attemptNumber(post.attempt()).orElseThrow();
            assertThat(id.equals(attempt.providerTaskId()) || attempt.charge() == Charge.UNKNOWN)
                .as("charge %s of %s".formatted(id, task))
                .isTrue();
          });
      assertThat(stack.table.tasks()).noneMatch(t -> t.hiddenAt() != null && t.waiting());
    }

    private boolean person(Task task) {
      return task.stall() != null
          && task.dueAt() == null
          && !task.stall().since().plus(Stall.SELF_HELP).isAfter(stack.clock.instant());
    }
  }
}
