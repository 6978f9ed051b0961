/** What `make bench` computes on the virtual clock; the tests beside it hold its targets. */
@NullMarked
package dev.understudy.bench;

import org.jspecify.annotations.NullMarked;
