package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.media.MediaFacts;
import org.jspecify.annotations.Nullable;

/**
 * A character or a reference as it was accepted.
 *
 * @param key where the pinned copy lies in the bucket; null when the caller gave an https address
 * @param name the name it came with, without folders
 * @param facts what was read from it; null when the provider fetches it from the caller's address
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Input(@Nullable String key, String name, @Nullable MediaFacts facts) {}
