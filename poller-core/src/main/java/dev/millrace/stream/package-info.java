/** Shards: order, retry, bisecting, discards, checkpoints and lineage, as pure rules and state. */
@NullMarked
package dev.millrace.stream;

import org.jspecify.annotations.NullMarked;
