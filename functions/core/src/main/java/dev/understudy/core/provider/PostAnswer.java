package dev.understudy.core.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an answer to the POST. */
final class PostAnswer {
  /** What the gateway's {@code code} is when it has no error to report. */
  private static final Set<String> SUCCESS = Set.of("success", "ok", "0", "200");

  private PostAnswer() {}

  static PostOutcome read(Exchange.Answered answer) {
    ObjectNode body = answer.cut() ? null : ProviderJson.object(answer.body());
    ProviderError error = ProviderError.of(body);
    int status = answer.status();
    if (status >= 200 && status < 300) {
      String id = id(body);
      return id != null
          ? new PostOutcome.Accepted(id)
          : new PostOutcome.Unknown(said(status, error, "an answer without a readable task id"));
    }
    return DefiniteRefusal.of(status, error)
        .map(refusal -> refused(refusal, answer, error))
        .orElseGet(
            () -> new PostOutcome.Unknown(said(status, error, "which does not prove a refusal")));
  }

  private static PostOutcome refused(
      DefiniteRefusal refusal, Exchange.Answered answer, ProviderError error) {
    String said =
        said(answer.status(), error, answer.isWebPage() ? "a web page" : "no reason given");
    return switch (refusal.concerns()) {
      case THE_REQUEST ->
          new PostOutcome.Rejected(
              PostOutcome.REJECTED,
              "The provider refused this request and charged nothing: "
                  + said
                  + ". Mend what it names and order again.");
      case THE_MOMENT -> new PostOutcome.Busy(said, answer.retryAfter());
      case THE_ACCOUNT -> new PostOutcome.Blocked(refusal, blocked(refusal) + " (" + said + ").");
    };
  }

  private static String blocked(DefiniteRefusal refusal) {
    return switch (refusal) {
      case UNAUTHORIZED ->
          "The provider does not accept the API key: put a valid one into the secret";
      case PAYMENT_REQUIRED ->
          "The provider wants payment before it takes anything more: top up the account's balance";
      case FORBIDDEN ->
          "The provider denies access: check the account's balance, that the key may use this model, and that no firewall stands between";
      case MOVED ->
          "The provider's address redirects elsewhere: correct the setting CometApiBaseUrl";
      case NOT_FOUND ->
          "There is no such endpoint at the provider's address: correct the setting CometApiBaseUrl";
      case BAD_REQUEST,
          BODY_TOO_LARGE,
          UNPROCESSABLE,
          INVALID_REQUEST,
          RATE_LIMITED,
          NO_CHANNEL,
          VALIDATION ->
          throw new IllegalArgumentException(refusal + " does not concern the account");
    };
  }

  /**
   * The id, wherever it is sane to look: {@code {id}}, {@code {code:"success", data:{task_id}}},
   * {@code {code, data:"<id>"}}. In the gateway's own task objects {@code id} is a row number and
   * {@code task_id} the id, so the latter goes first. A body that reports an error has none.
   */
  private static @Nullable String id(@Nullable ObjectNode body) {
    if (body == null || body.hasNonNull("error")) {
      return null;
    }
    String code = ProviderJson.text(body, "code");
    if (code != null && !SUCCESS.contains(code.toLowerCase(Locale.ROOT))) {
      return null;
    }
    String id = idOf(body);
    ObjectNode data = ProviderJson.inner(body, "data");
    if (id == null && data != null) {
      id = idOf(data);
    }
    if (id == null && data == null) {
      id = ProviderJson.id(body.get("data"));
    }
    return id;
  }

  private static @Nullable String idOf(ObjectNode object) {
    for (String name : new String[] {"task_id", "taskId", "id"}) {
      String id = ProviderJson.id(object.get(name));
      if (id != null) {
        return id;
      }
    }
    return null;
  }

  private static String said(int status, ProviderError error, String otherwise) {
    String message = error.message();
    String text = message != null ? message : otherwise;
    return "HTTP "
        + status
        + ": "
        + (text.endsWith(".") ? text.substring(0, text.length() - 1) : text);
  }
}
