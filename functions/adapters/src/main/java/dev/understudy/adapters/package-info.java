/**
 * What the rules need from outside, on AWS and at the provider, and the one place that wires it.
 */
@NullMarked
package dev.understudy.adapters;

import org.jspecify.annotations.NullMarked;
