/** Persist: copies the finished video into the bucket and checks it on the way. */
@NullMarked
package dev.understudy.persist;

import org.jspecify.annotations.NullMarked;
