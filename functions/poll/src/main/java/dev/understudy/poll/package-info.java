/** Poll: asks the provider about a task, in its turn. */
@NullMarked
package dev.understudy.poll;

import org.jspecify.annotations.NullMarked;
