/** Telling people: status.json and events, at least once. */
@NullMarked
package dev.understudy.core.announce;

import org.jspecify.annotations.NullMarked;
