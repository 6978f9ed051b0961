/** What the rules need from outside: the table, the bucket, executions, events, the key, chance. */
@NullMarked
package dev.understudy.core.ports;

import org.jspecify.annotations.NullMarked;
