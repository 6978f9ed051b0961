/** The performance a person asks for: its fields, their limits, how a form is read and sent. */
@NullMarked
package dev.understudy.core.request;

import org.jspecify.annotations.NullMarked;
