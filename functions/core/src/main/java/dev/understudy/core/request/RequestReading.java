package dev.understudy.core.request;

import java.util.List;

/** What came of reading a form. */
public sealed interface RequestReading {

  /** Every field is good; defaults are applied. */
  record Good(RequestDraft draft) implements RequestReading {}

  /** At least one field is not: all issues at once. */
  record Bad(List<Issue> issues) implements RequestReading {
    public Bad {
      issues = List.copyOf(issues);
      if (issues.isEmpty()) {
        throw new IllegalArgumentException("a bad form has an issue");
      }
    }
  }
}
