/** Which call to order a performance is a repeat of an earlier one. */
@NullMarked
package dev.understudy.core.replay;

import org.jspecify.annotations.NullMarked;
