package dev.understudy.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.core.provider.Exchange;
import dev.understudy.core.provider.Provider;
import dev.understudy.core.task.Attempt;
import dev.understudy.core.task.TaskStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A provider that answers as it is told and keeps the books. It holds the most important promise
 * itself: a second POST of one attempt, or one that its task does not expect, is an error of the
 * test that made it.
 */
public final class FakeProvider implements Provider {

  private static final Pattern TASK = Pattern.compile("inputs/([^/]+)/character");

  /**
   * A paid POST.
   *
   * @param task the task whose inputs it names
   * @param attempt the attempt that the table then had
   * @param at when it came
   * @param key the key it came with
   * @param body what was sent
   */
  public record Post(String task, int attempt, Instant at, String key, String body) {}

  /**
   * A GET.
   *
   * @param id the provider's id
   * @param at when it came
   */
  public record Ask(String id, Instant at) {}

  private final VirtualClock clock;
  private final InMemoryTable table;
  private final Faults faults;
  private final Deque<Supplier<Exchange>> toPosts = new ArrayDeque<>();
  private final Deque<Supplier<Exchange>> toAsks = new ArrayDeque<>();
  private final List<Post> posts = new ArrayList<>();
  private final List<Ask> asks = new ArrayList<>();
  private final Map<String, Post> ledger = new LinkedHashMap<>();
  private Duration takes = Duration.ZERO;

  FakeProvider(VirtualClock clock, InMemoryTable table, Faults faults) {
    this.clock = clock;
    this.table = table;
    this.faults = faults;
  }

  /** Answers the next POSTs so; after them every POST is accepted. */
  public FakeProvider onPost(Exchange... answers) {
    for (var answer : answers) {
      toPosts.add(() -> answer);
    }
    return this;
  }

  /** Something happens while the next POST is under way. */
  public FakeProvider onPost(Supplier<Exchange> answer) {
    toPosts.add(answer);
    return this;
  }

  /** The next POST is accepted and charged, and its answer is lost. */
  public FakeProvider acceptsAndBreaks() {
    toPosts.add(() -> {
      accept();
      return new Exchange.Broken("the connection was reset");
    });
    return this;
  }

  /** Answers the next GETs so; after them every task is at work. */
  public FakeProvider onAsk(Exchange... answers) {
    for (var answer : answers) {
      toAsks.add(() -> answer);
    }
    return this;
  }

  /** Something happens while the next GET is under way. */
  public FakeProvider onAsk(Supplier<Exchange> answer) {
    toAsks.add(answer);
    return this;
  }

  /** Every exchange takes so long. */
  public FakeProvider takes(Duration time) {
    this.takes = time;
    return this;
  }

  @Override
  public Exchange submit(byte[] json, String apiKey, Duration bound) {
    var body = new String(json, StandardCharsets.UTF_8);
    var named = TASK.matcher(body);
    assertThat(named.find()).as("a POST names its inputs: " + body).isTrue();
    var task = table.find(named.group(1)).orElseThrow();
    var post = new Post(task.id(), task.attempt(), clock.instant(), apiKey, body);
    assertThat(task.status()).as("a POST is made in SUBMITTING").isEqualTo(TaskStatus.SUBMITTING);
    assertThat(posts)
        .as("one POST per attempt")
        .noneMatch(p -> p.task().equals(post.task()) && p.attempt() == post.attempt());
    posts.add(post);
    var answer = toPosts.isEmpty() ? accepts() : toPosts.remove();
    return faults.around(
        "POST",
        () -> {
          clock.advance(takes);
          return answer.get();
        });
  }

  /** Accepts the POST under way, as a supplier of its answer. */
  public Supplier<Exchange> accepts() {
    return () -> Answers.accepted(accept());
  }

  private String accept() {
    var id = "rw-%d".formatted(ledger.size() + 1);
    ledger.put(id, posts.getLast());
    return id;
  }

  @Override
  public Exchange task(String providerTaskId, String apiKey, Duration bound) {
    asks.add(new Ask(providerTaskId, clock.instant()));
    var answer = toAsks.isEmpty() ? null : toAsks.remove();
    return faults.around(
        "GET",
        () -> {
          clock.advance(takes);
          return answer == null ? Answers.running(0.5) : answer.get();
        });
  }

  /** All POSTs. */
  public List<Post> posts() {
    return List.copyOf(posts);
  }

  /** All GETs. */
  public List<Ask> asks() {
    return List.copyOf(asks);
  }

  /** What was charged: the provider's id and the POST that it was given to. */
  public Map<String, Post> ledger() {
    return Map.copyOf(ledger);
  }

  /** Every two GETs of one task keep their distance. */
  public void assertDistance(Duration least) {
    for (var ask : asks) {
      for (var other : asks) {
        if (ask != other && ask.id().equals(other.id())) {
          assertThat(Duration.between(ask.at(), other.at()).abs())
              .as("between two GETs of " + ask.id())
              .isGreaterThanOrEqualTo(least);
        }
      }
    }
  }

  /** Every charge stands on a task, or that task waits for a person as unknown. */
  public void assertEveryChargeIsKnown() {
    ledger.forEach((id, post) -> {
      var task = table.find(post.task()).orElseThrow();
      var ids = task.attempts().stream().map(Attempt::providerTaskId).toList();
      assertThat(ids.contains(id) || task.status() == TaskStatus.SUBMISSION_UNKNOWN)
          .as("charge %s of %s".formatted(id, task))
          .isTrue();
    });
  }
}
