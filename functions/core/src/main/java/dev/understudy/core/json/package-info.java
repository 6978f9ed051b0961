/** How our own documents are written and read as JSON. */
@NullMarked
package dev.understudy.core.json;

import org.jspecify.annotations.NullMarked;
