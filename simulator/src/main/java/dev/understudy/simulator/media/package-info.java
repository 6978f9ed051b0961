/** What touches bytes: fetching inputs and building playable videos. */
@NullMarked
package dev.understudy.simulator.media;

import org.jspecify.annotations.NullMarked;
