package dev.understudy.core.order;

import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaKind;
import dev.understudy.core.media.MediaProbe;
import dev.understudy.core.media.MediaProblem;
import dev.understudy.core.media.MediaRole;
import dev.understudy.core.media.MediaRules;
import dev.understudy.core.order.OrderDesk.Refusal;
import dev.understudy.core.order.OrderForm.InputName;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.ports.Bucket.Stored;
import dev.understudy.core.request.Issue;
import dev.understudy.core.task.CallerUris;
import dev.understudy.core.task.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds, checks and pins the two inputs of an order. */
final class Inputs {

  /** How many keys of a folder are looked through, those of the folders in it included. */
  private static final int LISTED = 10_000;

  private final Bucket bucket;

  Inputs(Bucket bucket) {
    this.bucket = bucket;
  }

  /** An input that is there: an object, or an address that the provider fetches. */
  sealed interface Source {

    /** An object in the bucket, in one version. */
    record InBucket(Stored object) implements Source {}

    /** An https address of the caller. */
    record Elsewhere(InputName.Address address) implements Source {}
  }

  /**
   * One input that is there.
   *
   * @param role {@code character} or {@code reference}
   * @param source where it is
   */
  record There(String role, Source source) {

    /** Which version of it this is, for the order's identity. */
    String version() {
      return switch (source) {
        case Source.InBucket in -> in.object().key() + " " + in.object().eTag();
        case Source.Elsewhere elsewhere -> elsewhere.address().uri();
      };
    }

    /** Its file name; the role for an address, whose path may be private. */
    String fileName() {
      return switch (source) {
        case Source.InBucket in ->
            in.object().key().substring(in.object().key().lastIndexOf('/') + 1);
        case Source.Elsewhere elsewhere -> role;
      };
    }

    /** Its file name without the ending. */
    String stem() {
      var name = fileName();
      int dot = name.lastIndexOf('.');
      return dot > 0 ? name.substring(0, dot) : name;
    }
  }

  /** What looking for the inputs comes to. */
  sealed interface Found {

    /** Both are there. */
    record Both(There character, There reference) implements Found {}

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
    for (var role : List.of("character", "reference")) {
      var name = role.equals("character") ? form.character() : form.reference();
      switch (one(role, name, folder)) {
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
        ? new Found.Both(found.getFirst(), found.getLast())
        : new Found.Missing(missing, mayCome);
  }

  private sealed interface One {
    record Is(There there) implements One {}

    record Lacks(String sentence, boolean mayCome) implements One {}

    record Bad(String sentence) implements One {}
  }

  private One one(String role, @Nullable InputName name, String folder) {
    return switch (name) {
      case null -> onlyOne(role, folder);
      case InputName.Address address -> new One.Is(new There(role, new Source.Elsewhere(address)));
      case InputName.Key key ->
          bucket
              .head(key.key())
              .<One>map(object -> new One.Is(new There(role, new Source.InBucket(object))))
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

  private One onlyOne(String role, String folder) {
    var prefix = Folders.incoming(folder);
    var named =
        bucket.list(prefix, LISTED).stream()
            .filter(o -> o.key().indexOf('/', prefix.length()) < 0)
            .filter(o ->
                o.key().substring(prefix.length()).toLowerCase(Locale.ROOT).startsWith(role + "."))
            .toList();
    if (named.size() > 1) {
      return new One.Bad(
          "The folder has %d files named %s.*: leave one, or name the one to use in task.json, such as {\"%s\": \"%s\"}."
              .formatted(
                  named.size(), role, role, named.getFirst().key().substring(prefix.length())));
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
        .<One>map(object -> new One.Is(new There(role, new Source.InBucket(object))))
        .orElseGet(
            () -> new One.Lacks("The %s is not there any more: upload it.".formatted(role), true));
  }

  /**
   * Both inputs after their check.
   *
   * @param refusals what breaks a limit; empty when the order can be followed
   * @param video whether the character is a video
   * @param characterFacts what was read from the character; null for an address
   * @param referenceFacts what was read from the reference; null for an address
   */
  record Checked(
      List<Refusal> refusals,
      boolean video,
      @Nullable MediaFacts characterFacts,
      @Nullable MediaFacts referenceFacts) {}

  Checked check(Found.Both both) {
    var refusals = new ArrayList<Refusal>();
    var character = facts(both.character(), refusals);
    var reference = facts(both.reference(), refusals);
    boolean video =
        both.character().source() instanceof Source.Elsewhere elsewhere
            ? elsewhere.address().video()
            : character != null && character.kind() == MediaKind.VIDEO;
    return new Checked(refusals, video, character, reference);
  }

  private @Nullable MediaFacts facts(There there, List<Refusal> refusals) {
    if (!(there.source() instanceof Source.InBucket in)) {
      return null;
    }
    var object = in.object();
    return switch (MediaProbe.read(bucket.source(object), there.fileName())) {
      case MediaProbe.Refused unusable -> {
        refusals.add(refusal(there.role(), unusable.problem()));
        yield null;
      }
      case MediaProbe.Found read -> {
        MediaRules.check(
                role(there, read.facts()), object.contentType(), there.fileName(), read.facts())
            .forEach(problem -> refusals.add(refusal(there.role(), problem)));
        yield read.facts();
      }
    };
  }

  private static MediaRole role(There there, MediaFacts facts) {
    return there.role().equals("reference")
        ? MediaRole.REFERENCE
        : MediaRole.character(facts.kind());
  }

  private static Refusal refusal(String role, MediaProblem problem) {
    return new Refusal(Issue.at(role, problem.sentence()), problem.ffmpeg());
  }

  /**
   * Both inputs as the task keeps them.
   *
   * @param character the character
   * @param reference the reference
   * @param callerUris the addresses that are not pinned, or null
   */
  record Pinned(Input character, Input reference, @Nullable CallerUris callerUris) {}

  /**
   * Copies what was checked under the task's own keys; empty when a file was replaced meanwhile. A
   * key names the version that it is a copy of: another look at the same order, which finds the
   * file replaced, must not put the new version under the key that this one is accepted with.
   */
  Optional<Pinned> pin(String taskId, Found.Both both, Checked checked) {
    var character = pinOne(taskId, both.character(), checked.characterFacts());
    var reference = pinOne(taskId, both.reference(), checked.referenceFacts());
    if (character.isEmpty() || reference.isEmpty()) {
      return Optional.empty();
    }
    var uris = new CallerUris(uri(both.character()), uri(both.reference()));
    boolean none = uris.character() == null && uris.reference() == null;
    return Optional.of(new Pinned(character.get(), reference.get(), none ? null : uris));
  }

  void unpin(Pinned pinned) {
    for (var input : List.of(pinned.character(), pinned.reference())) {
      if (input.key() != null) {
        bucket.delete(input.key());
      }
    }
  }

  private static @Nullable String uri(There there) {
    return there.source() instanceof Source.Elsewhere elsewhere ? elsewhere.address().uri() : null;
  }

  private Optional<Input> pinOne(String taskId, There there, @Nullable MediaFacts facts) {
    if (!(there.source() instanceof Source.InBucket in) || facts == null) {
      return Optional.of(new Input(null, there.fileName(), null));
    }
    var key =
        "inputs/%s/%s-%s.%s"
            .formatted(
                taskId, there.role(), Identity.mark(there.version()), facts.format().extension());
    return bucket.copy(in.object(), key, facts.contentType())
        ? Optional.of(new Input(key, there.fileName(), facts))
        : Optional.empty();
  }
}
