package dev.understudy.api;

import dev.understudy.core.ports.OutputLinks;
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
   * @param links signs addresses of finished videos
   * @param bucketName the stack's bucket
   * @param settings the stack's settings
   * @param clock the time
   */
  record Parts(
      TaskStore store,
      OutputLinks links,
      String bucketName,
      Settings settings,
      InstantSource clock) {}

  private Routes() {}

  static List<Route> of(Parts parts) {
    var view = new TaskView(parts.links(), parts.bucketName());
    return List.of(
        Route.open("GET", "/health", new Health()),
        // → POST /character_performance: CreatePerformance
        Route.tenant("GET", "/tasks/{id}", new GetTask(parts.store(), view)));
    // → DELETE /tasks/{id}: DeleteTask
    // → POST /tasks/{id}/resolve (admin): ResolveTask
    // → POST /uploads: CreateUpload
    // → GET, POST /pause and POST /resume (admin): Pause
  }
}
