/** Ordering by S3: the form, the order desk, and what it writes beside the video. */
@NullMarked
package dev.understudy.core.order;

import org.jspecify.annotations.NullMarked;
