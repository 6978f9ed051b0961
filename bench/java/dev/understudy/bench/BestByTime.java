package dev.understudy.bench;

import java.util.List;

/**
 * The best that a schedule of questions can do if it knows how long tasks take and nothing of this
 * one. For a price of a second of delay, measured in questions, dynamic programming over whole
 * seconds finds the schedule with the least cost: the cost of going on from a question at s is the
 * least over the next question's time t of one question, the delay of the tasks that end between s
 * and t, and the cost of going on from t. All prices together give the least delay for any number
 * of questions.
 *
 * <p>It is computed from the very tasks it is compared on, so it is a little better than anything
 * that does not know them.
 */
final class BestByTime {

  private static final int LEAST = 5;
  private static final int LONGEST_WAIT = 400;

  /**
   * What a schedule does on average.
   *
   * @param polls questions a task
   * @param lag seconds between the end and the question that sees it
   */
  record Mean(double polls, double lag) {}

  private final int last;
  private final double[] ended;
  private final double[] ends;

  /**
   * @param tasks what is asked about
   */
  BestByTime(List<RenderTime> tasks) {
    this.last = (int) Math.ceil(tasks.stream().mapToDouble(RenderTime::end).max().orElseThrow());
    this.ended = new double[last + 1];
    this.ends = new double[last + 1];
    for (var task : tasks) {
      int second = (int) Math.ceil(task.end());
      ended[second] += 1.0 / tasks.size();
      ends[second] += task.end() / tasks.size();
    }
    for (int s = 1; s <= last; s++) {
      ended[s] += ended[s - 1];
      ends[s] += ends[s - 1];
    }
  }

  /** The least delay with no more questions than these. */
  double lag(double polls) {
    double cheap = 1e-3;
    double dear = 1e4;
    for (int i = 0; i < 30; i++) {
      double price = Math.sqrt(cheap * dear);
      if (at(price).polls() > polls) {
        dear = price;
      } else {
        cheap = price;
      }
    }
    // between two schedules any mixture of them can be had
    var fewer = at(cheap);
    var more = at(dear);
    double share =
        more.polls() == fewer.polls()
            ? 0
            : (polls - fewer.polls()) / (more.polls() - fewer.polls());
    return fewer.lag() + share * (more.lag() - fewer.lag());
  }

  /** The best schedule where a second of delay costs so many questions. */
  Mean at(double price) {
    var cost = new double[last + 1];
    var polls = new double[last + 1];
    var lag = new double[last + 1];
    for (int s = last - 1; s >= 0; s--) {
      double open = 1 - ended[s];
      double least = Double.MAX_VALUE;
      int from = Math.min(last, s + LEAST);
      int to = Math.min(last, s + LONGEST_WAIT);
      for (int t = from; t <= to; t++) {
        double delay = t * (ended[t] - ended[s]) - (ends[t] - ends[s]);
        double whole = open + price * delay + cost[t];
        if (whole < least) {
          least = whole;
          polls[s] = open + polls[t];
          lag[s] = delay + lag[t];
        }
        if (open + price * delay > least) {
          break; // later is only dearer
        }
      }
      cost[s] = least;
    }
    return new Mean(polls[0], lag[0]);
  }
}
