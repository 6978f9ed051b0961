/**
 * Walks the state machine's own definition with a virtual clock: what Step Functions would do, one
 * step at a time, in microseconds. Only what the definition uses is understood; anything else is
 * refused when the definition is read, so a walk never passes over a field in silence.
 */
@NullMarked
package dev.understudy.core.statemachine;

import org.jspecify.annotations.NullMarked;
