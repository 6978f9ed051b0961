/** What goes wrong, by what the caller can do about it. */
@NullMarked
package dev.understudy.core.errors;

import org.jspecify.annotations.NullMarked;
