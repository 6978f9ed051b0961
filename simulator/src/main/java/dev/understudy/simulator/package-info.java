/** The simulated provider as a program. */
@NullMarked
package dev.understudy.simulator;

import org.jspecify.annotations.NullMarked;
