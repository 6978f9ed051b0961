/**
 * What the footage is and whether Act-Two takes it: facts by ranged reads, the limits, and the
 * check of the finished video while it streams. Pure: bytes come in through {@link
 * dev.understudy.core.media.ByteSource}.
 */
@NullMarked
package dev.understudy.core.media;

import org.jspecify.annotations.NullMarked;
