/** The HTTP API in Runway's own protocol. */
@NullMarked
package dev.understudy.api;

import org.jspecify.annotations.NullMarked;
