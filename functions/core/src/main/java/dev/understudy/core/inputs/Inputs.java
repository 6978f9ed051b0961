package dev.understudy.core.inputs;

import dev.understudy.core.hash.Sha256;
import dev.understudy.core.media.ByteSource;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaKind;
import dev.understudy.core.media.MediaProbe;
import dev.understudy.core.media.MediaRole;
import dev.understudy.core.media.MediaRules;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.task.CallerUris;
import dev.understudy.core.task.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks and pins the two inputs of a performance: what is checked is what is sent, whatever is
 * uploaded later. An https address is neither read nor pinned; the provider checks what lies there
 * when it is called, free of charge.
 */
public final class Inputs {

  private final Bucket bucket;

  /**
   * @param bucket where they lie and where their copies go
   */
  public Inputs(Bucket bucket) {
    this.bucket = bucket;
  }

  /**
   * Reads both and holds them against the limits.
   *
   * @throws dev.understudy.core.errors.Unavailable also when one is replaced meanwhile
   */
  public Checked check(Pair pair) {
    var findings = new ArrayList<Finding>();
    var character = facts(pair.character(), findings);
    var reference = facts(pair.reference(), findings);
    return new Checked(pair, findings, character, reference);
  }

  private @Nullable MediaFacts facts(There there, List<Finding> findings) {
    return switch (there.source()) {
      case Source.InBucket in ->
          facts(there, bucket.source(in.object()), in.object().contentType(), findings);
      // its declared type is a label that clients get wrong; the content decides
      case Source.Inline inline -> facts(there, ByteSource.of(inline.content()), null, findings);
      case Source.Elsewhere elsewhere -> null;
    };
  }

  private static @Nullable MediaFacts facts(
      There there, ByteSource content, @Nullable String contentType, List<Finding> findings) {
    return switch (MediaProbe.read(content, there.fileName())) {
      case MediaProbe.Refused unusable -> {
        var problem = unusable.problem();
        findings.add(new Finding(there.role(), problem.sentence(), problem.ffmpeg()));
        yield null;
      }
      case MediaProbe.Found read -> {
        MediaRules.check(role(there, read.facts()), contentType, there.fileName(), read.facts())
            .forEach(problem ->
                findings.add(new Finding(there.role(), problem.sentence(), problem.ffmpeg())));
        yield read.facts();
      }
    };
  }

  private static MediaRole role(There there, MediaFacts facts) {
    if (there.role().equals(There.REFERENCE)) {
      return MediaRole.REFERENCE;
    }
    MediaKind declared = there.declared();
    return MediaRole.character(declared == null ? facts.kind() : declared);
  }

  /**
   * Copies what was checked under the task's own keys; empty when a file was replaced meanwhile. A
   * key names the version that it is a copy of: another look at the same order, which finds the
   * file replaced, must not put the new version under the key that this one is accepted with.
   *
   * @param checked inputs without a finding
   */
  public Optional<Pinned> pin(String taskId, Checked checked) {
    var pair = checked.pair();
    var character = pinOne(taskId, pair.character(), checked.characterFacts());
    var reference = pinOne(taskId, pair.reference(), checked.referenceFacts());
    if (character.isEmpty() || reference.isEmpty()) {
      return Optional.empty();
    }
    var uris = new CallerUris(uri(pair.character()), uri(pair.reference()));
    boolean none = uris.character() == null && uris.reference() == null;
    return Optional.of(new Pinned(character.get(), reference.get(), none ? null : uris));
  }

  /** Deletes the copies of a task that was certainly not accepted and never will be. */
  public void unpin(Pinned pinned) {
    for (var input : List.of(pinned.character(), pinned.reference())) {
      if (input.key() != null) {
        bucket.delete(input.key());
      }
    }
  }

  private static @Nullable String uri(There there) {
    return there.source() instanceof Source.Elsewhere elsewhere ? elsewhere.uri() : null;
  }

  private Optional<Input> pinOne(String taskId, There there, @Nullable MediaFacts facts) {
    if (facts == null) {
      return Optional.of(new Input(null, there.fileName(), null));
    }
    var key =
        "inputs/%s/%s-%s.%s"
            .formatted(taskId, there.role(), mark(there.version()), facts.format().extension());
    boolean copied =
        switch (there.source()) {
          case Source.InBucket in -> bucket.copy(in.object(), key, facts.contentType());
          case Source.Inline inline -> {
            bucket.put(key, inline.content(), facts.contentType());
            yield true;
          }
          case Source.Elsewhere elsewhere ->
              throw new IllegalStateException("nothing was read from an address");
        };
    return copied ? Optional.of(new Input(key, there.fileName(), facts)) : Optional.empty();
  }

  /** A short mark of one version of a file, for a key: eight hexadecimal digits. */
  private static String mark(String version) {
    return Sha256.ofParts(version).substring(0, 8);
  }
}
