/** How far shards are processed: what is stored of them, and the port of the store. Pure. */
@NullMarked
package dev.millrace.checkpoint;

import org.jspecify.annotations.NullMarked;
