package dev.understudy.core.testing;

import dev.understudy.core.json.Json;
import dev.understudy.core.task.Task;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a table remembers of a task: what its JSON says, so every time to the millisecond. Written
 * and read back as JSON it would be the same, only forty times as slowly; now and then it is, and
 * has to be.
 */
final class Stored {

  /** One write in so many is compared with its JSON. */
  private static final int COMPARED = 256;

  /** How a record is taken apart and put together; one without times in it stays as it is. */
  private record Shape(
      Constructor<?> constructor, List<String> names, Method[] accessors, boolean timeless) {}

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          var components = type.getRecordComponents();
          try {
            var constructor =
                type.getDeclaredConstructor(
                    Arrays.stream(components)
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            var accessors =
                Arrays.stream(components)
                    .map(RecordComponent::getAccessor)
                    .peek(accessor -> accessor.setAccessible(true))
                    .toArray(Method[]::new);
            return new Shape(
                constructor,
                Arrays.stream(components).map(RecordComponent::getName).toList(),
                accessors,
                Arrays.stream(components).noneMatch(component -> mayHoldTime(component.getType())));
          } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
          }
        }
      };

  private static boolean mayHoldTime(Class<?> type) {
    return type == Instant.class || type.isRecord() || List.class.isAssignableFrom(type);
  }

  private static int writes; // of all threads, roughly: it only says when to compare

  private Stored() {}

  /** The task as a table gives it back. */
  static Task of(Task task) {
    return with(task, Map.of());
  }

  /** The same with other values in these fields. */
  static Task with(Task task, Map<String, Object> fields) {
    var stored = (Task) kept(task, fields);
    if (writes++ % COMPARED == 0) {
      compare(stored, task, fields);
    }
    return stored;
  }

  private static void compare(Task stored, Task task, Map<String, Object> fields) {
    try {
      var json = Json.MAPPER.<com.fasterxml.jackson.databind.node.ObjectNode>valueToTree(task);
      fields.forEach((name, value) -> json.set(name, Json.MAPPER.valueToTree(value)));
      var read = Json.MAPPER.readValue(Json.MAPPER.writeValueAsBytes(json), Task.class);
      if (!read.equals(stored)) {
        throw new AssertionError("stored as %s, but its JSON says %s".formatted(stored, read));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Object kept(@Nullable Object value) {
    return switch (value) {
      case Instant at -> at.truncatedTo(ChronoUnit.MILLIS);
      case Record of -> kept(of, Map.of());
      case List<?> list -> list.isEmpty() ? list : list.stream().map(Stored::kept).toList();
      case null, default -> value;
    };
  }

  private static Object kept(Record of, Map<String, Object> fields) {
    var shape = SHAPES.get(of.getClass());
    if (shape.timeless()) {
      return of;
    }
    var values = new @Nullable Object[shape.accessors().length];
    boolean same = true;
    try {
      for (int i = 0; i < values.length; i++) {
        var value = shape.accessors()[i].invoke(of);
        var other = fields.isEmpty() ? null : fields.get(shape.names().get(i));
        values[i] = kept(other == null ? value : other);
        same = same && (values[i] == value || value != null && value.equals(values[i]));
      }
      return same ? of : shape.constructor().newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
