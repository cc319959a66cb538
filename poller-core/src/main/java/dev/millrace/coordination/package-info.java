/** The ports between whoever says which shards this node processes and whoever processes them. Pure. */
@NullMarked
package dev.millrace.coordination;

import org.jspecify.annotations.NullMarked;
