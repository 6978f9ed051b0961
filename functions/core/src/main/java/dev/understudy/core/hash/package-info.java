/** Fingerprints. */
@NullMarked
package dev.understudy.core.hash;

import org.jspecify.annotations.NullMarked;
