@NullMarked
package dev.understudy.simulator.http;

import org.jspecify.annotations.NullMarked;
