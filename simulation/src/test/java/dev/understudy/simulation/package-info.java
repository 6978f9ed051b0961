/**
 * The whole product on one virtual clock and one seed: the real handlers, rules and state machine
 * over stores in memory and the simulated provider's own logic, with everything going wrong that
 * can, and the invariants looked at after every step.
 */
@NullMarked
package dev.understudy.simulation;

import org.jspecify.annotations.NullMarked;
