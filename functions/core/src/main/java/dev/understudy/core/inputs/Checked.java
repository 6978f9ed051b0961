package dev.understudy.core.inputs;

import dev.understudy.core.media.Footage;
import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.MediaKind;
import dev.understudy.core.media.MediaRole;
import dev.understudy.core.media.MediaWarnings;
import dev.understudy.core.media.PixelSize;
import dev.understudy.core.request.CharacterType;
import dev.understudy.core.request.PerformanceRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Both inputs after their check.
 *
 * @param pair the inputs
 * @param findings what breaks a limit; empty when they can be used
 * @param characterFacts what was read from the character; null for an address
 * @param referenceFacts what was read from the reference; null for an address
 */
public record Checked(
    Pair pair,
    List<Finding> findings,
    @Nullable MediaFacts characterFacts,
    @Nullable MediaFacts referenceFacts) {

  /** Copies the list. */
  public Checked {
    findings = List.copyOf(findings);
  }

  /** What the character is; as it is said to be where nothing was read. */
  public CharacterType characterType() {
    boolean video =
        pair.character().source() instanceof Source.Elsewhere elsewhere
            ? elsewhere.video()
            : characterFacts != null && characterFacts.kind() == MediaKind.VIDEO;
    return video ? CharacterType.VIDEO : CharacterType.IMAGE;
  }

  /** What is likely to disappoint when this is asked of them. */
  public List<String> warnings(PerformanceRequest request) {
    var role =
        switch (characterType()) {
          case VIDEO -> MediaRole.CHARACTER_VIDEO;
          case IMAGE -> MediaRole.CHARACTER_IMAGE;
        };
    return MediaWarnings.of(
        new PixelSize(request.ratio().width(), request.ratio().height()),
        request.bodyControl(),
        new Footage(role, pair.character().fileName(), characterFacts),
        new Footage(MediaRole.REFERENCE, pair.reference().fileName(), referenceFacts));
  }
}
