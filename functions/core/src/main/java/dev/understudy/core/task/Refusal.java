package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the provider has refused of a task that may still be accepted later.
 *
 * @param first when it was first refused
 * @param count how often
 * @param forbiddenAt when it was first refused with a 403, which may concern every task or only
 *     this one
 * @param sentence the last refusal, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Refusal(Instant first, int count, @Nullable Instant forbiddenAt, String sentence) {}
