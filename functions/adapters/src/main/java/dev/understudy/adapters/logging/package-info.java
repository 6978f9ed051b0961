/** One JSON line per log event, without keys, tokens and signed addresses. */
@NullMarked
package dev.understudy.adapters.logging;

import org.jspecify.annotations.NullMarked;
