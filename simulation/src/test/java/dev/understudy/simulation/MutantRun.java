package dev.understudy.simulation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Runs seeds against the classes that it was loaded beside; called by name, from outside. */
public final class MutantRun {

  private MutantRun() {}

  /**
   * Runs seeds until a promise is broken.
   *
   * @return the seeds it took and the promise, as {@code 17|I1 paidOnce}; null if none was broken
   */
  public static @org.jspecify.annotations.Nullable String seeds(String definition, int most) {
    Histories.mutated(definition);
    var failed = Histories.ofSeeds(1, most);
    var broken = failed.failed();
    return broken == null
        ? null
        : "%d|%s".formatted(failed.firstFailed() + 1, broken.broken().invariant());
  }

  /**
   * Runs the plain tests of a class until one fails.
   *
   * @return its name; null if none failed
   */
  public static @org.jspecify.annotations.Nullable String tests(String name)
      throws ReflectiveOperationException {
    var type = Class.forName(name, true, MutantRun.class.getClassLoader());
    for (Method test :
        Arrays.stream(type.getDeclaredMethods())
            .sorted(java.util.Comparator.comparing(Method::getName))
            .toList()) {
      if (test.isAnnotationPresent(org.junit.jupiter.api.Test.class)) {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        test.setAccessible(true);
        try {
          test.invoke(constructor.newInstance());
        } catch (InvocationTargetException e) {
          return test.getName();
        }
      }
    }
    return null;
  }
}
