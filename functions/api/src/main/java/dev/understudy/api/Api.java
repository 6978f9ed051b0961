package dev.understudy.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.NotSubmitted;
import dev.understudy.core.errors.Unavailable;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.request.Issue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a request to its answer: who calls, what is asked for, and what an answer looks like where
 * it is an error. Whatever comes in, the answer is one that {@code openapi.json} describes.
 */
final class Api {

  private static final Logger log = LoggerFactory.getLogger(Api.class);

  /** Runway's prefix, and the one CometAPI puts before it. */
  private static final List<String> PREFIXES = List.of("/v1", "/runwayml/v1");

  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private static final String ID = "{id}";
  private static final int MOST_SEGMENTS = 4;

  /** An error as Runway writes it; the SDKs show a field {@code message} instead of the rest. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record ErrorBody(String error, List<Issue> issues) {}

  /**
   * Where a request goes.
   *
   * @param below whether it is below one of the prefixes
   * @param path what follows the prefix, without a slash at its end
   * @param up the way from there to where the prefixes lie, as a relative address
   */
  private record Place(boolean below, String path, String up) {

    static Place of(String whole) {
      var path = whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole;
      for (var prefix : PREFIXES) {
        if (path.startsWith(prefix + "/")) {
          return new Place(
              true, path.substring(prefix.length()), prefix.equals("/v1") ? ".." : "../..");
        }
      }
      return new Place(false, path, ".");
    }
  }

  private final Authentication authentication;
  private final List<Route> routes;
  private final Consumer<String> taskNamed;

  /**
   * @param taskNamed told the id of the task that a request names, for the log
   */
  Api(Authentication authentication, List<Route> routes, Consumer<String> taskNamed) {
    this.authentication = authentication;
    this.routes = List.copyOf(routes);
    this.taskNamed = taskNamed;
  }

  /**
   * Answers a request; never throws an exception.
   *
   * @param requestId by which a failure can be found in the log
   */
  Answer answer(Request request, String requestId) {
    try {
      return routed(request);
    } catch (Refused e) {
      return refusal(e);
    } catch (UnderstudyException e) {
      return failure(e, requestId);
    } catch (RuntimeException e) {
      log.error("A request could not be answered.", e);
      return bug(requestId);
    }
  }

  /** The answer to what is not even a request. */
  static Answer refusal(Refused refused) {
    var answer =
        new Answer(
            refused.status(),
            refused.headers(),
            new ErrorBody(refused.sentence(), refused.issues()));
    // the SDKs repeat a 409, which would come out the same
    return refused.status() == 409 ? answer.with("x-should-retry", "false") : answer;
  }

  private static Answer failure(UnderstudyException failure, String requestId) {
    return switch (failure) {
      case Unavailable e -> {
        log.error("A request could not be answered now. {}", e.sentence(), e);
        yield new Answer(
                503,
                Map.of(),
                new ErrorBody("The service cannot answer just now: try again.", List.of()))
            .with("retry-after", "2");
      }
      case Misconfigured e -> {
        log.error("A request could not be answered. {}", e.sentence());
        yield bug(requestId);
      }
      case NotSubmitted e -> {
        log.error("A request could not be answered. {}", e.sentence(), e);
        yield bug(requestId);
      }
    };
  }

  private static Answer bug(String requestId) {
    return new Answer(
        500,
        Map.of(),
        new ErrorBody(
            "Something went wrong on our side: look for the request %s in the log of the function api."
                .formatted(requestId),
            List.of()));
  }

  private Answer routed(Request request) {
    var place = Place.of(request.path());
    var segments = place.path().split("/", MOST_SEGMENTS + 1);
    var here = routes.stream().filter(route -> isAt(route, place, segments)).toList();
    var asked = here.stream().filter(r -> r.method().equals(request.method())).findFirst();
    if (asked.isPresent() && asked.get().access() == Route.Access.ANYONE) {
      return asked.get().action().answer(call(request, place), Caller.ANYONE, "");
    }
    var caller = authentication.caller(Optional.ofNullable(request.headers().get("authorization")));
    var route = asked.orElseThrow(() -> notHere(place, here));
    var answer = answered(route, caller, segments, call(request, place));
    log.info(
        "{} {} answered {} to {}", route.method(), route.pattern(), answer.status(), caller.who());
    return answer;
  }

  private Answer answered(Route route, Caller caller, String[] segments, Call call) {
    try {
      var id = id(route, segments);
      if (route.access() == Route.Access.ADMIN && !caller.admin()) {
        throw new Refused(
            403,
            "This is for administrators of the stack: use a token that was made with ADMIN=1.");
      }
      if (route.takesBody() && call.body().length > 0 && !isJson(call)) {
        throw new Refused(
            415, "The body must be JSON: send it with the header Content-Type: application/json.");
      }
      return route.action().answer(call, caller, id);
    } catch (Refused e) {
      return refusal(e);
    }
  }

  private static boolean isAt(Route route, Place place, String[] segments) {
    if (!place.below() && route.access() != Route.Access.ANYONE) {
      return false;
    }
    var pattern = route.pattern().split("/", -1);
    if (pattern.length != segments.length) {
      return false;
    }
    for (int i = 0; i < pattern.length; i++) {
      if (!pattern[i].equals(ID) && !pattern[i].equals(segments[i])) {
        return false;
      }
    }
    return true;
  }

  private String id(Route route, String[] segments) {
    var at = Arrays.asList(route.pattern().split("/", -1)).indexOf(ID);
    if (at < 0) {
      return "";
    }
    var id = segments[at];
    if (!UUID.matcher(id).matches()) {
      throw Refused.noSuchTask();
    }
    taskNamed.accept(id);
    return id;
  }

  private static Refused notHere(Place place, List<Route> here) {
    if (!here.isEmpty()) {
      var methods = here.stream().map(Route::method).sorted().collect(Collectors.joining(", "));
      return new Refused(
          405,
          "This address takes %s only: see /openapi.json.".formatted(methods),
          List.of(),
          Map.of("allow", methods));
    }
    if (place.below()) {
      return new Refused(
          404,
          "There is no such route: this service does character_performance and its tasks only (see /openapi.json), so use a second client with Runway's own address for the rest of its API.");
    }
    return new Refused(
        404, "There is no such route: all of them begin with /v1 and are listed in /openapi.json.");
  }

  private static boolean isJson(Call call) {
    var type = call.header("content-type").orElse("");
    var parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters))
        .strip()
        .equalsIgnoreCase("application/json");
  }

  private static Call call(Request request, Place place) {
    return new Call(
        request.method(),
        place.path(),
        request.query(),
        request.headers(),
        request.body(),
        request.gateway().isEmpty() ? place.up() : request.gateway());
  }
}
