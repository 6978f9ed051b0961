@NullMarked
package dev.understudy.core.media;

import org.jspecify.annotations.NullMarked;
