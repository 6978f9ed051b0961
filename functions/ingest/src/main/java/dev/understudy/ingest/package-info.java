/** Ingest: what lies under incoming/ becomes tasks. */
@NullMarked
package dev.understudy.ingest;

import org.jspecify.annotations.NullMarked;
