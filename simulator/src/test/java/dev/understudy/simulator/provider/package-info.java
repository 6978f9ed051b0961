@NullMarked
package dev.understudy.simulator.provider;

import org.jspecify.annotations.NullMarked;
