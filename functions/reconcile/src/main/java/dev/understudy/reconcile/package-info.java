/** Reconcile: repairs, admits and announces whatever was left. */
@NullMarked
package dev.understudy.reconcile;

import org.jspecify.annotations.NullMarked;
