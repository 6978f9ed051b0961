/**
 * The provider as the rest of the system sees it: what may be sent, what an answer means, how often
 * to ask. Pure: no HTTP types, no clock, no randomness of its own.
 */
@NullMarked
package dev.understudy.core.provider;

import org.jspecify.annotations.NullMarked;
