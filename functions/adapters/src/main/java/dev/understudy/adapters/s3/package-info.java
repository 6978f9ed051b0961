/** The bucket, and addresses of its objects that the provider may read. */
@NullMarked
package dev.understudy.adapters.s3;

import org.jspecify.annotations.NullMarked;
