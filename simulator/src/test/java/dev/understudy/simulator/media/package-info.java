@NullMarked
package dev.understudy.simulator.media;

import org.jspecify.annotations.NullMarked;
