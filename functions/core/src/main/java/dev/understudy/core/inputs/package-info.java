/** The two inputs of a performance: what they are, whether they can be used, and their copies. */
@NullMarked
package dev.understudy.core.inputs;

import org.jspecify.annotations.NullMarked;
