/** The provider's key, from Secrets Manager. */
@NullMarked
package dev.understudy.adapters.secrets;

import org.jspecify.annotations.NullMarked;
