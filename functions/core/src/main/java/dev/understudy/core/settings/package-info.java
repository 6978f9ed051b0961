/** The settings of a stack and the time limits that follow from them. */
@NullMarked
package dev.understudy.core.settings;

import org.jspecify.annotations.NullMarked;
