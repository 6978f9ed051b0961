package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.understudy.core.media.MediaFacts;
import org.jspecify.annotations.Nullable;

/**
 * The delivered video.
 *
 * @param key where it lies in the bucket
 * @param bytes its length
 * @param sha256 of its bytes, hex; null for one that was adopted without being read again
 * @param facts what was read from it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Output(String key, long bytes, @Nullable String sha256, @Nullable MediaFacts facts) {}
