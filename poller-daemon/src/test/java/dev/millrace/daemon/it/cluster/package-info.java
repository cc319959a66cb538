/** Several daemon processes that share shards and mappings. */
@NullMarked
package dev.millrace.daemon.it.cluster;

import org.jspecify.annotations.NullMarked;
