/** The server, its routes and the admin API. */
@NullMarked
package dev.understudy.simulator.http;

import org.jspecify.annotations.NullMarked;
