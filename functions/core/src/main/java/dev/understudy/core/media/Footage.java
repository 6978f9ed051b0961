package dev.understudy.core.media;

import org.jspecify.annotations.Nullable;

/**
 * One input of a performance.
 *
 * @param role what it is used as
 * @param name its name without folders, as sentences call it
 * @param facts what was read from it; null when the provider fetches it from the caller's address
 */
public record Footage(MediaRole role, String name, @Nullable MediaFacts facts) {}
