/**
 * The task: its statuses and edges, its attempts and their money, and every change that may be made
 * to it.
 */
@NullMarked
package dev.understudy.core.task;

import org.jspecify.annotations.NullMarked;
