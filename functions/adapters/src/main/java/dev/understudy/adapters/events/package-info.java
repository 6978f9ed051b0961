/** Events about tasks, on EventBridge. */
@NullMarked
package dev.understudy.adapters.events;

import org.jspecify.annotations.NullMarked;
