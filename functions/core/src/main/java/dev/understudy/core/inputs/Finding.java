package dev.understudy.core.inputs;

import org.jspecify.annotations.Nullable;

/**
 * A reason why an input cannot be used.
 *
 * @param role whose
 * @param sentence what is wrong and what to do
 * @param ffmpeg the line that would mend the footage, or null
 */
public record Finding(String role, String sentence, @Nullable String ffmpeg) {}
