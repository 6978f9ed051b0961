/** The whole product as a user meets it, on a running stack with the simulated provider. */
@NullMarked
package dev.understudy.e2e;

import org.jspecify.annotations.NullMarked;
