/** What is counted and measured, for the people who run a stack. */
@NullMarked
package dev.understudy.core.watch;

import org.jspecify.annotations.NullMarked;
