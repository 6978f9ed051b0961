package dev.understudy.core.inputs;

import dev.understudy.core.task.CallerUris;
import dev.understudy.core.task.Input;
import org.jspecify.annotations.Nullable;

/**
 * Both inputs as the task keeps them.
 *
 * @param character the character
 * @param reference the reference
 * @param callerUris the addresses that are not pinned, or null
 */
public record Pinned(Input character, Input reference, @Nullable CallerUris callerUris) {}
