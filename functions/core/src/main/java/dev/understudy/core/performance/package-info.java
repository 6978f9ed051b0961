/** Ordering a performance through the API: the request, its acceptance, and what repeats it. */
@NullMarked
package dev.understudy.core.performance;

import org.jspecify.annotations.NullMarked;
