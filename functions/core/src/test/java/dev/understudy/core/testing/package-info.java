/** Stand-ins for the services, in memory, with their semantics; a virtual clock. */
@NullMarked
package dev.understudy.core.testing;

import org.jspecify.annotations.NullMarked;
