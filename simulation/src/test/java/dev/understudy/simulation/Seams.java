package dev.understudy.simulation;

import dev.understudy.core.announce.TaskEvent;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.task.Change;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Puts the chaos and the watch between the functions and everything that they call. */
final class Seams {

  private static final Object[] NONE = {};

  private final World world;
  private final Chaos chaos;
  private final Watch watch;
  private final Invariants invariants;

  Seams(World world, Chaos chaos, Watch watch, Invariants invariants) {
    this.world = world;
    this.chaos = chaos;
    this.watch = watch;
    this.invariants = invariants;
  }

  /** The same port, each of whose calls can go wrong. */
  <T> T of(Class<T> port, T real, String service) {
    InvocationHandler handler =
        (_, method, args) -> called(real, service, method, args == null ? NONE : args);
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
  }

  /** The clock of whichever process asks. */
  InstantSource clock() {
    return () -> {
      var by = world.current();
      if (by == null) {
        return world.now();
      }
      try {
        chaos.around(by, "clock", "instant", () -> null);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      by.stood = false;
      return world.now().plus(by.plan.skew());
    };
  }

  private @Nullable Object called(Object real, String service, Method method, Object[] args)
      throws Throwable {
    var by = world.current();
    if (by == null || method.getDeclaringClass() == Object.class) {
      return plainly(real, service, by, method, args);
    }
    if (by.dead && real instanceof Bucket.Upload && method.getName().equals("close")) {
      return null; // nothing is tidied up behind a killed process
    }
    return chaos.around(
        by, service, method.getName(), () -> plainly(real, service, by, method, args));
  }

  /** What is written where somebody can read it. */
  private void look(String service, String method, Object[] args) {
    if (service.equals("bucket")
        && method.startsWith("put")
        && args[0] instanceof String key
        && args[1] instanceof byte[] content) {
      invariants.puts(key, content);
    } else if (service.equals("table") && (method.equals("write") || method.equals("accept"))) {
      for (var item : args) {
        if (item != null && !(item instanceof Change)) {
          invariants.writes(item);
        }
      }
    }
  }

  private @Nullable Object plainly(
      Object real, String service, @Nullable Invocation by, Method method, Object[] args)
      throws Exception {
    invariants.calls(by, service, method.getName(), args);
    look(service, method.getName(), args);
    @Nullable Object result = null;
    try {
      result = method.invoke(real, args);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case Exception checked -> throw checked;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      if (service.equals("table")) {
        watch.table(by, method.getName(), args, result);
      } else if (args.length == 1 && args[0] instanceof TaskEvent event) {
        watch.published(by, event);
      } else if (service.equals("upload") && method.getName().equals("complete")) {
        invariants.uploaded(by);
      }
    }
    if (result instanceof Bucket.Upload upload) {
      if (by != null) {
        invariants.opensUpload(by);
      }
      return of(Bucket.Upload.class, upload, "upload");
    }
    return result;
  }
}
