package dev.understudy.api;

import dev.understudy.core.announce.Announcer;
import dev.understudy.core.performance.PerformanceDesk;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.settings.Settings;
import dev.understudy.core.stack.Admission;
import dev.understudy.core.task.TaskWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/** The table of routes. {@code openapi.json} describes each of them, and a test compares. */
final class Routes {

  /**
   * What the routes work with.
   *
   * @param store the table
   * @param index the table as people look through it
   * @param writer writes tasks to the table
   * @param admission gives waiting tasks their places
   * @param announcer tells of changes
   * @param bucket the stack's bucket
   * @param bucketName its name
   * @param links signs addresses of finished videos
   * @param forms makes forms for uploads
   * @param settings the stack's settings
   * @param clock the time
   * @param random chance, for ids and seeds
   */
  record Parts(
      TaskStore store,
      TaskIndex index,
      TaskWriter writer,
      Admission admission,
      Announcer announcer,
      Bucket bucket,
      String bucketName,
      OutputLinks links,
      UploadForms forms,
      Settings settings,
      InstantSource clock,
      RandomGenerator random) {}

  private Routes() {}

  static List<Route> of(Parts parts) {
    var store = parts.store();
    var index = parts.index();
    var writer = parts.writer();
    var admission = parts.admission();
    var announcer = parts.announcer();
    var links = parts.links();
    var settings = parts.settings();
    var clock = parts.clock();
    var random = parts.random();
    var view = new TaskView(links, parts.bucketName());
    var pause = new Pause(store, admission, index, clock);
    var desk =
        new PerformanceDesk(
            store, index, parts.bucket(), parts.bucketName(), admission, settings, clock, random);
    return List.of(
        Route.open("GET", "/health", new Health()),
        Route.open("GET", "/openapi.json", new OpenApi()),
        Route.tenant(
            "POST", "/character_performance", new CreatePerformance(desk, settings.priceCents())),
        Route.tenant("POST", "/uploads", new CreateUpload(parts.forms(), random)),
        Route.tenant("GET", "/tasks", new ListTasks(index)),
        Route.tenant("GET", "/tasks/{id}", new GetTask(store, view)),
        Route.tenant("DELETE", "/tasks/{id}", new DeleteTask(writer, admission, announcer, clock)),
        Route.tenant("GET", "/tasks/{id}/output", new GetOutput(store, links)),
        Route.tenant("GET", "/tasks/{id}/history", new GetHistory(store, index)),
        Route.tenant("GET", "/usage", new GetUsage(store, index, settings, clock)),
        Route.admin(
            "POST",
            "/tasks/{id}/resolve",
            new ResolveTask(store, writer, admission, announcer, settings, clock, view::of)),
        Route.admin("GET", "/pause", pause::show),
        Route.admin("POST", "/pause", pause::pause),
        Route.admin("POST", "/resume", pause::resume));
  }
}
