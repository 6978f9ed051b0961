/** The stack as a whole: whether it submits, and its places. */
@NullMarked
package dev.understudy.core.stack;

import org.jspecify.annotations.NullMarked;
