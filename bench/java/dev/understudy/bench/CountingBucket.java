package dev.understudy.bench;

import dev.understudy.core.ports.Bucket;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.Set;

/**
 * Counts the requests that the S3 adapter makes of each call, in S3's two price classes. What is
 * small goes in one PUT, and a source is read with one GET for its head and one for its end.
 */
final class CountingBucket {

  private static final Set<String> PUTS =
      Set.of("list", "copy", "put", "putIfUnchanged", "abortUploads", "upload");
  private static final Set<String> GETS = Set.of("head", "read");

  private final Bucket inMemory;
  private int puts;
  private int gets;

  CountingBucket(Bucket inMemory) {
    this.inMemory = inMemory;
  }

  /** The bucket as the functions use it. */
  Bucket bucket() {
    return (Bucket)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Bucket.class},
            (proxy, method, arguments) -> {
              puts += PUTS.contains(method.getName()) ? 1 : 0;
              gets += GETS.contains(method.getName()) ? 1 : 0;
              gets += method.getName().equals("source") ? 2 : 0;
              try {
                return method.invoke(inMemory, arguments);
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNullElse(e.getCause(), e);
              }
            });
  }

  /** PUT, COPY, POST and LIST. */
  int puts() {
    return puts;
  }

  /** GET and HEAD. */
  int gets() {
    return gets;
  }
}
