/**
 * What several functions share: the task and its edges, the request, media rules, money and places,
 * ports, errors.
 */
@NullMarked
package dev.understudy.core;

import org.jspecify.annotations.NullMarked;
