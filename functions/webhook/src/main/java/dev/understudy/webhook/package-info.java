/** The webhook function: passes each change of a task on to an address of the user's own. */
@NullMarked
package dev.understudy.webhook;

import org.jspecify.annotations.NullMarked;
