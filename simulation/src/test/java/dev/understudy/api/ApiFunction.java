package dev.understudy.api;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.understudy.adapters.logging.LogContext;
import dev.understudy.core.announce.Announcer;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.Tokens;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.TaskWriter;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** The api function's own handler over parts that are wired to a simulation. */
public final class ApiFunction {

  private ApiFunction() {}

  /** The handler. */
  public static RequestStreamHandler of(
      Tokens tokens,
      TaskStore store,
      TaskIndex index,
      TaskWriter writer,
      Admission admission,
      Announcer announcer,
      Bucket bucket,
      OutputLinks links,
      UploadForms forms,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {
    var parts =
        new Routes.Parts(
            store,
            index,
            writer,
            admission,
            announcer,
            bucket,
            "understudy",
            links,
            forms,
            settings,
            clock,
            random);
    return new ApiHandler(
        new Api(new Authentication(tokens, clock), Routes.of(parts), LogContext::task));
  }
}
