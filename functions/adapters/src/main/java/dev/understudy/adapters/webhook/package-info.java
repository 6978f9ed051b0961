/** Webhooks over HTTP. */
@NullMarked
package dev.understudy.adapters.webhook;

import org.jspecify.annotations.NullMarked;
