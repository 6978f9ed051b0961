package dev.understudy.core.task;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.understudy.core.task.Turn.Unrecorded;
import org.jspecify.annotations.Nullable;

/**
 * What the state machine gives a function.
 *
 * @param id the task
 * @param generation the execution's generation of it
 * @param unrecorded an id that is to be written first, or null
 * @param error the name of the error that ended a state; only for Repair
 * @param cause what the error said, cut; only for Repair
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StepInput(
    String id,
    int generation,
    @Nullable Unrecorded unrecorded,
    @Nullable String error,
    @Nullable String cause) {}
