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
 * @param blockedAt when it was first refused in a way that may concern every task (401, 403 …)
 * @param sentence the last refusal, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Refusal(Instant first, int count, @Nullable Instant blockedAt, String sentence) {}
