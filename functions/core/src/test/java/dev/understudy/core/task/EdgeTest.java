package dev.understudy.core.task;

import static dev.understudy.core.task.TaskStatus.CANCELLED;
import static dev.understudy.core.task.TaskStatus.FAILED;
import static dev.understudy.core.task.TaskStatus.PERSISTING;
import static dev.understudy.core.task.TaskStatus.QUEUED;
import static dev.understudy.core.task.TaskStatus.SUBMISSION_UNKNOWN;
import static dev.understudy.core.task.TaskStatus.SUBMITTED;
import static dev.understudy.core.task.TaskStatus.SUBMITTING;
import static dev.understudy.core.task.TaskStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EdgeTest {

  private record Pair(TaskStatus from, TaskStatus to) {}

  /** Written down a second time on purpose: whoever changes the table has to change it here. */
  private static final Set<Pair> SAME_ATTEMPT =
      Set.of(
          new Pair(QUEUED, SUBMITTING),
          new Pair(QUEUED, SUBMITTED),
          new Pair(QUEUED, FAILED),
          new Pair(QUEUED, CANCELLED),
          new Pair(SUBMITTING, SUBMISSION_UNKNOWN),
          new Pair(SUBMITTING, SUBMITTED),
          new Pair(SUBMITTING, FAILED),
          new Pair(SUBMITTING, CANCELLED),
          new Pair(SUBMISSION_UNKNOWN, SUBMITTED),
          new Pair(SUBMISSION_UNKNOWN, FAILED),
          new Pair(SUBMISSION_UNKNOWN, CANCELLED),
          new Pair(SUBMITTED, PERSISTING),
          new Pair(SUBMITTED, FAILED),
          new Pair(PERSISTING, SUCCEEDED));

  private static final Set<Pair> NEXT_ATTEMPT =
      Set.of(new Pair(SUBMITTING, QUEUED), new Pair(SUBMISSION_UNKNOWN, QUEUED));

  private static Stream<Pair> pairs() {
    return Arrays.stream(TaskStatus.values())
        .flatMap(from -> Arrays.stream(TaskStatus.values()).map(to -> new Pair(from, to)));
  }

  @TestFactory
  Stream<DynamicTest> allowed_shouldFollowTheTable_withinAnAttempt() {
    return pairs()
        .map(pair ->
            dynamicTest(
                pair.from + " to " + pair.to,
                () ->
                    assertThat(Edge.allowed(pair.from, pair.to, false))
                        .isEqualTo(pair.from == pair.to || SAME_ATTEMPT.contains(pair))));
  }

  @TestFactory
  Stream<DynamicTest> allowed_shouldFollowTheTable_toTheNextAttempt() {
    return pairs()
        .map(pair ->
            dynamicTest(
                pair.from + " to " + pair.to,
                () ->
                    assertThat(Edge.allowed(pair.from, pair.to, true))
                        .isEqualTo(NEXT_ATTEMPT.contains(pair))));
  }

  @Test
  void allowed_shouldNeverLetTheRankShrink_withinAnAttempt() {
    assertThat(pairs().filter(p -> Edge.allowed(p.from, p.to, false)))
        .allMatch(p -> p.to.rank() >= p.from.rank());
  }

  @Test
  void allowed_shouldKeepAnEndForEver() {
    assertThat(pairs().filter(p -> p.from.ended() && p.from != p.to))
        .noneMatch(p -> Edge.allowed(p.from, p.to, false) || Edge.allowed(p.from, p.to, true));
  }

  @Test
  void ended_shouldHoldForTheThreeEnds() {
    assertThat(TaskStatus.values())
        .filteredOn(TaskStatus::ended)
        .containsExactly(SUCCEEDED, FAILED, CANCELLED);
  }
}
