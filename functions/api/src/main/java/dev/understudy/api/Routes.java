package dev.understudy.api;

import dev.understudy.core.ports.OutputLinks;
import dev.understudy.core.ports.TaskIndex;
import dev.understudy.core.ports.TaskStore;
import dev.understudy.core.settings.Settings;
import java.time.InstantSource;
import java.util.List;

/** The table of routes. {@code openapi.json} describes each of them, and a test compares. */
final class Routes {

  /**
   * What the routes work with.
   *
   * @param store the table
   * @param index the table as people look through it
   * @param links signs addresses of finished videos
   * @param bucketName the stack's bucket
   * @param settings the stack's settings
   * @param clock the time
   */
  record Parts(
      TaskStore store,
      TaskIndex index,
      OutputLinks links,
      String bucketName,
      Settings settings,
      InstantSource clock) {}

  private Routes() {}

  static List<Route> of(Parts parts) {
    var store = parts.store();
    var index = parts.index();
    var links = parts.links();
    var view = new TaskView(links, parts.bucketName());
    return List.of(
        Route.open("GET", "/health", new Health()),
        Route.open("GET", "/openapi.json", new OpenApi()),
        // → tenant POST /character_performance: CreatePerformance
        Route.tenant("GET", "/tasks", new ListTasks(index)),
        Route.tenant("GET", "/tasks/{id}", new GetTask(store, view)),
        // → tenant DELETE /tasks/{id}: DeleteTask
        Route.tenant("GET", "/tasks/{id}/output", new GetOutput(store, links)),
        Route.tenant("GET", "/tasks/{id}/history", new GetHistory(store, index)),
        // → admin POST /tasks/{id}/resolve: ResolveTask
        // → tenant POST /uploads: CreateUpload
        // → admin GET /pause, POST /pause, POST /resume: Pause
        Route.tenant("GET", "/usage", new GetUsage(store, index, parts.settings(), parts.clock())));
  }
}
