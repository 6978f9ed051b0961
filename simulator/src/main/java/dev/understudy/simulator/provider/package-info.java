/**
 * The provider's own rules: validation, queue, charges, faults, answers. No network, no files and
 * no clock of its own, so that it also runs inside a simulation with a virtual clock.
 */
@NullMarked
package dev.understudy.simulator.provider;

import org.jspecify.annotations.NullMarked;
