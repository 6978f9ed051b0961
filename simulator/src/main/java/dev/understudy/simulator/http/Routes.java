package dev.understudy.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.simulator.provider.Call;
import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Fault;
import dev.understudy.simulator.provider.Json;
import dev.understudy.simulator.provider.Provider;
import dev.understudy.simulator.provider.Reply;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which path is answered by what. */
final class Routes {
  private static final String SUBMIT = "/runwayml/v1/character_performance";
  private static final String TASKS = "/runwayml/v1/tasks/";
  private static final String USAGE = "/user/quota";
  private static final String OUTPUTS = "/outputs/";
  private static final String ADMIN = "/admin/";

  private final Provider provider;
  private final Optional<URI> publicUrl;
  private final Consumer<String> log;

  Routes(Provider provider, Optional<URI> publicUrl, Consumer<String> log) {
    this.provider = provider;
    this.publicUrl = publicUrl;
    this.log = log;
  }

  Reply answer(Request request) {
    Reply reply = route(request);
    if (!request.path().startsWith(ADMIN)) {
      log.accept(
          "%s %s %s -> %s"
              .formatted(
                  LocalTime.now(Clock.systemUTC()).truncatedTo(ChronoUnit.MILLIS),
                  request.method(),
                  request.path(),
                  described(reply)));
    }
    return reply;
  }

  private Reply route(Request request) {
    String path = request.path();
    String method = request.method();
    if (method.equals("POST") && path.equals(SUBMIT)) {
      return provider.submit(call(request));
    }
    if (method.equals("GET") && path.startsWith(TASKS)) {
      String id = URLDecoder.decode(path.substring(TASKS.length()), StandardCharsets.UTF_8);
      return provider.task(id, call(request));
    }
    if (method.equals("GET") && path.equals(USAGE)) {
      return usage(request);
    }
    if ((method.equals("GET") || method.equals("HEAD")) && path.startsWith(OUTPUTS)) {
      return provider.output(request.parameter("_jwt").orElse(""));
    }
    if (path.startsWith(ADMIN)) {
      return admin(method + " " + path.substring(ADMIN.length()), request);
    }
    if (method.equals("GET") && path.equals("/")) {
      return LedgerPage.of(provider.ledger(null), provider.settings(), provider.faults());
    }
    // The gateway answers paths that it does not know with its web site.
    return Reply.Answer.of(
            301,
            "text/html; charset=utf-8",
            Content.of("<html><body>301 Moved Permanently</body></html>"))
        .with("Location", "/");
  }

  private Reply usage(Request request) {
    try {
      return provider.usage(
          request.parameter("key").orElse(""),
          date(request, "start_date"),
          date(request, "end_date"));
    } catch (DateTimeException e) {
      return json(
          400, Map.of("error", "start_date and end_date must be dates such as 2026-11-21."));
    }
  }

  private static LocalDate date(Request request, String name) {
    return LocalDate.parse(request.parameter(name).orElse(""));
  }

  private Reply admin(String what, Request request) {
    return switch (what) {
      case "GET health" -> json(200, Map.of("status", "ok"));
      case "GET ledger" -> checked(() -> provider.ledger(seed(request)));
      case "GET settings" -> json(200, provider.settings());
      case "POST settings" -> checked(() -> provider.change(request.body()));
      case "GET faults" -> json(200, Map.of("faults", provider.faults()));
      case "POST faults" -> checked(() -> addFaults(request.body()));
      case "DELETE faults" -> {
        provider.clearFaults();
        yield json(200, Map.of("faults", provider.faults()));
      }
      case "POST reset" -> {
        provider.reset();
        yield json(200, Map.of("status", "ok"));
      }
      default ->
          json(404, Map.of("error", "There is no " + what + " here; see docs/simulator.md."));
    };
  }

  /** One fault, or an array of them: all or none are added. */
  private Map<String, List<Fault>> addFaults(String body) {
    JsonNode json =
        Json.parse(body)
            .orElseThrow(() -> new IllegalArgumentException("The body is not valid JSON."));
    List<Fault> added = new ArrayList<>();
    if (json.isArray()) {
      json.forEach(one -> added.add(Json.read(one.toString(), Fault.class)));
    } else {
      added.add(Json.read(json.toString(), Fault.class));
    }
    added.forEach(provider::add);
    return Map.of("faults", provider.faults());
  }

  private static @Nullable Long seed(Request request) {
    Optional<String> seed = request.parameter("seed");
    try {
      return seed.isEmpty() ? null : Long.valueOf(seed.get());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"seed\" must be a whole number.", e);
    }
  }

  private Call call(Request request) {
    String base =
        publicUrl
            .map(URI::toString)
            .orElseGet(() -> "http://" + request.header("Host").orElse("127.0.0.1"));
    return new Call(
        request.headers(),
        request.body(),
        base.endsWith("/") ? base.substring(0, base.length() - 1) : base);
  }

  private static Reply checked(Supplier<Object> action) {
    try {
      return json(200, action.get());
    } catch (IllegalArgumentException e) {
      return json(400, Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private static Reply.Answer json(int status, Object body) {
    return Reply.Answer.of(status, "application/json", Content.of(Json.write(body)));
  }

  private static String described(Reply reply) {
    return switch (reply) {
      case Reply.Answer answer -> Integer.toString(answer.status());
      case Reply.Cut cut -> cut.answer().status() + ", cut";
      case Reply.Dropped dropped -> dropped == Reply.Dropped.RESET ? "reset" : "closed";
      case Reply.Held held ->
          "held for " + held.time().toMillis() / 1000.0 + " s, " + described(held.then());
    };
  }
}
