/** Executions of the state machine. */
@NullMarked
package dev.understudy.adapters.stepfunctions;

import org.jspecify.annotations.NullMarked;
