@NullMarked
package dev.understudy.simulator;

import org.jspecify.annotations.NullMarked;
