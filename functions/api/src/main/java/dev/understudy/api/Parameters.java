package dev.understudy.api;

import dev.understudy.core.request.Issue;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What several routes read from the query. */
final class Parameters {

  private static final int MOST = 100;
  private static final int USUAL = 20;
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,3}");

  private Parameters() {}

  /**
   * How many entries are asked for.
   *
   * @throws Refused with 400 unless it is 1 to 100
   */
  static int limit(Call call) {
    var text = call.parameter("limit");
    if (text.isEmpty()) {
      return USUAL;
    }
    var limit = WHOLE.matcher(text.get()).matches() ? Integer.parseInt(text.get()) : 0;
    if (limit < 1 || limit > MOST) {
      throw refused("limit", "limit must be a whole number from 1 to %d.".formatted(MOST));
    }
    return limit;
  }

  /** The answer to a parameter that cannot be used. */
  static Refused refused(String parameter, String sentence) {
    return new Refused(400, sentence, List.of(Issue.at(parameter, sentence)), Map.of());
  }
}
