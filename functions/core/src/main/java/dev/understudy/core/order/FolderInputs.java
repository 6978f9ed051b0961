package dev.understudy.core.order;

import dev.understudy.core.inputs.Pair;
import dev.understudy.core.inputs.Source;
import dev.understudy.core.inputs.There;
import dev.understudy.core.order.OrderDesk.Refusal;
import dev.understudy.core.order.OrderForm.InputName;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.request.Issue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the two inputs of an order: those its form names, or the only ones of its folder. */
final class FolderInputs {

  /** How many keys of a folder are looked through, those of the folders in it included. */
  private static final int LISTED = 10_000;

  private final Bucket bucket;

  FolderInputs(Bucket bucket) {
    this.bucket = bucket;
  }

  /** What looking for the inputs comes to. */
  sealed interface Found {

    /** Both are there. */
    record Both(Pair pair) implements Found {}

    /**
     * At least one is not there.
     *
     * @param mayCome whether all that is missing may still be on its way
     */
    record Missing(List<Refusal> refusals, boolean mayCome) implements Found {}

    /** They are named in a way that cannot be followed. */
    record Wrong(List<Refusal> refusals) implements Found {}
  }

  Found find(String folder, OrderForm form) {
    var missing = new ArrayList<Refusal>();
    var wrong = new ArrayList<Refusal>();
    boolean mayCome = true;
    var found = new ArrayList<There>();
    var files =
        form.character() == null || form.reference() == null
            ? filesIn(folder)
            : List.<Bucket.Stored>of();
    for (var role : List.of(There.CHARACTER, There.REFERENCE)) {
      var name = role.equals(There.CHARACTER) ? form.character() : form.reference();
      switch (one(role, name, files)) {
        case One.Is is -> found.add(is.there());
        case One.Lacks lacks -> {
          missing.add(Refusal.of(Issue.at(role, lacks.sentence())));
          mayCome &= lacks.mayCome();
        }
        case One.Bad bad -> wrong.add(Refusal.of(Issue.at(role, bad.sentence())));
      }
    }
    if (!wrong.isEmpty()) {
      wrong.addAll(missing.stream().toList());
      return new Found.Wrong(wrong);
    }
    return missing.isEmpty()
        ? new Found.Both(new Pair(found.getFirst(), found.getLast()))
        : new Found.Missing(missing, mayCome);
  }

  private sealed interface One {
    record Is(There there) implements One {}

    record Lacks(String sentence, boolean mayCome) implements One {}

    record Bad(String sentence) implements One {}
  }

  private List<Bucket.Stored> filesIn(String folder) {
    var prefix = Folders.incoming(folder);
    return bucket.list(prefix, LISTED).stream()
        .filter(o -> o.key().indexOf('/', prefix.length()) < 0)
        .toList();
  }

  private One one(String role, @Nullable InputName name, List<Bucket.Stored> files) {
    return switch (name) {
      case null -> onlyOne(role, files);
      case InputName.Address address ->
          new One.Is(new There(role, new Source.Elsewhere(address.uri(), address.video()), null));
      case InputName.Key key ->
          bucket
              .head(key.key())
              .<One>map(object -> new One.Is(new There(role, new Source.InBucket(object), null)))
              .orElseGet(() ->
                  new One.Lacks(
                      key.ownFolder()
                          ? "The %s '%s' is not there yet: upload it."
                              .formatted(role, key.fileName())
                          : "The %s '%s' does not exist: a file outside the order's folder must be there before the form."
                              .formatted(role, key.key()),
                      key.ownFolder()));
    };
  }

  private One onlyOne(String role, List<Bucket.Stored> files) {
    var named =
        files.stream()
            .filter(o -> fileName(o).toLowerCase(Locale.ROOT).startsWith(role + "."))
            .toList();
    if (named.size() > 1) {
      return new One.Bad(
          "The folder has %d files named %s.*: leave one, or name the one to use in task.json, such as {\"%s\": \"%s\"}."
              .formatted(named.size(), role, role, fileName(named.getFirst())));
    }
    if (named.isEmpty()) {
      return new One.Lacks(
          "The folder has no file named %s.*: upload one, or name the file to use in task.json, such as {\"%s\": \"my-file.mp4\"}."
              .formatted(role, role),
          true);
    }
    // a listing has no content type
    return bucket
        .head(named.getFirst().key())
        .<One>map(object -> new One.Is(new There(role, new Source.InBucket(object), null)))
        .orElseGet(
            () -> new One.Lacks("The %s is not there any more: upload it.".formatted(role), true));
  }

  private static String fileName(Bucket.Stored object) {
    return object.key().substring(object.key().lastIndexOf('/') + 1);
  }
}
