/** Submit: the one paid POST of an attempt, at most once. */
@NullMarked
package dev.understudy.submit;

import org.jspecify.annotations.NullMarked;
