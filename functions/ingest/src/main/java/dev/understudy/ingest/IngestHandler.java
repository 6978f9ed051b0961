package dev.understudy.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.adapters.Rehearsal;
import dev.understudy.adapters.Wiring;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.json.Json;
import dev.understudy.core.order.OrderDesk;
import dev.understudy.core.task.TaskStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ingest function: called by S3 for everything that is stored or deleted below {@code
 * incoming/}. The event only says where to look. It also names the bucket: the bucket's
 * notification needs this function, so that the function cannot be given the bucket's name by the
 * same template.
 */
public final class IngestHandler implements RequestStreamHandler {

  private static final Logger log = LoggerFactory.getLogger(IngestHandler.class);

  private final Function<String, OrderDesk> desks;

  /** As Lambda makes it. */
  public IngestHandler() {
    this(desks(Wiring.fromEnvironment()));
    Rehearsal.beforeSnapshot(IngestHandler::rehearsal);
  }

  IngestHandler(Function<String, OrderDesk> desks) {
    this.desks = desks;
  }

  private static Function<String, OrderDesk> desks(Wiring wiring) {
    return wiring::orderDesk;
  }

  /** What it plays before a snapshot: an upload is told of that is not there any more. */
  static Rehearsal rehearsal() {
    return new Rehearsal(
        wiring -> new IngestHandler(desks(wiring)),
        TaskStatus.QUEUED,
        """
        {"Records":[{"s3":{"bucket":{"name":"rehearsal"},"object":{"key":"incoming/rehearsal/task.json"}}}]}\
        """);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    var event = Json.MAPPER.readTree(input);
    try (var _ = LogContext.ofInvocation(context.getAwsRequestId())) {
      @Nullable RuntimeException failed = null;
      for (var upload : uploads(event)) {
        try {
          desks.apply(upload.bucket()).uploaded(upload.decodedKey());
        } catch (UnderstudyException e) {
          log.error(
              "An upload could not be looked at; S3's event is tried again. {}", e.sentence());
          failed = e;
        } catch (RuntimeException e) { // a slip of ours over one upload must not cost the others
          log.error("An upload could not be looked at; S3's event is tried again.", e);
          failed = e;
        }
      }
      if (failed != null) {
        throw failed;
      }
    }
  }

  /** An object as an S3 notification names it: its key is URL-encoded, with '+' for a space. */
  private record Upload(String bucket, String key) {

    String decodedKey() {
      try {
        return URLDecoder.decode(key, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new Misconfigured(
            "An event names a key that is not URL-encoded, as S3's are: let nothing but the bucket call ingest.");
      }
    }
  }

  private static Set<Upload> uploads(JsonNode event) {
    var uploads = new LinkedHashSet<Upload>();
    for (var notice : event.path("Records")) {
      var s3 = notice.path("s3");
      var key = s3.path("object").path("key").asText();
      uploads.add(new Upload(s3.path("bucket").path("name").asText(), key));
    }
    return uploads;
  }
}
