/** The provider over HTTP: CometAPI's two calls, and the download of what it rendered. */
@NullMarked
package dev.understudy.adapters.cometapi;

import org.jspecify.annotations.NullMarked;
